"""Which details to read tonight: new and changed datasets first, then those never read, then a rotating thirtieth."""

import time
from collections import deque
from collections.abc import Callable, Iterator
from enum import IntEnum
from itertools import chain

from opendata_spiders.crawl.absence_probe import sweep_due
from opendata_spiders.items import Dataset
from opendata_spiders.pages.contract import DatasetGoneError, PageError
from opendata_spiders.policy import CrawlPolicy
from opendata_spiders.store.models import DETAIL_FAILED, Entry, Finding


class Need(IntEnum):
    """Why a detail is due, in the order in which the budget is spent."""

    CHANGED = 0
    NEVER_READ = 1
    SWEEP = 2


class DetailQueue:
    """Queues the datasets whose detail is due, within the budget."""

    def __init__(
        self, *, budget: int, policy: CrawlPolicy, day: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._clock = clock
        self._began = clock()
        self._chars = 0
        self._budget = budget
        self._policy = policy
        self._day = day
        self._due: dict[Need, list[Dataset]] = {need: [] for need in Need}
        self._offered = 0
        self._streak = 0
        self.read_count = 0
        self.failures: dict[str, PageError] = {}
        self.left_out = 0
        """Details due tonight that did not fit into the budget."""

    def offer(self, dataset: Dataset, known: Entry | None) -> bool:
        """Queue a dataset whose detail is due if the budget allows; if False, the caller yields it without a detail."""
        unchanged = known is not None and known.list_fp == dataset.list_fp
        need = self._need(known) if known and unchanged else Need.CHANGED
        if need is None or not self._has_room(need):
            return False
        self._chars += len(dataset.list_body)
        self._due[need].append(dataset)
        self._offered += 1
        return True

    def wants(self, known: Entry) -> bool:
        """Whether a dataset whose list row is unchanged would be queued; one that is due but left out is counted."""
        need = self._need(known)
        return need is not None and self._has_room(need)

    def _need(self, known: Entry) -> Need | None:
        """Why the detail of a dataset is due whose list row is unchanged; None if it is not."""
        if not known.detailed:
            return Need.NEVER_READ
        return Need.SWEEP if sweep_due(known.id, self._day, self._policy) else None

    def _has_room(self, need: Need) -> bool:
        full = self._chars > self._policy.queue_mb * 1_000_000
        if full or sum(len(self._due[one]) for one in Need if one <= need) >= self._budget:
            self.left_out += 1
            return False
        return True

    def batches(self, size: int) -> Iterator[list[Dataset]]:
        """All queued datasets in batches, most urgent first; beyond the budget their details are not requested.

        What was handed out is no longer held: with its detail a dataset may have a hundred times the memory.
        """
        queue = deque(chain.from_iterable(self._due.values()))
        self._due = {need: [] for need in Need}
        while queue:
            yield [queue.popleft() for _ in range(min(size, len(queue)))]

    def __len__(self) -> int:
        """How many datasets were queued."""
        return self._offered

    def may_ask(self) -> bool:
        """Whether another detail may be requested: budget and time are left, and the last requests did not all fail."""
        asked = self.read_count + len(self.failures)
        if asked >= self._budget or self._streak >= self._policy.same_failure_stop or self.late:
            self.left_out += 1
            return False
        return True

    @property
    def late(self) -> bool:
        """Whether the run has lasted so long that nothing more is asked for."""
        return self._clock() - self._began >= self._policy.run_hours * 3600

    def read(self) -> None:
        """Note a detail that was read."""
        self.read_count += 1
        self._streak = 0

    def failed(self, id_: str, error: PageError) -> None:
        """Note a detail that could not be read; a dataset that is gone is an answer, not a failure in a row."""
        self.failures[id_] = error
        self._streak = 0 if isinstance(error, DatasetGoneError) else self._streak + 1

    def findings(self) -> list[Finding]:
        """What was odd about the details, for the run's record."""
        found = [Finding(DETAIL_FAILED, str(error)[:300], dataset=id_) for id_, error in self.failures.items()][:20]
        if len(self.failures) > len(found):
            found.append(Finding(DETAIL_FAILED, "and more", count=len(self.failures) - len(found)))
        if self.left_out:
            found.append(Finding("detail.left_out", "due, but past tonight's budget", count=self.left_out))
        return found
