"""Checkpoints: packed copies of what is believed of a portal after a run, from which it can be derived again.

A copy holds the documents as they are stored, so that it is read by the same code. The dates of the catalogue are left
out: they are a cache of the manifest. A correction deletes the checkpoints that rest on what it corrects.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any

import bson
from pymongo.client_session import ClientSession

from alerts.model.file_states import FileMemory, memory_of
from alerts.model.habits import Habits
from alerts.model.memory import Memory, MissingDatasets
from alerts.model.states import Summary, bucket_states, habits_of, portal_state
from opendata_spiders.store.codec import from_document
from opendata_spiders.store.content import pack, unpack
from opendata_spiders.store.store import Store
from opendata_spiders.tables import Tables

_PIECE = 8_000_000
"""Bytes of one piece of a copy: a document of MongoDB has 16 MB at most."""


class FoldOf(StrEnum):
    """What is folded into a memory."""

    RUNS = "runs"
    ROUNDS = "rounds"
    """Rounds of checks of the files of watched datasets."""


_DOCUMENTS: Mapping[FoldOf, Sequence[str]] = {
    FoldOf.RUNS: ("states", "missing_datasets", "habits"),
    FoldOf.ROUNDS: ("file_states",),
}
"""The collections that hold a memory, the one with its `last_seq` first."""


def documents_query(portal: str) -> dict[str, Any]:
    """The query for the documents of a portal or part: one for all has its id, one of many names it in `portal`."""
    return {"$or": [{"_id": portal}, {"portal": portal}]}


@dataclass(frozen=True, slots=True)
class CheckpointPolicy:
    """One attribute for each row of checkpoints.csv."""

    days: int


@cache
def checkpoint_policy() -> CheckpointPolicy:
    """The interval as shipped. Raises TableError."""
    return Tables("alerts.engine").policy(CheckpointPolicy, "checkpoints")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """One copy of a memory."""

    fold: FoldOf
    portal: str
    """Id of the portal, or of the part of one (`events.part_id`)."""
    seq: int
    """The last run or round that was folded."""
    at: datetime
    """Time of that run or round (domain time, UTC)."""
    made_at: datetime
    """When it was copied (domain time): it holds the corrections made until then."""

    @property
    def id(self) -> str:
        """Beginning of the `_id` of its documents."""
        return f"{self.fold}:{self.portal}#{self.seq}"


def keep_due_checkpoints(store: Store, now: datetime) -> list[Checkpoint]:
    """Copy every memory that was folded on since its last checkpoint, if that is long enough ago; returns the new ones.

    `now`: domain time.
    """
    apart, kept = timedelta(days=checkpoint_policy().days), list[Checkpoint]()
    newest = _newest(store)
    for fold, collections in _DOCUMENTS.items():
        for found in store.db[collections[0]].find({}, {"last_seq": 1}):
            seq, at = newest.get((fold, found["_id"]), (0, None))
            if found["last_seq"] > seq and (at is None or now - at >= apart):
                kept += filter(None, [keep_checkpoint(store, fold, found["_id"], now)])
    return kept


def _newest(store: Store) -> dict[tuple[FoldOf, str], tuple[int, datetime]]:
    """Number and time of the last checkpoint of each memory."""
    last = {"_id": {"fold": "$fold", "portal": "$portal"}, "seq": {"$max": "$seq"}, "at": {"$max": "$made_at"}}
    return {
        (FoldOf(one["_id"]["fold"]), one["_id"]["portal"]): (one["seq"], one["at"])
        for one in store.db["checkpoints"].aggregate([{"$group": last}])
    }


def keep_checkpoint(store: Store, fold: FoldOf, portal: str, now: datetime) -> Checkpoint | None:
    """Copy one memory as it stands, in one transaction; None if there is none."""

    def work(session: ClientSession) -> Checkpoint | None:
        copied = [
            (name, document)
            for name in _DOCUMENTS[fold]
            for document in store.db[name].find(documents_query(portal), session=session).sort("_id", 1)
        ]
        if not copied:
            return None
        _, believed = copied[0]
        at = memory_of(portal, believed).last_at if fold is FoldOf.ROUNDS else believed["last_at"]
        made = Checkpoint(fold, portal, believed["last_seq"], at or now, now)
        store.db["checkpoints"].delete_many({"fold": fold.value, "portal": portal, "seq": made.seq}, session=session)
        store.db["checkpoints"].insert_many(list(_documents(made, copied)), session=session)
        return made

    return store.transact(work)


def _documents(made: Checkpoint, copied: list[tuple[str, dict[str, Any]]]) -> Iterator[dict[str, Any]]:
    blob = pack(b"".join(bson.encode({"in": name, "document": document}) for name, document in copied))
    pieces = [blob[start : start + _PIECE] for start in range(0, len(blob), _PIECE)]
    for number, piece in enumerate(pieces):
        yield {
            "_id": f"{made.id}#{number}",
            "fold": made.fold.value,
            "portal": made.portal,
            "seq": made.seq,
            "at": made.at,
            "made_at": made.made_at,
            "piece": number,
            "pieces": len(pieces),
            "blob": piece,
        }


def checkpoints_of(store: Store, fold: FoldOf, portal: str) -> list[Checkpoint]:
    """The checkpoints of a memory, oldest first."""
    found = store.db["checkpoints"].find({"fold": fold.value, "portal": portal, "piece": 0}, {"blob": 0})
    return [from_document(Checkpoint, one) for one in found.sort("seq", 1)]


def last_checkpoint(
    store: Store, fold: FoldOf, portal: str, before: int, *, made_by: datetime | None = None
) -> Checkpoint | None:
    """The last checkpoint before a run or round, by its number; `made_by`: of those copied by then (domain time)."""
    fit = (
        one
        for one in checkpoints_of(store, fold, portal)
        if one.seq < before and (made_by is None or one.made_at <= made_by)
    )
    return max(fit, key=lambda one: one.seq, default=None)


def forget_checkpoints(store: Store, fold: FoldOf, portal: str, since: int, session: ClientSession) -> None:
    """Delete the checkpoints that rest on a run or round, by its number: it was corrected."""
    store.db["checkpoints"].delete_many({"fold": fold.value, "portal": portal, "seq": {"$gte": since}}, session=session)


def forget_checkpoints_before(store: Store, fold: FoldOf, portal: str, seq: int) -> None:
    """Delete the checkpoints before the run or round with this number: older runs are not derived again."""
    store.db["checkpoints"].delete_many({"fold": fold.value, "portal": portal, "seq": {"$lt": seq}})


def copied_documents(store: Store, made: Checkpoint) -> dict[str, list[dict[str, Any]]]:
    """The documents that a checkpoint holds, by collection."""
    query = {"fold": made.fold.value, "portal": made.portal, "seq": made.seq}
    blob = b"".join(one["blob"] for one in store.db["checkpoints"].find(query).sort("piece", 1))
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in _DOCUMENTS[made.fold]}
    for one in bson.decode_all(unpack(blob), store.db.codec_options):
        found[one["in"]].append(one["document"])
    return found


def copied_memory(store: Store, made: Checkpoint) -> tuple[Memory, Summary]:
    """The memory of runs that a checkpoint holds, without the dates of the catalogue, and what people were shown."""
    found = copied_documents(store, made)
    (believed,) = found["states"]
    state = portal_state(believed)
    datasets = {one.dataset: one for held in found["missing_datasets"] for one in bucket_states(held)}
    habits = {name: habit for held in found["habits"] for name, habit in habits_of(held).items()}
    return Memory(state, MissingDatasets(since=datasets), Habits(since=habits)), from_document(
        Summary, believed["view"]
    )


def copied_files(store: Store, made: Checkpoint) -> FileMemory:
    """The memory of rounds that a checkpoint holds."""
    return memory_of(made.portal, copied_documents(store, made)["file_states"][0])
