"""The outbox: frozen deliveries and subscribers' cursors, written together, claimed by one sender at a time.

A delivery is one digest to one target, rendered when it was written and never changed; it holds no address, only the
subscriber's name and a keyed hash of the target. It leaves the outbox confirmed, sent (the service never answers), dead
(given up, operators are told) or cancelled (the target is no longer in the subscribers file), and stays as a record.
"""

import hashlib
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from pymongo import ReplaceOne, ReturnDocument
from pymongo.client_session import ClientSession
from pymongo.errors import BulkWriteError, DuplicateKeyError

from alerts.records import enclosures
from alerts.records.enclosures import Attachment
from opendata_spiders.store import processes
from opendata_spiders.store.clock import real_now
from opendata_spiders.store.codec import from_document, to_document
from opendata_spiders.store.config import setting
from opendata_spiders.store.store import Store
from opendata_spiders.store.writing import Document

LEASE = timedelta(minutes=3)
"""How long a sender may keep a delivery without a word; longer than one message may take."""
_KEY = "key"


class DeliveryState(StrEnum):
    """Where a delivery stands."""

    WAITING = "waiting"
    CONFIRMED = "confirmed"
    SENT = "sent"
    """Handed to a service that has no answer by which it could be confirmed."""
    DEAD = "dead"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far one subscriber has been told."""

    subscriber: str
    seq: int
    """Events up to this seq are told, counted or known not to concern them."""
    considered_at: datetime
    """Domain time at which a digest was last considered; the rhythm counts from it."""
    written_at: datetime
    """Domain time of the last digest that was written; the heartbeat counts from it."""
    version: int = 1
    """Raised by every change: two `digest` at once cannot both move the cursor."""
    aside: tuple[str, ...] = ()
    """Ids of events up to seq that could not be put into words and are told once they can."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One message of a delivery; long ones have several."""

    title: str
    body: str
    sent: bool = False


@dataclass(frozen=True, slots=True)
class Delivery:
    """One digest to one target."""

    id: str
    """Also the message id, so that a repeated message can be recognised by whoever gets it."""
    subscriber: str
    index: int
    """Number of the target within the subscriber when it was written; only shown."""
    ref: str
    """Keyed hash by which the target is found again."""
    service: str
    kind: str
    subject: str
    language: str
    format: str
    pieces: tuple[Piece, ...]
    text: str = ""
    """For mail: the same as plain text."""
    events: tuple[str, ...] = ()
    """Ids of the events it tells or counts; of one read from the outbox empty where `told` names them."""
    told: str = ""
    """Name of the list of its events, where it is a long one, for enclosures.events_kept."""
    attachment: Attachment | None = None
    """What goes with a mail; of one read from the outbox see `file`."""
    file: str = ""
    """Name of the attachment, for enclosures.file_kept; empty where there is none."""
    first_at: datetime | None = None
    """When it was first to be sent (real time), once it is in the outbox: giving up counts from it."""
    attempts: int = 0
    state: DeliveryState = DeliveryState.WAITING
    lease: str = field(default="", compare=False)
    """Token of the claim under which this copy may be sent."""

    @property
    def message_ids(self) -> list[str]:
        """One stable id a piece."""
        if len(self.pieces) == 1:
            return [self.id]
        return [f"{self.id}.{number}" for number in range(1, len(self.pieces) + 1)]


def key(store: Store) -> bytes:
    """The key of the target hashes: OUTBOX_KEY where set, else a random one kept in the database."""
    given = setting("OUTBOX_KEY")
    if given:
        return given.encode()
    fresh = {"$setOnInsert": {"value": secrets.token_bytes(32)}}
    try:
        found = store.db["outbox"].find_one_and_update(
            {"_id": _KEY}, fresh, upsert=True, return_document=ReturnDocument.AFTER
        )
    except DuplicateKeyError:
        found = store.db["outbox"].find_one({"_id": _KEY})
    return bytes(found["value"]) if found else b""


