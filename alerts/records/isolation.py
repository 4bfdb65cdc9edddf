"""Parts of a step that fail alone: an event, a reader, a target, a portal, a page; the rest of the step goes on.

What failed is logged, makes the command's exit status 1, and lies in the collection `faults` until the same part
succeeds; from there the watch's own health states it to operators, once (`ops.fault`). A database that is gone is
everybody's and is never taken for the fault of a part.
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
"""What it is (event, reader, target, portal, page) and which."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One part of one step that did not work when it was tried last."""

    step: str
    """The command: diff, digest, site, send, scoreboard, health."""
    part: str
    """What it is and which, such as `event 5f3a…`."""
    error: str
    since: datetime
    """Domain time of the first failure in a row."""

    @property
    def key(self) -> str:
        return f"{self.step} {self.part}"


@dataclass(slots=True)
class Attempts:
    """What was tried in one step."""

    failed: dict[Part, str] = field(default_factory=dict)
    done: set[Part] = field(default_factory=set)


_NOW: ContextVar[Attempts | None] = ContextVar("parts that were tried in this step", default=None)


@contextmanager
def attempts() -> Iterator[Attempts]:
    """Collects what is tried meanwhile."""
    token = _NOW.set(made := Attempts())
    try:
        yield made
    finally:
        _NOW.reset(token)


@dataclass(slots=True)
class Try:
    """One part at work."""

    tried: bool = True
    """False: there was nothing to do, which says nothing of whether it works."""


@contextmanager
def apart(what: str, name: str) -> Iterator[Try]:
    """A part that may fail alone: whatever it raises ends here, but for a database that is gone."""
    part = Try()
    try:
        yield part
    except PyMongoError:
        raise
    except Exception as error:  # noqa: BLE001 -- the point of it; logged, recorded and told
        failed(what, name, error)
    else:
        if part.tried:
            succeeded(what, name)


def failed(what: str, name: str, error: Exception) -> None:
    """Log and record that a part failed; a fault of the program with its traceback, any other as one sentence."""
    told = isinstance(error, StoreError)
    now, part = _NOW.get(), (what, name)
    if now is None or part not in now.failed:
        log.error("%s %s failed alone, the rest goes on: %s", what, name, error, exc_info=None if told else error)
    if now is not None:
        now.done.discard(part)
        now.failed[part] = MASKER.error(f"{'' if told else type(error).__name__ + ': '}{error}")


def succeeded(what: str, name: str) -> None:
    """Record that a part worked; one that failed before in the same step has failed."""
    now, part = _NOW.get(), (what, name)
    if now is not None and part not in now.failed:
        now.done.add(part)


def record(store: Store, step: str, made: Attempts, now: datetime) -> bool:
    """Keep what failed, with the time since when it does, and forget what has worked since (`now`: domain time).

    Returns whether there was anything to keep or to forget.
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
    """What failed, in one sentence without its end."""
    named = sorted(" ".join(part) for part in made.failed)
    more = f" and {len(named) - _NAMED} more" if len(named) > _NAMED else ""
    return f"failed alone: {', '.join(named[:_NAMED])}{more} (the log says why)"


def faults(store: Store, since: datetime) -> list[Fault]:
    """What does not work, as far as it was tried since then, in the order of its beginning."""
    found = store.db["faults"].find({"last": {"$gte": since}}).sort([("since", 1), ("_id", 1)])
    return [from_document(Fault, one) for one in found]
