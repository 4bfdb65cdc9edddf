"""Loads and commits events and states: one transaction per run or round commits the result of its fold, or nothing.

Only more events than one transaction holds take several; the last of them commits the state.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Protocol

from pymongo import DeleteOne, ReplaceOne, ReturnDocument
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from alerts.engine.file_fold import FilesFolded
from alerts.engine.fold import Folded
from alerts.model.catalogue_dates import dates_document, dates_of
from alerts.model.events import Event
from alerts.model.file_states import FileMemory, memory_document, memory_of
from alerts.model.habits import Habit, Habits
from alerts.model.states import (
    DatasetState,
    Memory,
    PortalState,
    Summary,
    bucket_document,
    bucket_id,
    habits_document,
    habits_of,
    portal_document,
    portal_state,
)
from alerts.records.kept_habits import StoredHabits
from alerts.records.queries import missing_datasets
from opendata_spiders.store import collections
from opendata_spiders.store.codec import from_document, to_document
from opendata_spiders.store.content import batches
from opendata_spiders.store.manifests import bucket
from opendata_spiders.store.store import Store

EVENTS_AT_ONCE = 5_000
"""Events per transaction: the embedded database refuses one that fills its cache, as about 16,000 do."""
_SEQUENCE = "events"
_ONE_EACH = "dataset_states"
"""Collection of earlier versions."""


class RaceLostError(Exception):
    """Raised when another process committed first: load its result and go on from there."""


def prepare(store: Store) -> None:
    """Create the collections of `alerts`, their indexes and the counter of events; repeating is harmless."""
    collections.create(store.db, collections.OF_ALERTS)
    if _ONE_EACH in store.db.list_collection_names():
        _pack_missing(store)
    for one in store.db["habits"].find({"portal": None}):
        store.transact(partial(_divide_habits, store, one))
    store.db["sequences"].update_one({"_id": _SEQUENCE}, {"$setOnInsert": {"n": 0}}, upsert=True)


def _pack_missing(store: Store) -> None:
    """Move the states of missing datasets from the collection that held a document for each into packed ones.

    The old collection goes last: a command that ends on the way leaves the next one to begin again.
    """
    old = store.db[_ONE_EACH]
    for part in old.distinct("portal"):
        states = {row["dataset"]: from_document(DatasetState, row) for row in old.find({"portal": part})}
        store.transact(partial(_put_datasets, store, part, states, states))
    old.drop()


def _divide_habits(store: Store, old: Mapping[str, Any], session: ClientSession) -> None:
    """Put the habits that one document held for a whole portal into a document for each bucket."""
    habits = Habits(learnt=habits_of(old))
    _put_buckets(store, old["_id"], habits.in_buckets(map(bucket, habits)), session)
    store.db["habits"].delete_one({"_id": old["_id"]}, session=session)


def load(store: Store, portal: str) -> Memory:
    """The memory of a portal; empty for one never folded."""
    found = store.db["states"].find_one({"_id": portal})
    if found is None:
        return Memory(PortalState(portal, ""))
    state = portal_state(found)
    habits = Habits(StoredHabits(store, portal) if state.learnt else None)
    dates = dates_of(store.db["catalogue_dates"].find_one({"_id": portal}))
    return Memory(state, {one.dataset: one for one in missing_datasets(store, portal)}, habits, dates)


def commit(
    store: Store,
    before: Memory,
    folded: Folded,
    shown: Summary,
    also: Callable[[ClientSession], None] | None = None,
) -> list[Event]:
    """Write the fold of a run; returns the events that are new, with their seq.

    `also` writes in the same transaction. Raises RaceLostError if another process committed first.
    """
    after, portal = folded.memory, folded.memory.state.portal

    def beside(session: ClientSession) -> None:
        _put_datasets(store, portal, after.datasets, folded.touched, session)
        _put_habits(store, portal, before.habits, after.habits, session)
        if after.dates is not before.dates:
            dates = dates_document(portal, after.dates)
            store.db["catalogue_dates"].replace_one({"_id": portal}, dates, upsert=True, session=session)
        if also is not None:
            also(session)

    return _commit(store, "states", before.state, portal_document(after.state, shown), folded.events, beside)


def load_files(store: Store, portal: str) -> FileMemory:
    """The memory of the files of a portal's watched datasets; empty for a portal without a folded round."""
    return memory_of(portal, store.db["file_states"].find_one({"_id": portal}))


def commit_files(
    store: Store, before: FileMemory, folded: FilesFolded, also: Callable[[ClientSession], None] | None = None
) -> list[Event]:
    """Write the fold of a round; returns the events that are new.

    `also` writes in the same transaction. Raises RaceLostError if another process committed first.
    """
    return _commit(store, "file_states", before, memory_document(folded.memory), folded.events, also)


