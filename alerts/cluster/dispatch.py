"""Hands a batch out to workers and waits for it, whatever becomes of broker and workers meanwhile."""

import logging
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Protocol

from opendata_spiders.store import shared_work
from opendata_spiders.store.shared_work import WorkItem
from opendata_spiders.store.store import Store

log = logging.getLogger(__name__)

POLL_SECONDS = 1.0
"""Between two looks at a batch; more for one so large that looking would take more than a tenth of the time."""
GRACE_SECONDS = 10.0
"""How long a worker may take from receiving an item to claiming it."""


class BrokerError(Exception):
    """Raised when the broker cannot be reached; the message is one sentence, without its password."""


class Carrier(Protocol):
    """Carries names of items to workers."""

    def send(self, kind: str, item: str) -> None:
        """Send one. Raises BrokerError."""

    def waiting(self) -> int:
        """How many were sent that no worker has received yet. Raises BrokerError."""


class Dispatcher:
    """Hands out one batch.

    Each item is sent once. One that is neither done nor held by a living worker is sent again when nothing waits at the
    broker: its message, or its worker, is lost, or it was given back. Sending too often does no harm.
    """

    def __init__(
        self,
        store: Store,
        batch: str,
        carrier: Carrier,
        *,
        is_ready: Callable[[WorkItem], bool] = lambda _: True,
        size: Callable[[WorkItem], int] = lambda _: 0,
    ) -> None:
        """`is_ready` says of an item that nobody holds whether it can be done now; larger ones are sent first."""
        self._store = store
        self._batch = batch
        self._kind = shared_work.kind_of(batch)
        self._carrier = carrier
        self._is_ready = is_ready
        self._size = size
        self._sent: dict[str, float] = {}
        """When each item was sent last."""
        self._out_of_reach = False

    def run(
        self,
        *,
        patience: timedelta,
        report: Callable[[Sequence[WorkItem]], None] = lambda _: None,
        stopped: Callable[[], bool] = lambda: False,
    ) -> list[WorkItem]:
        """Return the items once all are done, or once none was done nor held for as long as `patience`.

        `report` is called with all items again and again; once `stopped` says so nothing more is sent.
        """
        before, moved = -1, time.monotonic()
        while True:
            begun = time.monotonic()
            items = shared_work.batch_of(self._store, self._batch)
            report(items)
            left = [item for item in items if item.ended is None]
            if len(left) != before or any(item.is_held for item in left):
                before, moved = len(left), time.monotonic()
            if not left or stopped() or time.monotonic() - moved > patience.total_seconds():
                return items
            self._send(left)
            time.sleep(max(POLL_SECONDS, 9 * (time.monotonic() - begun)))

    def _send(self, left: Sequence[WorkItem]) -> None:
        """Send what was never sent, and again what is lost."""
        now = time.monotonic()
        unheld = [item for item in left if not item.is_held]
        due = [item for item in unheld if item.id not in self._sent]
        quiet = [item for item in unheld if item.id in self._sent and now - self._sent[item.id] >= GRACE_SECONDS]
        try:
            if quiet and not self._carrier.waiting():
                due += quiet
            for item in sorted(filter(self._is_ready, due), key=self._size, reverse=True):
                self._carrier.send(self._kind, item.id)
                self._sent[item.id] = now
        except BrokerError as error:
            if not self._out_of_reach:
                log.warning("%s; trying again until it answers", error)
            self._out_of_reach = True
        else:
            if self._out_of_reach:
                log.warning("the broker answers again")
            self._out_of_reach = False
