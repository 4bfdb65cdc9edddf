"""The outbox: immutable deliveries and subscribers' cursors, written together; one sender at a time claims a delivery.

A delivery is one digest to one target, rendered when it is written and never changed; it holds no address, only the
subscriber's name and a keyed hash of the target. It leaves the outbox confirmed, sent (the service never answers), dead
(given up, operators are told) or cancelled (the target is no longer in the subscribers file), and is kept as a record.
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
from opendata_spiders.store.environment import setting
from opendata_spiders.store.store import Store
from opendata_spiders.store.writing import Document

LEASE = timedelta(minutes=3)
"""How long a claim of a sender is valid without renewal; longer than one message may take."""
_KEY = "key"


class DeliveryState(StrEnum):
    """The state of a delivery."""

    WAITING = "waiting"
    CONFIRMED = "confirmed"
    SENT = "sent"
    """Sent to a service that never answers, so that it cannot be confirmed."""
    DEAD = "dead"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Cursor:
    """Up to which event one subscriber has been informed."""

    subscriber: str
    seq: int
    """Events up to this seq are reported, counted or known not to concern the subscriber."""
    considered_at: datetime
    """Domain time at which a digest was last considered; the rhythm counts from it."""
    written_at: datetime
    """Domain time of the last digest that was written; the heartbeat counts from it."""
    version: int = 1
    """Raised by every change, so that two concurrent `digest` processes cannot both move the cursor."""
    aside: tuple[str, ...] = ()
    """Ids of events up to `seq` that could not be worded and are reported once they can."""


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
    """Also the message id, so that recipients can recognise a repeated message."""
    subscriber: str
    index: int
    """Number of the target within the subscriber when the delivery was written; for display only."""
    ref: str
    """Keyed hash that identifies the target."""
    service: str
    kind: str
    subject: str
    language: str
    format: str
    pieces: tuple[Piece, ...]
    text: str = ""
    """For mail: the body as plain text."""
    events: tuple[str, ...] = ()
    """Ids of the events it reports or counts; empty in a delivery read from the outbox if `told` names their list."""
    told: str = ""
    """Name of the stored list of its events, if that is long, for enclosures.events_kept."""
    attachment: Attachment | None = None
    """The file attached to a mail; in a delivery read from the outbox see `file`."""
    file: str = ""
    """Name of the stored attachment, for enclosures.file_kept; empty without one."""
    first_at: datetime | None = None
    """Time (real time) from which it was to be sent, set by the outbox; the time to give up counts from it."""
    attempts: int = 0
    state: DeliveryState = DeliveryState.WAITING
    lease: str = field(default="", compare=False)
    """Token of the claim that permits sending this copy."""

    @property
    def message_ids(self) -> list[str]:
        """One stable id for each piece."""
        if len(self.pieces) == 1:
            return [self.id]
        return [f"{self.id}.{number}" for number in range(1, len(self.pieces) + 1)]


def key(store: Store) -> bytes:
    """The key of the target hashes: OUTBOX_KEY if set, else a random one kept in the database."""
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
    """The cursor of a subscriber; None for a new one."""
    return cursors(store, [subscriber]).get(subscriber)


def cursors(store: Store, subscribers: Sequence[str]) -> dict[str, Cursor]:
    """The cursors of these subscribers by name; new ones are left out."""
    found = store.db["cursors"].find({"_id": {"$in": list(subscribers)}})
    return {one["_id"]: from_document(Cursor, one, key="subscriber") for one in found}


def delivery_id(subscriber: str, ref: str, version: int | str) -> str:
    """Stable id: the same version of the same cursor to the same target is the same message."""
    return hashlib.sha256(f"{subscriber}\n{ref}\n{version}".encode()).hexdigest()[:24]


@dataclass(frozen=True, slots=True)
class OutboxStep:
    """One subscriber's next step: the cursor before and after it, and the deliveries that go with it."""

    before: Cursor | None
    after: Cursor
    deliveries: Sequence[Delivery]
    start: datetime
    """Nothing is sent before this time (real time; quiet hours)."""
    also: Callable[[ClientSession], None] | None = None
    """Further writes in the same transaction; may be called repeatedly."""


