"""Deletes what grows with time alone: counters, file checks, reports of nights, searches without an answer."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from alerts.engine.checkpoints import FoldOf, checkpoints_of
from alerts.upkeep.policy import UpkeepPolicy, month_of, months_before
from alerts.upkeep.references import named_in_events, named_in_memory
from opendata_spiders.store.content import batches
from opendata_spiders.store.store import Store

_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Ageing:
    """What is looked through, as of when, by which policy."""

    store: Store
    now: datetime
    """Domain time (UTC)."""
    policy: UpkeepPolicy


def outdated(ageing: Ageing) -> dict[str, list[str]]:
    """Ids of what has become too old, by collection. Writes nothing."""
    return {name: list(rule(ageing)) for name, rule in _RULES.items()}


def drop_outdated(ageing: Ageing) -> dict[str, int]:
    """Delete it; returns how many by collection."""
    dropped: dict[str, int] = {}
    for name, ids in outdated(ageing).items():
        collection = ageing.store.db[name]
        found = (collection.delete_many({"_id": {"$in": batch}}).deleted_count for batch in batches(ids, _AT_ONCE))
        dropped[name] = sum(found)
    return dropped


def _counters(ageing: Ageing) -> Iterator[str]:
    """All but the first week of each month of a portal."""
    before, months = months_before(ageing.now, ageing.policy.counters_months), set[tuple[str, str]]()
    fields = {"portal": 1, "at": 1}
    for found in ageing.store.db["counters"].find({"at": {"$lt": before}}, fields).sort([("portal", 1), ("at", 1)]):
        month = found["portal"], month_of(found["at"])
        if month in months:
            yield found["_id"]
        months.add(month)


def _rounds(ageing: Ageing) -> Iterator[str]:
    """Rounds that were folded before the last old checkpoint and that nothing names, but for the first of a month."""
    before = months_before(ageing.now, ageing.policy.rounds_months)
    for portal in ageing.store.db["file_states"].distinct("_id"):
        base = [one.seq for one in checkpoints_of(ageing.store, FoldOf.ROUNDS, portal) if one.at < before]
        if not base:
            continue
        query = {"portal": portal, "at": {"$lt": before}, "seq": {"$lte": base[-1]}}
        old = list(ageing.store.db["file_rounds"].find(query, {"at": 1}).sort("seq", 1))
        firsts = {month_of(one["at"]): one["_id"] for one in reversed(old)}
        wanted = {one["_id"] for one in old} - set(firsts.values())
        if wanted:
            wanted -= named_in_events(ageing.store, portal, wanted, since=old[0]["at"])
            wanted -= named_in_memory(ageing.store, portal, wanted)
        yield from sorted(wanted)


def _nights(ageing: Ageing) -> Iterator[str]:
    """All but those in which our own connection failed."""
    before = months_before(ageing.now, ageing.policy.nights_months)
    yield from _ids(ageing, "nights", {"at": {"$lt": before}, "uplink_suspect": {"$ne": True}})


def _looks(ageing: Ageing) -> Iterator[str]:
    """Those without an answer."""
    before = months_before(ageing.now, ageing.policy.looks_months)
    unanswered = {"entries": None, "products": None}
    yield from _ids(ageing, "national_looks", {"at": {"$lt": before}, **unanswered})


def _ids(ageing: Ageing, name: str, query: Mapping[str, Any]) -> Iterator[str]:
    return (found["_id"] for found in ageing.store.db[name].find(query, {"_id": 1}))


_RULES: Mapping[str, Callable[[Ageing], Iterator[str]]] = {
    "counters": _counters,
    "file_rounds": _rounds,
    "nights": _nights,
    "national_looks": _looks,
}
