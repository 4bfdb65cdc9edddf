"""The first page: the sentences of the study with today's figures, the map, the week, the rank, every city's state."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from markupsafe import Markup

from alerts.records.published import newest
from alerts.records.queries import NEWS, CityView, readable
from alerts.scoreboard.rank import CITIES, PROVINCES
from alerts.scoreboard.sentences import number_told
from alerts.site.charts.bars import bounds, sparkline
from alerts.site.charts.tile_map import SHAPES, sign, tile_map
from alerts.site.pages.events_told import ToldEvent, told
from alerts.site.pages.governments_map import map_tiles
from alerts.site.policy import policy
from alerts.site.sources import Sources
from alerts.site.states import ShownState, shown
from alerts.site.tree import Trees
from alerts.site.words import said
from alerts.text.labels import Both
from alerts.text.links import city_path
from alerts.text.statements import place_name, wordings
from opendata_spiders.store.collections import SHOWN
from opendata_spiders.tables import Tables

_WEEK = timedelta(days=7)
_STOPS = ("city.stopped", "city.stopped_faking", "platform.gone", "platform.emptied")
_REMOVALS = ("bulk.deletion", "dataset.removed", "dataset.unlisted")


@dataclass(frozen=True, slots=True)
class FigureCard:
    """One sentence of the study with today's figure."""

    code: str
    name: Both
    range: Both
    """The figure, or its bounds, in a few signs."""
    says: Both
    bar: Markup | None
    """The bounds of a share; None for any other figure."""
    line: Markup
    first: Mapping[str, Any] | None
    """The studies' first and last value."""
    last: Mapping[str, Any] | None
    kind: str


@dataclass(frozen=True, slots=True)
class CityLine:
    """One city in the list of all."""

    name: Both
    state: ShownState
    path: str
    """Of its page; empty without one."""
    days_silent: int | None
    note: Both | None


@dataclass(frozen=True, slots=True)
class Week:
    """What was stated within seven days, and how many more there were."""

    events: Sequence[ToldEvent]
    more: int


@dataclass(frozen=True, slots=True)
class RankTable:
    """The best and the last places of one rank."""

    name: str
    best: Sequence[Mapping[str, Any]]
    last: Sequence[Mapping[str, Any]]
    total: int


def put(trees: Trees, sources: Sources) -> None:
    """Put the page into both trees."""
    found = map_tiles(sources)
    counts = {shape: sum(one.shape == shape for tile in found.values() for one in tile.squares) for shape in SHAPES}
    lines = city_lines(sources)
    trees.put(
        "index.html",
        "overview.html.j2",
        title=said("name"),
        section="overview",
        made=sources.now,
        read_at=sources.last_reading,
        cards=[_card(code, sources.board["figures"][code], sources.now) for code in _codes()],
        map=tile_map(found, ""),
        shapes=[(shape, sign(shape), counts[shape]) for shape in SHAPES],
        stops=_week(sources, _STOPS),
        removals=_week(sources, _REMOVALS),
        ranks=[_rank(name, sources) for name in (PROVINCES, CITIES)],
        keeps=_keeps(sources),
        lines=lines,
        stale=any(one.state.stale for one in lines),
        latest=told(newest(sources.store, policy().overview_events), sources),
    )


@cache
def _codes() -> tuple[str, ...]:
    """The figures of the overview, in order (overview_figures.csv)."""
    return tuple(row["code"] for row in Tables("alerts.site").rows("overview_figures"))


def _card(code: str, figure: Mapping[str, Any], now: datetime) -> FigureCard:
    low, high, studies = figure["low"], figure["high"], figure["studies"]
    known = bool(figure["denominator"])
    share = figure["kind"] == "share"
    today = (_year(now.date()), low, low if high is None else high) if known and low is not None else None
    return FigureCard(
        code=code,
        name=Both(figure["zh"], figure["en"]),
        range=_range(figure) if known else Both.same("?"),
        says=Both(**figure["says"]),
        bar=bounds(low if known else None, high if known else None) if share else None,
        line=sparkline([(_year(_begun(one["date"])), one["value"]) for one in studies], today),
        first=studies[0] if len(studies) > 1 else None,
        last=studies[-1] if studies else None,
        kind=figure["kind"],
    )


def _range(figure: Mapping[str, Any]) -> Both:
    """Both bounds, or one number where they are equal; a sum with unknown cases has no upper bound."""
    low, high, kind = figure["low"], figure["high"], figure["kind"]
    if low is None:
        return Both.same("?")
    if kind == "share":
        ends = dict.fromkeys(str(number_told(end, kind)) for end in (low, 1.0 if high is None else high))
        return Both.same(f"{'–'.join(ends)} %")
    least = "≥ " if high is None and figure["unknown"] else ""
    return Both(*(f"{least}{words.number(number_told(low, kind))}" for words in wordings()))


def _begun(written: str) -> date:
    """The first day of a date as the studies' table writes it: a year, a month or a day."""
    return date.fromisoformat(f"{written}-01-01"[:10] if len(written) < 7 else f"{written}-01"[:10])


def _year(day: date) -> float:
    return day.year + (day.timetuple().tm_yday - 1) / 366


def city_lines(sources: Sources) -> list[CityLine]:
    """Every city with its state: the most severe first, then the longest silence; stale ones come last."""
    return sorted(
        (_line(view, sources) for view in sources.cities),
        key=lambda one: (one.state.rank, -(one.days_silent or 0), one.name.en),
    )


def _line(view: CityView, sources: Sources) -> CityLine:
    return CityLine(
        name=place_name(view.slug, sources.places),
        state=shown(view, sources.now),
        path=city_path(view.slug) if view.slug in sources.made else "",
        days_silent=view.days_silent,
        note=sources.note(view),
    )


def _week(sources: Sources, kinds: Sequence[str]) -> Week:
    week = {"at": {"$gt": sources.now - _WEEK, "$lte": sources.now}}
    query = {**NEWS, **SHOWN, "kind": {"$in": list(kinds)}, **week}
    found = readable(sources.store.db["events"].find(query).sort("seq", -1))
    valid = [one for one in found if not sources.withdrawals.at(one.id)]
    lines = told(valid[: policy().overview_week], sources)
    return Week(lines, len(valid) - len(lines))


def _rank(name: str, sources: Sources) -> RankTable:
    rows = [_ranked(one, sources) for one in sources.board["rank"][name]]
    most = policy().overview_rank
    return RankTable(name, rows[:most], rows[most:][-most:], len(rows))


def _keeps(sources: Sources) -> list[Mapping[str, Any]]:
    """The cities that kept at it longest, those of which enough was observed for a score."""
    rows = [one for one in sources.board["perseverance"]["rows"] if one["score"] is not None]
    return [_ranked(one, sources) for one in rows[: policy().overview_rank]]


def _ranked(one: Mapping[str, Any], sources: Sources) -> Mapping[str, Any]:
    slug = one["slug"]
    path = city_path(slug) if slug in sources.made else ""
    return {**one, "name": place_name(slug, sources.places), "path": path}
