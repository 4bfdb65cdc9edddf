"""Work that several machines share: what is to be done, who does it now, and what came of it.

It stands in the database and nowhere else: whoever carries the names of items from machine to machine may lose them or
deliver them twice. An item is done by one worker at a time, which holds a claim with a heartbeat, as a lease has one.
"""

import logging
import socket
import threading
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pymongo import ReturnDocument
from pymongo.errors import PyMongoError

from opendata_spiders.store import codec, processes
from opendata_spiders.store.clock import real_now
from opendata_spiders.store.leases import abandoned
from opendata_spiders.store.store import Store
from opendata_spiders.store.writing import Document, add_new

log = logging.getLogger(__name__)

BEAT_SECONDS = 30.0
"""Seconds between two heartbeats of a claim; one that is silent as long as a lease may be is taken over."""
LOSSES = 3
"""Workers that died or failed over an item before nobody tries it again."""


@dataclass(frozen=True, slots=True)
class WorkItem:
    """One piece of a batch of work."""

    id: str
    batch: str
    """Name of the work that it is a part of."""
    begun: datetime
    """When the batch was made (real time)."""
    task: Mapping[str, Any]
    """What is to be done, as its kind of work defines it."""
    results: tuple[Mapping[str, Any], ...] = ()
    """What came of it so far, as its kind of work defines it."""
    losses: int = 0
    """How often whoever did it died, or failed, over it."""
    claim: Mapping[str, Any] | None = None
    """Who does it now: `token`, `host` (name of the machine), identity of the process, `beat`."""
    ended: datetime | None = None

    @property
    def is_given_up(self) -> bool:
        return self.losses >= LOSSES

    @property
    def is_held(self) -> bool:
        """Whether somebody who may be alive does it now."""
        return self.claim is not None and abandoned(dict(self.claim)) is None


@dataclass(frozen=True, slots=True)
class Claim:
    """The exclusive right to do one item."""

    store: Store
    item: WorkItem
    """As it was when it was claimed."""
    token: str
    lost: threading.Event = field(default_factory=threading.Event)
    """Set when somebody else took the item over: stop."""

    def note(self, result: Mapping[str, Any]) -> None:
        """Add a result; one that is noted twice stands there once."""
        self._change({"$addToSet": {"results": dict(result)}})

    def end(self) -> None:
        """Say that the item is done."""
        self._change({"$set": {"ended": real_now(), "claim": None}})

    def release(self, *, failed: bool) -> None:
        """Give an item back that is not done; after an end this does nothing."""
        self._change({"$set": {"claim": None}, "$inc": {"losses": int(failed)}})

    def beat(self) -> None:
        """Say that we are alive."""
        if not self._change({"$set": {"claim.beat": real_now()}}):
            self.lost.set()

    def _change(self, change: Document) -> bool:
        mine = {"_id": self.item.id, "claim.token": self.token}
        work = self.store.db.shared_work
        return self.store.persist(lambda: work.update_one(mine, change)).matched_count > 0

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Keep the claim alive while the block runs, then give back what was not ended; an error counts as a loss."""
        done = threading.Event()
        heart = threading.Thread(target=self._keep, args=(done,), name="heartbeat", daemon=True)
        heart.start()
        failed = True
        try:
            yield
            failed = False
        finally:
            done.set()
            heart.join()
            self.release(failed=failed)

    def _keep(self, done: threading.Event) -> None:
        while not done.wait(BEAT_SECONDS):
            try:
                self.beat()
            except PyMongoError as error:
                log.warning(
                    "the claim of %s could not be renewed (%s): trying again", self.item.id, type(error).__name__
                )


def batch_name(kind: str, begun: datetime) -> str:
    """Name a batch: KIND TIME."""
    return f"{kind} {begun:%Y%m%dT%H%M%S.%f}Z"


def kind_of(batch: str) -> str:
    """Return the kind in the name of a batch."""
    return batch.partition(" ")[0]


def _begun(batch: str) -> str:
    return batch.partition(" ")[2]


def put_batch(store: Store, batch: str, tasks: Mapping[str, Mapping[str, Any]], *, begun: datetime) -> None:
    """Store the items of a batch, by name; repeating is harmless."""
    items = [WorkItem(f"{batch} {name}", batch, begun, task) for name, task in tasks.items()]
    store.persist(lambda: add_new(store.db.shared_work, map(codec.to_document, items)))


def batch_of(store: Store, batch: str) -> list[WorkItem]:
    """Return the items of a batch, by name."""
    found = store.persist(lambda: list(store.db.shared_work.find({"batch": batch}).sort("_id", 1)))
    return [codec.from_document(WorkItem, one) for one in found]


def batches_since(store: Store, since: datetime, kind: str = "") -> list[str]:
    """Return the names of batches, of this kind alone if one is given, made since then (real time), newest first."""
    wanted = {"begun": {"$gte": since}}
    names = store.persist(lambda: store.db.shared_work.distinct("batch", wanted))
    return sorted((name for name in names if not kind or kind_of(name) == kind), key=_begun, reverse=True)


def claim(store: Store, item: str) -> Claim | None:
    """Claim an item; None if it is done, unknown, or held by somebody who may be alive."""
    token = uuid.uuid4().hex

    def take() -> Claim | None:
        work = store.db.shared_work
        found = work.find_one({"_id": item, "ended": None})
        held = (found or {}).get("claim")
        if held and held["token"] == token:
            return Claim(store, codec.from_document(WorkItem, found or {}), token)
        if found is None or (held and abandoned(held) is None):
            return None
        mine = {"token": token, **processes.identity(), "host": socket.gethostname(), "beat": real_now()}
        free = {"_id": item, "ended": None, "claim.token": held["token"] if held else None}
        change = {"$set": {"claim": mine}, "$inc": {"losses": int(bool(held))}}
        taken = work.find_one_and_update(free, change, return_document=ReturnDocument.AFTER)
        return Claim(store, codec.from_document(WorkItem, taken), token) if taken else None

    return store.persist(take)
