"""The events that the site shows: those that have a page."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from pymongo import ASCENDING, DESCENDING

from alerts.model.events import Event, part_id
from alerts.model.sections import concerns
from alerts.records.queries import NEWS, of_part, readable
from alerts.text.links import has_page
from opendata_spiders.store.collections import SHOWN
from opendata_spiders.store.store import Store


def newest(store: Store, count: int, portals: Sequence[str] | None = None, *, part: str | None = None) -> list[Event]:
    """The last news that has a page, of these portals with all their parts, of one part or of all, newest first."""
    return _newest(store, count, {**NEWS, **SHOWN}, portals, part)


def newest_with_history(store: Store, count: int, part: str) -> list[Event]:
    """The same of one part, imported history included."""
    return _newest(store, count, {**SHOWN}, None, part)


def _newest(
    store: Store, count: int, query: dict[str, Any], portals: Sequence[str] | None, part: str | None
) -> list[Event]:
    if portals is not None:
        query["portal"] = {"$in": list(portals)}
    if part is not None:
        query |= of_part(part)
    found = readable(store.db["events"].find(query).sort("seq", DESCENDING))
    return list(islice(filter(has_page, found), count))


def all_after(store: Store, seq: int) -> Iterator[Event]:
    """Every event with a page and a larger seq, in order of writing, one at a time."""
    query = {"seq": {"$gt": seq}, **SHOWN}
    return filter(has_page, readable(store.db["events"].find(query).sort("seq", ASCENDING)))


def by_ids(store: Store, ids: Sequence[str]) -> Iterator[Event]:
    """The events of these ids that have a page."""
    return filter(has_page, readable(store.db["events"].find({"_id": {"$in": list(ids)}})))


def ids_up_to(store: Store, seq: int) -> Iterator[str]:
    """Ids of the events up to this seq that may have a page."""
    query = {"seq": {"$lte": seq}, **SHOWN}
    return (str(one["_id"]) for one in store.db["events"].find(query, {"_id": 1}))


def of_datasets(store: Store, part: str) -> Iterator[Event]:
    """The events about single datasets of a portal itself or of one part of it, quiet ones too, in order of writing."""
    query = {**of_part(part), "dataset": {"$ne": None}}
    found = readable(store.db["events"].find(query).sort("seq", ASCENDING))
    return (event for event in found if concerns("reader", event.kind))


def of_kinds(store: Store, kinds: Sequence[str]) -> Iterator[Event]:
    """The events of these kinds that have a page, in order of writing."""
    query = {"kind": {"$in": list(kinds)}, **SHOWN}
    return filter(has_page, readable(store.db["events"].find(query).sort("seq", ASCENDING)))


def last_seqs(store: Store) -> dict[str, int]:
    """The seq of the last event of every portal itself and of every part of one."""
    by = {"_id": {"portal": "$portal", "owner": "$owner"}, "seq": {"$max": "$seq"}}
    found = store.db["events"].aggregate([{"$group": by}])
    return {part_id(one["_id"]["portal"], one["_id"].get("owner") or ""): one["seq"] for one in found}
