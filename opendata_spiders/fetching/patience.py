"""How long a server asks clients to wait (`Retry-After`), and whether we wait that long."""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from opendata_spiders.normalise.retry_after import retry_after
from opendata_spiders.pages.contract import PageBlockedError
from opendata_spiders.policy import CrawlPolicy
from opendata_spiders.store.clock import SHANGHAI, real_now

if TYPE_CHECKING:
    from scrapy.http import Response

_STATUSES = frozenset({429, 503})


class Patience:
    """Delays requests to the servers of a host group for as long as one asks, or refuses them where that is too long.

    There is one for each process, so that it holds for every portal of the group. A wait is never longer than
    `retry_after_seconds`, and all waits for one group together are not longer than `retry_after_total`; beyond that it
    gets no more requests until it may be asked again. Waiting for one group delays no other.
    """

    def __init__(self, policy: CrawlPolicy, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._policy = policy
        self._clock = clock
        self._until: dict[str, float] = {}
        self._not_before: dict[str, datetime] = {}
        self._waited: dict[str, float] = {}

    async def wait(self, group: str) -> None:
        """Wait until `group` may be asked again; raises PageBlockedError if that is too long."""
        while (left := self._until.get(group, 0.0) - self._clock()) > 0:
            if left > self._policy.retry_after_seconds or self._waited[group] > self._policy.retry_after_total:
                when = self._not_before[group].astimezone(SHANGHAI)
                raise PageBlockedError(
                    f"the server asks not to be asked again before {when:%Y-%m-%d %H:%M:%S %z} (Retry-After)"
                )
            await asyncio.sleep(left)

    def note(self, group: str, response: "Response") -> None:
        """Note the Retry-After of an answer; a 429 without one counts as `retry_after_default` seconds."""
        if response.status not in _STATUSES:
            return
        now, raw = real_now(), response.headers.get("Retry-After")
        wait = retry_after(raw.decode("latin-1"), now) if raw else None
        if wait is None and response.status == 429:
            wait = timedelta(seconds=self._policy.retry_after_default)
        if wait is None:
            return
        until = self._clock() + wait.total_seconds()
        if until > self._until.get(group, 0.0):
            before = max(self._until.get(group, 0.0), self._clock())
            self._waited[group] = self._waited.get(group, 0.0) + until - before
            self._until[group] = until
            self._not_before[group] = (now + wait).astimezone(UTC)