class _OvertakenError(Exception):
    """Raised when another `digest` moved a cursor first: the transaction is rolled back."""


def commit_all(store: Store, steps: Sequence[OutboxStep]) -> list[bool]:
    """Commit many steps in one transaction; False for each step whose cursor another `digest` moved first.

    In that case each step is committed by itself, so that the other subscribers are not delayed.
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
    """Store long event lists and attachments once, not for every delivery that shares them."""
    listed, now = list(deliveries), real_now()
    enclosures.keep_lists(store, (one.events for one in listed), now)
    enclosures.keep_files(store, (one.attachment for one in listed if one.attachment), now)


def _commit(store: Store, steps: Sequence[OutboxStep], session: ClientSession) -> None:
    """Write all steps or none. Raises _OvertakenError or DuplicateKeyError."""
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
    """Add deliveries without a cursor (notices to operators); returns how many; known ids are left unchanged."""
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
    """Claim one delivery that is due, so that no other sender takes it; None when nothing is due.

    A delivery claimed by a sender that has died, or has not renewed its claim for LEASE, is due again.
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
    """Release the claims of senders on this machine that are no longer running; returns how many."""
    held = store.db["deliveries"].find(
        {"state": DeliveryState.WAITING.value, "lease.machine": processes.machine()}, projection=["lease"]
    )
    gone = [one for one in held if processes.has_ended(one["lease"])]
    for one in gone:
        mine = {"_id": one["_id"], "lease.token": one["lease"]["token"]}
        store.db["deliveries"].update_one(mine, {"$set": {"lease": None}})
    return len(gone)


def keep(store: Store, one: Delivery, *, now: datetime) -> bool:
    """Renew the claim; False when it was lost and nothing more may be sent."""
    return _update(store, one, {"$set": {"lease.until": now + LEASE}})


def record_piece(store: Store, one: Delivery, number: int) -> None:
    """Record that piece `number` (from 0) is sent: it is never sent again, even if others fail."""
    _update(store, one, {"$set": {f"pieces.{number}.sent": True}})


def retry(store: Store, one: Delivery, error: str, *, now: datetime, again: datetime) -> None:
    """Record a failure; the delivery is tried again at `again`."""
    attempt = {"at": now, "result": "failed", "error": error}
    change = {"$set": {"next_at": again, "lease": None}, "$push": {"attempts": attempt}}
    _update(store, one, change)


def postpone(store: Store, one: Delivery, until: datetime) -> None:
    """Put back without an attempt (quiet hours, mute); the time to give up counts from `until`."""
    _update(store, one, {"$set": {"next_at": until, "first_at": until, "lease": None}})


def hold(store: Store, one: Delivery, until: datetime) -> None:
    """Put back without an attempt because of the target's pace; the time to give up does not change."""
    _update(store, one, {"$set": {"next_at": until, "lease": None}})


def close(store: Store, one: Delivery, state: DeliveryState, *, now: datetime, error: str = "") -> None:
    """Take a delivery out of the outbox for good; `error` says why it is given up or cancelled."""
    result = "failed" if state is DeliveryState.DEAD else state.value
    change = {
        "$set": {"state": state.value, "lease": None, "ended_at": now},
        "$push": {"attempts": {"at": now, "result": result, "error": error}},
    }
    _update(store, one, change)


def _update(store: Store, one: Delivery, change: Document) -> bool:
    """Change a delivery that we have claimed. Waits for a restarting database: a sent piece must not be sent again."""
    mine = {"_id": one.id, "state": DeliveryState.WAITING.value, "lease.token": one.lease}
    return store.persist(lambda: store.db["deliveries"].update_one(mine, change).matched_count == 1)


def waiting(store: Store) -> int:
    """Number of deliveries still in the outbox, due or not."""
    return store.db["deliveries"].count_documents({"state": DeliveryState.WAITING.value})