class _Believed(Protocol):
    """What identifies a state for optimistic locking: how far it was folded, and how often corrected."""

    @property
    def last_seq(self) -> int: ...
    @property
    def corrections(self) -> int: ...


def _commit(  # noqa: PLR0913, PLR0917 -- where, what was there, what is to be there, and what goes along
    store: Store,
    name: str,
    before: _Believed,
    document: dict[str, Any],
    events: tuple[Event, ...],
    beside: Callable[[ClientSession], None] | None = None,
) -> list[Event]:
    """Replace a portal's state in the collection `name` and insert the events, in one transaction.

    The counter of events is raised inside it, so that no event ever appears behind a cursor. More events than one
    transaction holds are inserted in several, and the state is replaced in the last: if the process ends in between,
    the next diff inserts the rest. Raises RaceLostError.
    """
    states, parts = store.db[name], list(batches(events, EVENTS_AT_ONCE)) or [[]]
    known = {
        "_id": document["_id"],
        "last_seq": before.last_seq,
        "corrections": before.corrections or {"$in": [0, None]},
    }

    def state_some(session: ClientSession, part: Sequence[Event]) -> list[Event]:
        if before.last_seq and states.find_one(known, {"_id": 1}, session=session) is None:
            raise RaceLostError
        return put_events(store, part, session)

    def finish(session: ClientSession) -> list[Event]:
        try:
            if before.last_seq == 0:
                states.insert_one(document, session=session)
            elif states.replace_one(known, document, session=session).matched_count == 0:
                raise RaceLostError
        except DuplicateKeyError:
            raise RaceLostError from None
        if beside is not None:
            beside(session)
        return put_events(store, parts[-1], session)

    first = [one for part in parts[:-1] for one in store.transact(partial(state_some, part=part))]
    return [*first, *store.transact(finish)]


def _put_datasets(
    store: Store, part: str, states: Mapping[str, DatasetState], touched: Iterable[str], session: ClientSession
) -> None:
    """Write the buckets of the touched datasets: one transaction holds those of any catalogue."""
    buckets = {bucket(name): list[DatasetState]() for name in touched}
    for name, state in states.items() if buckets else ():
        if (place := bucket(name)) in buckets:
            buckets[place].append(state)
    writes: list[DeleteOne | ReplaceOne[dict[str, Any]]] = []
    for place, held in buckets.items():
        key = {"_id": bucket_id(part, place)}
        writes.append(ReplaceOne(key, bucket_document(part, place, held), upsert=True) if held else DeleteOne(key))
    if writes:
        store.db["missing_datasets"].bulk_write(writes, ordered=False, session=session)


def _put_habits(store: Store, part: str, before: Habits, after: Habits, session: ClientSession) -> None:
    """Write the buckets of the habits that differ; all of them, where the habits were derived anew."""
    if after.kept is not before.kept:
        store.db["habits"].delete_many({"portal": part}, session=session)
        before = Habits()
    changed = [
        name for name, one in after.learnt.items() if name not in before.learnt or before.learnt[name] is not one
    ]
    _put_buckets(store, part, after.in_buckets(map(bucket, changed)), session)


def _put_buckets(store: Store, part: str, buckets: Mapping[str, Mapping[str, Habit]], session: ClientSession) -> None:
    writes = [
        ReplaceOne({"_id": bucket_id(part, place)}, habits_document(part, place, habits), upsert=True)
        for place, habits in buckets.items()
    ]
    if writes:
        store.db["habits"].bulk_write(writes, ordered=False, session=session)


def put_events(store: Store, events: Sequence[Event], session: ClientSession) -> list[Event]:
    """Insert, with their seq, the events that were not stated before; stating one twice is harmless."""
    ids = [event.id for event in events]
    known = {found["_id"] for found in store.db["events"].find({"_id": {"$in": ids}}, {"_id": 1}, session=session)}
    fresh = list({event.id: event for event in events if event.id not in known}.values())
    if not fresh:
        return []
    first = _reserve(store, len(fresh), session)
    numbered = [replace(event, seq=first + place) for place, event in enumerate(fresh)]
    store.db["events"].insert_many([event_document(event) for event in numbered], session=session)
    return numbered


def _reserve(store: Store, count: int, session: ClientSession) -> int:
    """The first of `count` consecutive numbers reserved for the caller."""
    sequence = store.db["sequences"].find_one_and_update(
        {"_id": _SEQUENCE}, {"$inc": {"n": count}}, session=session, upsert=True, return_document=ReturnDocument.BEFORE
    )
    return 1 if sequence is None else int(sequence["n"]) + 1


def event_document(event: Event) -> dict[str, Any]:
    """An event as a document of the collection `events`; its retraction is another document."""
    document = to_document(event)
    del document["retracted"]
    return document
