"""What of the database is named by events and by what is believed of a portal.

Whatever stands there as a text counts, in whichever field: a new kind of evidence or state is kept without a change
here.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any

from alerts.engine.checkpoints import FoldOf, checkpoints_of, copied_documents, documents_query
from alerts.model.states import WAITING, bucket_states
from opendata_spiders.store.collections import SHOWN
from opendata_spiders.store.content import read_canonical, unpack
from opendata_spiders.store.store import Store

MEMORIES = ("states", "missing_datasets", "habits", "file_states")
"""The collections that hold what is believed of portals."""


def parts_query(portal: str) -> dict[str, Any]:
    """The query for the states of a portal and its parts, whose ids are `PORTAL/ADCODE`."""
    return {"$or": [{"_id": portal}, {"_id": {"$gte": f"{portal}/", "$lt": f"{portal}0"}}]}


def memory_ids(store: Store, portal: str) -> list[str]:
    """Ids of the portal's state and those of its parts."""
    return sorted(found["_id"] for found in store.db["states"].find(parts_query(portal), {"_id": 1}))


def texts_in(value: Any) -> Iterator[str]:
    """Every text in a value of mappings, lists and packed JSON, keys included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, one in value.items():
            yield str(key)
            yield from texts_in(_unpacked(one) if key == "packed" else one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from texts_in(one)


def _unpacked(value: Any) -> Any:
    return read_canonical(unpack(value)) if isinstance(value, bytes) else value


def named_in_memory(store: Store, portal: str, wanted: Collection[str]) -> set[str]:
    """Those of the wanted ids that stand in what is believed of a portal and its parts, now or in a checkpoint."""
    found: set[str] = set()
    for _, document in _memories(store, portal) if wanted else ():
        found.update(text for text in texts_in(document) if text in wanted)
    return found


def awaited_absences(store: Store, portal: str) -> set[str]:
    """The runs, now or in a checkpoint, that did not list a dataset which may still be stated as gone."""
    found: set[str] = set()
    for name, document in _memories(store, portal):
        if name == "missing_datasets":
            waiting = [one for one in bucket_states(document) if one.status in WAITING]
            found.update(absence.run for one in waiting for absence in one.absences)
    return found


def _memories(store: Store, portal: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every document of what is believed, with the name of its collection."""
    parts = {portal, *memory_ids(store, portal)}
    for part in sorted(parts):
        for name in MEMORIES:
            yield from ((name, one) for one in store.db[name].find(documents_query(part)))
        for fold in FoldOf:
            for made in checkpoints_of(store, fold, part):
                for name, documents in copied_documents(store, made).items():
                    yield from ((name, one) for one in documents)
    yield from (("imports", one) for one in store.db["imports"].find({"portal": portal}, {"manifest": 1}))


def manifests_held(store: Store, portal: str) -> Iterator[str]:
    """Every manifest that a portal refers to, stored or not: of its states, runs (the newest first) and imports."""
    for state in store.db["states"].find(parts_query(portal)):
        yield from _manifests_of(state)
    for run in store.db["runs"].find({"portal": portal, "manifest": {"$ne": None}}, {"manifest": 1}).sort("seq", -1):
        yield run["manifest"]
    for part in memory_ids(store, portal):
        for made in checkpoints_of(store, FoldOf.RUNS, part):
            yield from _manifests_of(copied_documents(store, made)["states"][0])
    for crawl in store.db["imports"].find({"portal": portal, "manifest": {"$ne": None}}, {"manifest": 1}):
        yield crawl["manifest"]


def _manifests_of(state: Mapping[str, Any]) -> Iterator[str]:
    """The manifests that a document of the collection `states` refers to."""
    yield from filter(None, (state["known"], state["trusted"], state["coverage"]["manifest"]))


def named_in_events(
    store: Store, portal: str, wanted: Collection[str], *, since: datetime, query: Mapping[str, Any] | None = None
) -> set[str]:
    """Those of the wanted ids that an event names; `since`: time of the oldest of them; `query`: which events.

    An event names nothing that is later than itself. Those of other portals name this one as their `target_run`.
    """
    found: set[str] = set()
    fields = {"run": 1, "evidence": 1}
    own = {"portal": portal, "at": {"$gte": since}, **(query or {})}
    others = {**SHOWN, "kind": "platform.merged_into", "portal": {"$ne": portal}, "at": {"$gte": since}}
    for which in (own, others) if wanted else ():
        for event in store.db["events"].find(which, fields):
            found.update(text for text in texts_in([event["run"], event["evidence"]]) if text in wanted)
    return found
