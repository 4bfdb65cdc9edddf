"""Isolation of failures: one part of a command (event, reader, target, portal, page) fails while the rest goes on.

A failure is logged, makes the exit status of the command 1, and is kept in the collection `faults` until the same part
succeeds; `alerts health` reports it to operators once (`ops.fault`). An error of the database fails the whole command.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime

from pymongo.errors import PyMongoError

from alerts.text.masking import MASKER
from opendata_spiders.store.codec import from_document
from opendata_spiders.store.errors import StoreError
from opendata_spiders.store.store import Store

log = logging.getLogger(__name__)

_NAMED = 10
Part = tuple[str, str]
"""Type of the part (event, reader, target, portal, page) and its name."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One part of one command that failed in its last attempt."""

    step: str
    """The command: diff, digest, site, send, scoreboard, health."""
    part: str
    """Type and name of the part, such as `event 5f3a…`."""
    error: str
    since: datetime
    """Domain time of the first of the consecutive failures."""

    @property
    def key(self) -> str:
        return f"{self.step} {self.part}"


@dataclass(slots=True)
class Attempts:
    """The parts attempted in one command."""

    failed: dict[Part, str] = field(default_factory=dict)
    done: set[Part] = field(default_factory=set)


_NOW: ContextVar[Attempts | None] = ContextVar("parts that were tried in this step", default=None)


@contextmanager
def attempts() -> Iterator[Attempts]:
    """Collect the parts attempted in the block."""
    token = _NOW.set(made := Attempts())
    try:
        yield made
    finally:
        _NOW.reset(token)


@dataclass(slots=True)
class Try:
    """One part that is being attempted."""

    tried: bool = True
    """False if there was nothing to do: neither a failure nor a success."""


@contextmanager
def apart(what: str, name: str) -> Iterator[Try]:
    """Run a part: every exception is caught and recorded, except those of the database."""
    part = Try()
    try:
        yield part
    except PyMongoError:
        raise
    except Exception as error:  # noqa: BLE001 -- logged, recorded and stated to operators
        failed(what, name, error)
    else:
        if part.tried:
            succeeded(what, name)


def failed(what: str, name: str, error: Exception) -> None:
    """Log and record that a part failed: with its traceback, unless the error is of the store or the system.

    Those are nobody's mistake in the program, and their own sentence says all: the disk is full, a folder is closed.
    """
    told, of_the_system = isinstance(error, StoreError), isinstance(error, OSError)
    now, part = _NOW.get(), (what, name)
    if now is None or part not in now.failed:
        trace = None if told or of_the_system else error
        log.error("%s %s failed alone, the rest goes on: %s", what, name, error, exc_info=trace)
    if now is not None:
        now.done.discard(part)
        now.failed[part] = MASKER.error(f"{'' if told else type(error).__name__ + ': '}{error}")


def succeeded(what: str, name: str) -> None:
    """Record that a part succeeded, unless it failed before in the same command."""
    now, part = _NOW.get(), (what, name)
    if now is not None and part not in now.failed:
        now.done.add(part)


def record(store: Store, step: str, made: Attempts, now: datetime) -> bool:
    """Store what failed, and remove the faults of parts that succeeded since (`now`: domain time).

    Returns whether anything was stored or removed.
    """
    for part, error in made.failed.items():
        name = " ".join(part)
        change = {"$set": {"step": step, "part": name, "error": error, "last": now}, "$setOnInsert": {"since": now}}
        store.db["faults"].update_one({"_id": f"{step} {name}"}, change, upsert=True)
    kept = {found["_id"]: found["part"] for found in store.db["faults"].find({"step": step}, {"part": 1})}
    worked = {" ".join(part) for part in made.done}
    over = [key for key, part in kept.items() if part in worked]
    if over:
        store.db["faults"].delete_many({"_id": {"$in": over}})
    return bool(made.failed or over)


def told(made: Attempts) -> str:
    """The failed parts as a sentence without a full stop."""
    named = sorted(" ".join(part) for part in made.failed)
    more = f" and {len(named) - _NAMED} more" if len(named) > _NAMED else ""
    return f"failed alone: {', '.join(named[:_NAMED])}{more} (the log says why)"


def faults(store: Store, since: datetime) -> list[Fault]:
    """The faults of parts last attempted at `since` or later, oldest first."""
    found = store.db["faults"].find({"last": {"$gte": since}}).sort([("since", 1), ("_id", 1)])
    return [from_document(Fault, one) for one in found]
