"""Prints what a year cost, and, of a smaller one, what a whole one of the country comes to by proportion."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from rich.console import Console
from rich.table import Table

from opendata_spiders.store import collections
from opendata_spiders.store.store import Store
from tests.year.play import Plan, Played
from tests.year.questions import Answer

WHOLE = Plan(portals=257, datasets=500_000, nights=365, seed=0, processes=2, readers=8)
"""The country, and the year that is aimed at."""
_GOAL_GB = 20
_LATE = 0.3
"""Share of the nights, the last ones, whose growth is taken for that of the years after."""


@dataclass(frozen=True, slots=True)
class Collection:
    """One collection on disk, in MB."""

    name: str
    documents: int
    data: float
    stored: float
    indexes: float


def measured(store: Store) -> list[Collection]:
    """Every collection that holds something, the largest first."""
    # Sizes on disk are those of the last checkpoint, which this makes.
    store.db.client.admin.command("fsync")
    found = []
    for name in (*collections.OF_THE_CRAWL, *collections.OF_ALERTS):
        one = store.db.command("collStats", name)
        if one["count"]:
            sizes = (one[key] / 1e6 for key in ("size", "storageSize", "totalIndexSize"))
            found.append(Collection(name, one["count"], *sizes))
    return sorted(found, key=lambda one: -(one.stored + one.indexes))


def show(played: Played, held: Sequence[Collection], after: Sequence[Collection], asked: Iterable[Answer]) -> None:
    """Print everything; `held` and `after`: the collections before and after the retention, if that was run."""
    console, plan = Console(width=120), played.plan
    console.print(_sizes(held, f"{plan.portals} portals, {plan.datasets:,} datasets, {plan.nights} nights"))
    if after:
        console.print(_sizes(after, "after `alerts prune`"))
    console.print(_costs(played))
    console.print(_answers(asked))
    for line in _sentences(played, held):
        console.print(line)


def _sizes(held: Sequence[Collection], title: str) -> Table:
    rows = [(one.name, f"{one.documents:,}", *map(_mb, (one.data, one.stored, one.indexes))) for one in held]
    sums = (sum(getattr(one, name) for one in held) for name in ("data", "stored", "indexes"))
    return _table(
        title, ("collection", "documents", "data MB", "on disk MB", "indexes MB"), [*rows, ("", "", *map(_mb, sums))]
    )


def _costs(played: Played) -> Table:
    steps: Mapping[str, float] = {**played.costs.seconds, "the database itself": played.database_s}
    nights = played.plan.nights
    rows = [
        (step, f"{used / 60:.1f}", f"{used / nights:.2f}")
        for step, used in sorted(steps.items(), key=lambda pair: -pair[1])
    ]
    return _table("CPU", ("step", "minutes", "seconds a night"), rows)


def _answers(asked: Iterable[Answer]) -> Table:
    rows = [(one.question, f"{one.wall_s:.2f}", f"{one.cpu_s:.2f}", f"{one.peak_mb:.0f}") for one in asked]
    return _table("Asked at the end", ("question", "seconds", "CPU s", "peak MB"), rows)


def _table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    made = Table(title=title)
    for number, column in enumerate(columns):
        made.add_column(column, justify="right" if number else "left", overflow="fold")
    for row in rows:
        made.add_row(*row)
    return made


def _sentences(played: Played, held: Sequence[Collection]) -> list[str]:
    plan, last = played.plan, played.sizes[-1]
    late = [one for one in played.sizes[:-1] if one.night < (1 - _LATE) * plan.nights][-1]
    nights = max(1, last.night - late.night)
    grown, data = (last.disk - late.disk) / nights, (last.data - late.data) / nights
    minutes = sum(played.night_s) / 60
    done = ", ".join(f"{count:,} {name}" for name, count in sorted(played.costs.done.items()))
    peaks = ", ".join(f"{name} {megabytes:,.0f} MB" for name, megabytes in sorted(played.peak_mb.items()))
    said = [
        f"Written: {done}.",
        f"Nights: first {played.night_s[0]:.1f} s, median {median(played.night_s):.1f} s, all {minutes:.1f} min.",
        f"Growth over the last {nights} nights: {grown / 1e6:.2f} MB a night on disk ({data / 1e6:.2f} MB of documents).",
        f"Peak memory: {peaks}.",
    ]
    if (plan.portals, plan.datasets, plan.nights) != (WHOLE.portals, WHOLE.datasets, WHOLE.nights):
        said.append(_whole(played, held, grown))
    return said


def _whole(played: Played, held: Sequence[Collection], grown: float) -> str:
    """The year of the country, by proportion: what the first night leaves and what each later one adds, by datasets."""
    scale = WHOLE.datasets / played.plan.datasets
    first = played.sizes[0].disk * scale / 1e9
    year = first + grown * scale * (WHOLE.nights - 1) / 1e9
    used = sum(played.costs.seconds.values()) + played.database_s
    hours = used * scale * WHOLE.nights / played.plan.nights / 3600
    largest = " and ".join(one.name for one in held[:2])
    return (
        f"Not run, worked out by proportion: {WHOLE.portals} portals, {WHOLE.datasets:,} datasets and {WHOLE.nights} nights "
        f"would take {year:.1f} GB (goal: < {_GOAL_GB}), {first:.1f} of them after the first night, and {hours:.1f} CPU "
        f"hours; most of what was measured lies in {largest}."
    )


def _mb(megabytes: float) -> str:
    return f"{megabytes:,.1f}"
