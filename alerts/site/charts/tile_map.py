"""The provinces as squares of one size in rough position (tiles.csv), each a mosaic of its governments by state.

No border is drawn, and a large empty province weighs no more than a small one. Hong Kong, Macao and Taiwan are not
among the 364 governments: their squares are empty.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from markupsafe import Markup

from alerts.site.charts.svg import element
from alerts.site.words import say
from alerts.text.labels import Both
from alerts.text.wording import LANGUAGES
from opendata_spiders.tables import Tables

_TILE, _STEP = 66, 70
_ACROSS, _ACROSS_STEP, _DOWN_STEP = 5, 11.4, 10.2
"""Squares in a row of a tile, and their distances."""


@dataclass(frozen=True, slots=True)
class TileRow:
    """One row of tiles.csv; names only of those that the register does not hold."""

    column: int
    row: int
    code: str
    """ISO 3166-2, for English names on a narrow screen."""
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class MapSquare:
    """One government on the map."""

    name: Both
    shape: str
    """good, warn, bad, unjudged, unread, none or unknown."""
    state: Both
    path: str
    """Of its page; empty without one."""


@dataclass(frozen=True, slots=True)
class MapTile:
    """One province."""

    name: Both
    squares: Sequence[MapSquare]
    path: str
    """Of the page that lists its governments."""


@cache
def tiles() -> Mapping[str, TileRow]:
    """The position of each province by adcode. Raises TableError."""
    return Tables("alerts.site.charts").records(TileRow, "tiles", "adcode")


_SHAPES: Mapping[str, tuple[Markup, ...]] = {
    "good": (element("rect", class_="good", width=9, height=9),),
    "warn": (
        element("rect", class_="warn line", x=0.6, y=0.6, width=7.8, height=7.8),
        element("path", class_="warn", d="M0 9V0L9 9z"),
    ),
    "bad": (
        element("rect", class_="bad", width=9, height=9),
        element("path", class_="cut", d="M2.2 2.2l4.6 4.6M6.8 2.2l-4.6 4.6"),
    ),
    "unjudged": (element("path", class_="unknown line", d="M4.5 .8L8.2 4.5 4.5 8.2 .8 4.5z"),),
    "unread": (element("rect", class_="unknown line", x=0.8, y=0.8, width=7.4, height=7.4),),
    "none": (element("circle", class_="unknown line", cx=4.5, cy=4.5, r=2.6),),
    "unknown": (element("circle", class_="unknown", cx=4.5, cy=4.5, r=1.3),),
}
"""Each state by form as well as by colour, nine units wide."""
SHAPES = tuple(_SHAPES)


def sign(shape: str) -> Markup:
    """One shape by itself, for the legend."""
    return element("svg", *_SHAPES[shape], class_="sign", viewBox="0 0 9 9", aria_hidden="true")


def tile_map(found: Mapping[str, MapTile], root: str) -> Both:
    """The map of these provinces by adcode; `root` leads from the page to the language's tree."""
    return Both(*(_drawn(found, root, language) for language in LANGUAGES))


def _drawn(found: Mapping[str, MapTile], root: str, language: str) -> Markup:
    columns, rows = (1 + max(edges) for edges in zip(*((one.column, one.row) for one in tiles().values()), strict=True))
    return element(
        "svg",
        *(_tile(one, found.get(adcode), root, language) for adcode, one in tiles().items()),
        class_="map",
        role="group",
        aria_label=say(language, "map.title"),
        viewBox=f"0 0 {columns * _STEP} {rows * _STEP}",
    )


def _tile(place: TileRow, tile: MapTile | None, root: str, language: str) -> Markup:
    name = (tile.name if tile else Both(place.zh, place.en)).of(language)
    short = name if language == "zh" else place.code
    shown = [
        element("text", text, class_=f"name {kind}", x=4, y=11) for kind, text in (("long", name), ("short", short))
    ]
    return element(
        "g",
        element("rect", class_="tile", width=_TILE, height=_TILE, rx=3),
        element("a", *shown, href=f"{root}{tile.path}", aria_label=name) if tile else element("g", *shown),
        *(_square(number, one, root, language) for number, one in enumerate(tile.squares if tile else ())),
        transform=f"translate({place.column * _STEP + 1} {place.row * _STEP + 1})",
    )


def _square(number: int, one: MapSquare, root: str, language: str) -> Markup:
    row, column = divmod(number, _ACROSS)
    told = f"{one.name.of(language)}: {one.state.of(language)}"
    place = f"translate({round(5 + column * _ACROSS_STEP, 1)} {round(14.5 + row * _DOWN_STEP, 1)})"
    drawn = element("g", element("title", told), *_SHAPES[one.shape], transform=place)
    return element("a", drawn, href=f"{root}{one.path}", aria_label=told) if one.path else drawn
