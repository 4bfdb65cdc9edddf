"""Loads and commits events and states: one transaction per run or round commits the result of its fold, or nothing.

Only more events than one transaction holds take several; the last of them commits the state.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Protocol, TypeVar

from pymongo import DeleteOne, ReplaceOne, ReturnDocument
from pymongo.client_session import ClientSession
from pymongo.collection import Collection
from pymongo.errors import DuplicateKeyError

from alerts.engine.file_fold import FilesFolded
from alerts.engine.fold import Folded
from alerts.model.by_dataset import ByDataset
from alerts.model.catalogue_dates import dates_document, dates_of
from alerts.model.events import Event
from alerts.model.file_states import FileMemory, memory_document, memory_of
from alerts.model.habits import Habits
from alerts.model.memory import Memory, MissingDatasets
from alerts.model.states import (
    DatasetState,
    PortalState,
    Summary,
    bucket_document,
    bucket_id,
    habits_document,
    habits_of,
    portal_document,
    portal_state,
)
from alerts.records.kept_by_dataset import StoredHabits, StoredMissing
from opendata_spiders.store import collections
from opendata_spiders.store.codec import from_document, to_document
from opendata_spiders.store.content import batches
from opendata_spiders.store.manifests import bucket
from opendata_spiders.store.store import Store

V = TypeVar("V")

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
        store.transact(partial(_put_missing, store, part, MissingDatasets(), MissingDatasets(since=states)))
    old.drop()


def _divide_habits(store: Store, old: Mapping[str, Any], session: ClientSession) -> None:
    """Put the habits that one document held for a whole portal into a document for each bucket."""
    _put_habits(store, old["_id"], Habits(), Habits(since=habits_of(old)), session)
    store.db["habits"].delete_one({"_id": old["_id"]}, session=session)


def load(store: Store, portal: str) -> Memory:
    """The memory of a portal; empty for one never folded."""
    found = store.db["states"].find_one({"_id": portal})
    if found is None:
        return Memory(PortalState(portal, ""))
    state = portal_state(found)
    habits = Habits(StoredHabits(store, portal) if state.learnt else None)
    dates = dates_of(store.db["catalogue_dates"].find_one({"_id": portal}))
    return Memory(state, MissingDatasets(StoredMissing(store, portal)), habits, dates)


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
        _put_missing(store, portal, before.datasets, after.datasets, session)
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


def _put_missing(
    store: Store, part: str, before: MissingDatasets, after: MissingDatasets, session: ClientSession
) -> None:
    def document(place: str, held: Mapping[str, DatasetState]) -> dict[str, Any]:
        return bucket_document(part, place, held.values())

    _put_buckets(store.db["missing_datasets"], part, before, after, document, session)


def _put_habits(store: Store, part: str, before: Habits, after: Habits, session: ClientSession) -> None:
    _put_buckets(store.db["habits"], part, before, after, partial(habits_document, part), session)


def _put_buckets(  # noqa: PLR0913, PLR0917 -- where, what was there, what is to be there, and how it is written
    collection: Collection[dict[str, Any]],
    part: str,
    before: ByDataset[V],
    after: ByDataset[V],
    document: Callable[[str, Mapping[str, V]], dict[str, Any]],
    session: ClientSession,
) -> None:
    """Write the buckets in which values differ, or all, where they were derived anew.

    One transaction holds those of any catalogue.
    """
    if after.kept is not before.kept:
        collection.delete_many({"portal": part}, session=session)
    writes: list[DeleteOne | ReplaceOne[dict[str, Any]]] = []
    for place, held in after.in_buckets(map(bucket, after.changed_since(before))).items():
        key = {"_id": bucket_id(part, place)}
        writes.append(ReplaceOne(key, document(place, held), upsert=True) if held else DeleteOne(key))
    if writes:
        collection.bulk_write(writes, ordered=False, session=session)


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
