"""Rate limits of each target over all messages, threads and processes (services.csv, and what the service requests)."""

import threading
import time
from datetime import datetime, timedelta

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from opendata_spiders.store.clock import real_now
from opendata_spiders.store.store import Store

PATIENCE = timedelta(seconds=5)
"""Longest time a sender waits for a turn while holding a claim; otherwise it puts the delivery back."""
HORIZON = timedelta(minutes=12)
"""Longest time one `send` waits for deliveries whose turn has not come; the rest is left to the next `send`. DingTalk
blocks a bot that was too fast for ten minutes."""


class Pace:
    """The times at which targets may get messages, kept in the database so that senders share them."""

    def __init__(self, store: Store) -> None:
        self._turns = store.db["pace"]

    def turn(self, ref: str, pause: float, *, now: datetime) -> datetime:
        """When the target may get the next message.

        A turn up to PATIENCE from now is reserved, and the caller has to use it; a later one is not reserved.
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
        """Send nothing to the target before `until`, because its service requested that."""
        self._turns.update_one({"_id": ref}, {"$max": {"next_at": until}}, upsert=True)

    def _next(self, ref: str) -> datetime | None:
        found = self._turns.find_one({"_id": ref})
        return found["next_at"] if found else None


class Queue:
    """The times at which deliveries that one `send` put back become due."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ends = real_now() + HORIZON
        self._due: list[datetime] = []
        self._last: dict[str, datetime] = {}

    def put(self, ref: str, turn: datetime, pause: float) -> datetime:
        """When to try this delivery: `pause` seconds after the one before it to the same target."""
        with self._lock:
            behind = self._last.get(ref)
            due = max(turn, behind + timedelta(seconds=pause)) if behind else turn
            self._last[ref] = due
            self._due.append(due)
        return due

    def wait(self) -> bool:
        """Sleep until a delivery is due, at most a second; False when there is none within HORIZON."""
        with self._lock:
            now = real_now()
            self._due = [due for due in self._due if due > now - timedelta(seconds=1)]
            soonest = min(self._due, default=None)
        if soonest is None or soonest > self._ends:
            return False
        time.sleep(min(max((soonest - now).total_seconds(), 0.05), 1.0))
        return True
