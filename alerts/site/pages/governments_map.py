"""The governments on the map: each with the most severe state of its portals, or what else is known of it."""

from collections.abc import Mapping
from typing import Any

from alerts.model.events import owner_of, portal_of
from alerts.records.queries import CityView
from alerts.site.charts.tile_map import MapSquare, MapTile, tiles
from alerts.site.sources import Sources
from alerts.site.states import shown
from alerts.site.words import said
from alerts.text.labels import Both
from alerts.text.links import city_path


def map_tiles(sources: Sources) -> dict[str, MapTile]:
    """The provinces of the map by adcode, each with its governments in the order of the register."""
    views = _by_government(sources)
    squares: dict[str, list[MapSquare]] = {}
    for place in sources.board["places"]:
        squares.setdefault(f"{place['adcode'][:2]}0000", []).append(_square(place, views.get(place["adcode"]), sources))
    governments = sources.register.governments
    return {
        adcode: MapTile(
            Both(governments[adcode].short_zh, governments[adcode].name_en),
            squares[adcode],
            f"coverage.html#p{adcode}",
        )
        for adcode in tiles()
        if adcode in governments
    }


def _by_government(sources: Sources) -> dict[str, CityView]:
    """The most severe state of the portals of each government by adcode."""
    found: dict[str, CityView] = {}
    for view in sources.paged.values():
        row = sources.rows.get(view.portal) or sources.rows.get(portal_of(view.portal))
        adcode = owner_of(view.portal) or (row.government if row else None)
        if adcode and (adcode not in found or shown(view, sources.now).rank < shown(found[adcode], sources.now).rank):
            found[adcode] = view
    return found


def _square(place: Mapping[str, Any], view: CityView | None, sources: Sources) -> MapSquare:
    name = Both(place["zh"], place["en"])
    if view is None:
        # A government whose portal nobody tells of is unread, even if its standing says that it was found empty.
        standing = "known" if place["standing"] == "read" else place["standing"]
        shape = "unread" if standing == "known" else standing
        return MapSquare(name, shape, said(f"map.{shape}"), "")
    state = shown(view, sources.now)
    path = city_path(view.slug) if view.slug in sources.made else ""
    return MapSquare(name, "unjudged" if state.tone == "unknown" else state.tone, state.words, path)
