"""The table of months: what was read and stated of each portal in each month (China's calendar)."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from alerts.exports.source import Row, Rows, Source
from alerts.records.parts import states_told
from alerts.records.queries import CityView
from alerts.records.state_source import StoredStates
from opendata_spiders.store.clock import SHANGHAI
from opendata_spiders.store.collections import SHOWN
from opendata_spiders.store.models import Run, Verdict
from opendata_spiders.store.store import Store

COUNTED: Mapping[str, str] = {
    "dataset.new": "new",
    "dataset.removed": "removed",
    "bulk.deletion": "removed",
    "dataset.unlisted": "unlisted",
    "dataset.reappeared": "reappeared",
    "dataset.updated": "updated",
    "dataset.changed": "updated",
}
"""Kinds of events to the columns that count their datasets."""
_STOPPED = ("city.stopped", "city.stopped_faking")
_RESUMED = "city.resumed"
NOT_STOPPED, UNREAD = "not_stopped", "unread"


@dataclass
class _Month:
    """What is counted of one portal in one month."""

    read: set[date] = field(default_factory=set)
    tried: set[date] = field(default_factory=set)
    last: Run | None = None
    """The month's last complete run."""
    counts: Counter[str] = field(default_factory=Counter)


def rows(source: Source, portals: Iterable[str] | None = None) -> Rows:
    """Every month of every portal (of those with the given ids) from its first run to now, months without a run too."""
    wanted = None if portals is None else set(portals)
    views = {view.portal: view for view in states_told(StoredStates(source.store), source.register)}
    for portal in sorted(source.store.db["runs"].distinct("portal")):
        if wanted is None or portal in wanted:
            yield from _of_portal(source, portal, views.get(portal))


def _of_portal(source: Source, portal: str, view: CityView | None) -> Iterator[Row]:
    months: dict[str, _Month] = defaultdict(_Month)
    slug = ""
    for run in source.store.graded_runs(portal):
        slug, day = run.slug, run.at.astimezone(SHANGHAI).date()
        month = months[f"{day:%Y-%m}"]
        month.tried.add(day)
        if run.verdict is Verdict.COMPLETE:
            month.read.add(day)
            month.last = run
    for name, counts in _counted(source.store, portal).items():
        months[name].counts = counts
    turns = _turns(source.store, portal, view)
    for name in _calendar(min(months), source.now):
        month, after = months[name], _following(name)
        known = [state for at, state in turns if f"{at.astimezone(SHANGHAI):%Y-%m}" < after]
        yield {
            "portal": portal,
            "slug": slug,
            "month": name,
            "nights_read": len(month.read),
            "nights_tried": len(month.tried),
            "seen": month.last.seen if month.last else None,
            "declared": month.last.declared if month.last else None,
            **{column: month.counts[column] for column in dict.fromkeys(COUNTED.values())},
            "state": (known[-1] if known else NOT_STOPPED) if month.read else UNREAD,
        }


def _counted(store: Store, portal: str) -> Mapping[str, Counter[str]]:
    """Datasets by month and column, of the portal's events and those of its parts, without what was withdrawn."""
    match = {"portal": portal, "kind": {"$in": list(COUNTED)}, "_id": {"$nin": _withdrawn(store, portal)}}
    month = {"$dateToString": {"date": "$at", "format": "%Y-%m", "timezone": SHANGHAI.key}}
    datasets = {"$cond": [{"$eq": ["$kind", "bulk.deletion"]}, "$evidence.count", 1]}
    once = {"kind": "$kind", "month": month, "run": "$run", "dataset": "$dataset"}
    pipeline: list[Mapping[str, Any]] = [{"$match": match}, {"$group": {"_id": once, "n": {"$first": datasets}}}]
    found: dict[str, dict[str, dict[tuple[str, str | None], int]]] = defaultdict(lambda: defaultdict(dict))
    for one in store.db["events"].aggregate(pipeline, allowDiskUse=True):
        key = one["_id"]
        # One that is updated and changed in the same reading counts once.
        found[key["month"]][COUNTED[key["kind"]]][(key["run"], key.get("dataset"))] = int(one["n"] or 0)
    return {
        month: Counter({column: sum(counts.values()) for column, counts in columns.items()})
        for month, columns in found.items()
    }


def _withdrawn(store: Store, portal: str) -> list[str]:
    """Ids of the portal's events that were withdrawn."""
    return store.db["events"].distinct(
        "evidence.retracted", {"portal": portal, "evidence.retracted": {"$exists": True}}
    )


def _turns(store: Store, portal: str, view: CityView | None) -> list[tuple[datetime, str]]:
    """When the city stopped and went on, in order; of a city that had stopped before it was watched, from the begin."""
    kinds = {"kind": {"$in": [*_STOPPED, _RESUMED]}, **SHOWN}
    query: dict[str, Any] = {"portal": portal, "owner": {"$in": ["", None]}, **kinds}
    taken = set(_withdrawn(store, portal))
    events = [one for one in store.db["events"].find(query).sort("seq", 1) if one["_id"] not in taken]
    turns = [(one["at"], NOT_STOPPED if one["kind"] == _RESUMED else one["kind"].partition(".")[2]) for one in events]
    began = view.first_observed if view else None
    if turns and turns[0][1] == NOT_STOPPED and began:
        return [(began, "stopped"), *turns]
    if not turns and view and began and view.city == "stopped":
        return [(max(view.since or began, began), "stopped")]
    return turns


def _calendar(first: str, now: datetime) -> Iterator[str]:
    """The months from `first` to that of `now`."""
    last = f"{now.astimezone(SHANGHAI):%Y-%m}"
    while first <= last:
        yield first
        first = _following(first)


def _following(month: str) -> str:
    year, number = int(month[:4]), int(month[5:])
    return f"{year + number // 12}-{number % 12 + 1:02}"