def cursor(store: Store, subscriber: str) -> Cursor | None:
    """How far a subscriber has been told; None for a new one."""
    return cursors(store, [subscriber]).get(subscriber)


def cursors(store: Store, subscribers: Sequence[str]) -> dict[str, Cursor]:
    """How far each of these has been told; new ones are left out."""
    found = store.db["cursors"].find({"_id": {"$in": list(subscribers)}})
    return {one["_id"]: from_document(Cursor, one, key="subscriber") for one in found}


def delivery_id(subscriber: str, ref: str, version: int | str) -> str:
    """Stable: the same step of the same cursor to the same target is the same message."""
    return hashlib.sha256(f"{subscriber}\n{ref}\n{version}".encode()).hexdigest()[:24]


@dataclass(frozen=True, slots=True)
class OutboxStep:
    """One subscriber's next step: the cursor as it was read, as it shall be, and what goes out with it."""

    before: Cursor | None
    after: Cursor
    deliveries: Sequence[Delivery]
    start: datetime
    """Nothing is sent before (real time; quiet hours)."""
    also: Callable[[ClientSession], None] | None = None
    """What else belongs to the same transaction; repeatable."""


class _OvertakenError(Exception):
    """Another `digest` moved a cursor first: nothing of the transaction is to stay."""


def commit_all(store: Store, steps: Sequence[OutboxStep]) -> list[bool]:
    """Commit many steps in one transaction; False for each whose cursor another `digest` moved first.

    Where one was overtaken, each is committed by itself, so that nobody waits for anybody else's next night.
    """
    if not steps:
        return []
    _keep_enclosures(store, (one for step in steps for one in step.deliveries))
    try:
        store.transact(lambda session: _commit(store, steps, session))
    except (_OvertakenError, DuplicateKeyError, BulkWriteError):
        return [False] if len(steps) == 1 else [one for step in steps for one in commit_all(store, [step])]
    return [True] * len(steps)


def _keep_enclosures(store: Store, deliveries: Iterable[Delivery]) -> None:
    """A night that touched 10,000 datasets, or a list that goes to ten mailboxes, is not written for every reader."""
    listed, now = list(deliveries), real_now()
    enclosures.keep_lists(store, (one.events for one in listed), now)
    enclosures.keep_files(store, (one.attachment for one in listed if one.attachment), now)


def _commit(store: Store, steps: Sequence[OutboxStep], session: ClientSession) -> None:
    """All cursors, or none of them: raises _OvertakenError or DuplicateKeyError."""
    fresh = [to_document(step.after, key="subscriber") for step in steps if step.before is None]
    if fresh:
        store.db["cursors"].insert_many(fresh, session=session)
    moved = [
        ReplaceOne({"_id": before.subscriber, "version": before.version}, to_document(step.after, key="subscriber"))
        for step in steps
        if (before := step.before)
    ]
    if moved and store.db["cursors"].bulk_write(moved, session=session).matched_count < len(moved):
        raise _OvertakenError
    documents = [_document(one, step.start) for step in steps for one in step.deliveries]
    if documents:
        store.db["deliveries"].insert_many(documents, session=session)
    for step in steps:
        if step.also is not None:
            step.also(session)


def add(store: Store, deliveries: Iterable[Delivery], *, now: datetime) -> int:
    """Put deliveries in that no cursor goes with (notices to operators); known ids are left alone."""
    listed = list(deliveries)
    _keep_enclosures(store, listed)
    added = 0
    for one in listed:
        document = _document(one, now)
        found = store.db["deliveries"].update_one({"_id": one.id}, {"$setOnInsert": document}, upsert=True)
        added += found.upserted_id is not None
    return added


