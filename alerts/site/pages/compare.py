"""All cities side by side, one page for each column that they can be ordered by."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from alerts.records.queries import CityView
from alerts.site.sources import Sources
from alerts.site.states import ShownState, shown
from alerts.site.tree import Trees
from alerts.site.words import said
from alerts.text.labels import Both
from alerts.text.links import city_path
from alerts.text.statements import place_name


@dataclass(frozen=True, slots=True)
class ComparedCity:
    """One city's line; None means unknown."""

    name: Both
    path: str
    state: ShownState
    silent: int | None
    looked: datetime | None
    tried: datetime | None
    """Time of the last run if it was not complete."""
    verdict: str
    datasets: int
    kept: float | None
    """Share of the promises that were judged."""
    overdue: int
    themes: int | None
    key: int | None
    sound: float | None
    score: float | None


_ORDERS: Mapping[str, Callable[[ComparedCity], tuple[object, ...]]] = {
    "state": lambda one: (one.state.rank, -(one.silent or 0)),
    "silent": lambda one: (one.silent is None, -(one.silent or 0)),
    "looked": lambda one: (one.looked is None, -one.looked.timestamp() if one.looked else 0),
    "datasets": lambda one: (-one.datasets,),
    "kept": lambda one: (one.kept is None, -(one.kept or 0)),
    "overdue": lambda one: (-one.overdue,),
    "themes": lambda one: (one.themes is None, -(one.themes or 0)),
    "key": lambda one: (one.key is None, -(one.key or 0)),
    "sound": lambda one: (one.sound is None, -(one.sound or 0)),
    "score": lambda one: (one.score is None, -(one.score or 0)),
}
"""The columns, in order, and how the cities are sorted by each; what is not known comes last."""
COLUMNS = tuple(_ORDERS)


def path_of(column: str) -> str:
    """Path of the page ordered by a column."""
    return "compare/index.html" if column == COLUMNS[0] else f"compare/by-{column}.html"


def put(trees: Trees, sources: Sources) -> None:
    """Put every order into both trees."""
    cities = compared(sources)
    stale = any(one.state.stale for one in cities)
    for column in COLUMNS:
        trees.put(
            path_of(column),
            "compare.html.j2",
            title=said("compare.title"),
            section="compare",
            cities=sorted(cities, key=lambda one: (*_ORDERS[column](one), one.name.en)),
            columns=[(name, path_of(name)) for name in COLUMNS],
            ordered=column,
            stale=stale,
        )


def compared(sources: Sources) -> Sequence[ComparedCity]:
    """The lines of all cities, by slug."""
    scores = {one["slug"]: one["score"] for name in ("provinces", "cities") for one in sources.board["rank"][name]}
    return [_line(view, sources, scores) for view in sources.cities]


def _line(view: CityView, sources: Sources, scores: Mapping[str, float]) -> ComparedCity:
    row = sources.measured.get(view.portal)
    kept = row["promises"] if row else None
    failed = view.last_at != view.last_complete_at
    return ComparedCity(
        name=place_name(view.slug, sources.places),
        path=city_path(view.slug) if view.slug in sources.made else "",
        state=shown(view, sources.now),
        silent=view.days_silent,
        looked=view.last_complete_at,
        tried=view.last_at if failed else None,
        verdict=view.last_verdict.value if failed and view.last_verdict else "",
        datasets=view.counts.get("known", 0),
        kept=kept["share"] if kept else None,
        overdue=view.counts.get("overdue", 0) + view.counts.get("delinquent", 0),
        themes=len(row["themes_content"]) if row else None,
        key=sum(row["range"][one["code"]] > 0 for one in sources.board["kinds"] if one["key"]) if row else None,
        sound=row["sound"] / row["own"] if row and row["own"] else None,
        score=scores.get(view.slug),
    )
