"""How fast one target may be sent to, over all messages, threads and processes (services.csv, and what it asks for)."""

import threading
import time
from datetime import datetime, timedelta

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from opendata_spiders.store.clock import real_now
from opendata_spiders.store.store import Store

PATIENCE = timedelta(seconds=5)
"""Longest that a sender waits for its turn with a delivery in hand; else it puts it back and serves others."""
HORIZON = timedelta(minutes=12)
"""Longest that one `send` stays for what is only waiting for its turn; the rest is the next one's. DingTalk shuts a
bot that was too fast for ten minutes."""


class Pace:
    """Turns at targets, kept in the database so that two senders share them."""

    def __init__(self, store: Store) -> None:
        self._turns = store.db["pace"]

    def turn(self, ref: str, pause: float, *, now: datetime) -> datetime:
        """When the target may get the next message.

        Up to PATIENCE from now the turn is taken and the caller has to use it; a later one is not taken: come back.
        """
        near = now + PATIENCE
        if not pause:
            return max(now, self._next(ref) or now)
        taken = [{"$set": {"next_at": {"$add": [{"$max": ["$next_at", now]}, int(pause * 1000)]}}}]
        mine = {"_id": ref, "next_at": {"$lte": near}}
        try:
            found = self._turns.find_one_and_update(mine, taken, upsert=True, return_document=ReturnDocument.BEFORE)
        except DuplicateKeyError:
            return max(near + timedelta(milliseconds=1), self._next(ref) or near)
        return max(now, found["next_at"]) if found else now

    def block(self, ref: str, until: datetime) -> None:
        """The target asked to be left alone until then."""
        self._turns.update_one({"_id": ref}, {"$max": {"next_at": until}}, upsert=True)

    def _next(self, ref: str) -> datetime | None:
        found = self._turns.find_one({"_id": ref})
        return found["next_at"] if found else None


class Queue:
    """What one `send` put back because it was not its turn yet, and when to look again."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ends = real_now() + HORIZON
        self._due: list[datetime] = []
        self._last: dict[str, datetime] = {}

    def put(self, ref: str, turn: datetime, pause: float) -> datetime:
        """When to try this one: each behind the one before it, so that not all come back for one turn."""
        with self._lock:
            behind = self._last.get(ref)
            due = max(turn, behind + timedelta(seconds=pause)) if behind else turn
            self._last[ref] = due
            self._due.append(due)
        return due

    def wait(self) -> bool:
        """Sleep until something put back is due; False when nothing is to be waited for (any more)."""
        with self._lock:
            now = real_now()
            self._due = [due for due in self._due if due > now - timedelta(seconds=1)]
            soonest = min(self._due, default=None)
        if soonest is None or soonest > self._ends:
            return False
        time.sleep(min(max((soonest - now).total_seconds(), 0.05), 1.0))
        return True