def _document(one: Delivery, start: datetime) -> Document:
    kept = replace(
        one,
        events=one.events if len(one.events) <= enclosures.INLINE else (),
        told=enclosures.list_name(one.events),
        file=one.attachment.name if one.attachment else "",
        attachment=None,
        first_at=start,
        state=DeliveryState.WAITING,
    )
    document = to_document(kept) | {"created_at": real_now(), "next_at": start, "lease": None, "attempts": []}
    del document["attachment"]
    return document


def claim(store: Store, *, now: datetime) -> Delivery | None:
    """Take one delivery that is due, so that nobody else sends it meanwhile; None when nothing is due.

    One claimed by a sender that has died, or was silent for LEASE, is due again.
    """
    lease = {"token": secrets.token_hex(8), "until": now + LEASE, **processes.identity()}
    free = {"$or": [{"lease": None}, {"lease.until": {"$lt": now}}]}
    due = {"state": DeliveryState.WAITING.value, "next_at": {"$lte": now}, **free}
    order = [("next_at", 1), ("_id", 1)]
    found = store.persist(
        lambda: store.db["deliveries"].find_one_and_update(
            due, {"$set": {"lease": lease}}, sort=order, return_document=ReturnDocument.AFTER
        )
    )
    if found is None:
        return None
    return from_document(Delivery, {**found, "attempts": len(found["attempts"]), "lease": lease["token"]})


def free_abandoned(store: Store) -> int:
    """Give back what senders of this machine held that are no longer alive; returns how many."""
    held = store.db["deliveries"].find(
        {"state": DeliveryState.WAITING.value, "lease.machine": processes.machine()}, projection=["lease"]
    )
    gone = [one for one in held if processes.has_ended(one["lease"])]
    for one in gone:
        mine = {"_id": one["_id"], "lease.token": one["lease"]["token"]}
        store.db["deliveries"].update_one(mine, {"$set": {"lease": None}})
    return len(gone)


def keep(store: Store, one: Delivery, *, now: datetime) -> bool:
    """Say that the sender is still at it; False when the claim was lost and nothing more may be sent."""
    return _update(store, one, {"$set": {"lease.until": now + LEASE}})


def record_piece(store: Store, one: Delivery, number: int) -> None:
    """Piece `number` (from 0) is done with: it is never sent again, whatever becomes of the others."""
    _update(store, one, {"$set": {f"pieces.{number}.sent": True}})


def retry(store: Store, one: Delivery, error: str, *, now: datetime, again: datetime) -> None:
    """Failed; to be tried again at `again`."""
    attempt = {"at": now, "result": "failed", "error": error}
    change = {"$set": {"next_at": again, "lease": None}, "$push": {"attempts": attempt}}
    _update(store, one, change)


def postpone(store: Store, one: Delivery, until: datetime) -> None:
    """Put back untried (quiet hours, mute)."""
    _update(store, one, {"$set": {"next_at": until, "first_at": until, "lease": None}})


def hold(store: Store, one: Delivery, until: datetime) -> None:
    """Put back untried because the target has had its share for now; the time to give up counts on."""
    _update(store, one, {"$set": {"next_at": until, "lease": None}})


def close(store: Store, one: Delivery, state: DeliveryState, *, now: datetime, error: str = "") -> None:
    """Take a delivery out of the outbox for good; `error` says why one is given up or cancelled."""
    result = "failed" if state is DeliveryState.DEAD else state.value
    change = {
        "$set": {"state": state.value, "lease": None, "ended_at": now},
        "$push": {"attempts": {"at": now, "result": result, "error": error}},
    }
    _update(store, one, change)


def _update(store: Store, one: Delivery, change: Document) -> bool:
    """Change a delivery while it is ours; waits for a database that restarts: what was sent must not be sent again."""
    mine = {"_id": one.id, "state": DeliveryState.WAITING.value, "lease.token": one.lease}
    return store.persist(lambda: store.db["deliveries"].update_one(mine, change).matched_count == 1)


def waiting(store: Store) -> int:
    """How many deliveries are still in the outbox, due or not."""
    return store.db["deliveries"].count_documents({"state": DeliveryState.WAITING.value})
