"""Runs a night of file checks: hosts in parallel, the portals of one host one request after the other."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import urlsplit

from scrapy import Spider

from opendata_spiders.fetching.ask import ask
from opendata_spiders.fetching.host_turn import turn_at
from opendata_spiders.files.fetch.host_budget import HostBudget
from opendata_spiders.files.fetch.looker import Looker
from opendata_spiders.files.fetch.size_limit import SizeCap
from opendata_spiders.files.parse.file_reading import FileReading
from opendata_spiders.files.parse.subprocess import read_apart
from opendata_spiders.files.policy import file_policy
from opendata_spiders.night import uplink
from opendata_spiders.night.file_plan import DueRound
from opendata_spiders.policy import policy
from opendata_spiders.store import file_checks
from opendata_spiders.store.clock import real_now
from opendata_spiders.store.connect import Store
from opendata_spiders.store.errors import HostHeldError
from opendata_spiders.store.file_checks import FileCheck, FileOutcome, FileRound
from opendata_spiders.terminal import show_progress


@dataclass(slots=True)
class FileNight:
    """The finished rounds of a night.

    A round in which nothing answered is stored once it is clear whether our own connection failed.
    """

    store: Store
    portals: int
    """Rounds that are due."""
    report: Callable[[FileRound], None]
    """Called with each round as it ends."""
    stopped: Callable[[], bool]
    """Says whether its time is up: then no further round begins."""
    files: int = 0
    done: int = 0
    faults: int = 0
    """Rounds that could not be made because of an error on our side."""
    left_out: int = 0
    """Rounds that were not begun because the night's time was up, or because nobody waits any more for a host."""
    kept: list[FileRound] = field(default_factory=list)
    held: list[FileRound] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        """Whether every round that was due, and for which there was time, was made."""
        return self.done + self.left_out == self.portals and not self.faults

    async def keep(self, looked: FileRound) -> None:
        """Store a round, or hold it back."""
        if uplink.is_silent(looked):
            self.held.append(looked)
        else:
            self.kept.append(await asyncio.to_thread(file_checks.insert, self.store.db, looked))
        self.report(looked)

    def close(self) -> bool:
        """Store what was held back; True if our own connection is suspected."""
        ours = uplink.rounds_are_suspect([*self.kept, *self.held])
        for looked in self.held:
            self.kept.append(file_checks.insert(self.store.db, uplink.unseen(looked) if ours else looked))
        self.held.clear()
        return ours


class FilesSpider(Spider):
    """Makes every round that is due and hands it to the night."""

    name = "checkfiles"
    custom_settings: ClassVar[dict[str, Any]] = {"EXTENSIONS": {}, "ITEM_PIPELINES": {}}  # type: ignore[misc]
    """No run is recorded, no item kept. Delays, robots.txt, retries and proxies are those of a crawl."""

    def __init__(
        self, groups: Sequence[Sequence[DueRound]], night: FileNight, *, at: datetime, hosts: int, **kwargs: Any
    ) -> None:
        """`groups`: the rounds by host group, `at`: domain time, `hosts`: how many are asked in parallel."""
        super().__init__(**kwargs)
        self._groups = groups
        self._night = night
        self._at = at
        self._side_by_side = asyncio.Semaphore(max(1, hosts))
        self._one_reader = asyncio.Semaphore(1)

    async def start(self) -> AsyncIterator[Any]:
        """Visit all hosts; nothing is scraped."""
        cap = SizeCap.on(self.crawler)
        ticking = asyncio.create_task(
            show_progress(lambda: self._progress(cap), self.settings.getfloat("PROGRESS_SECONDS"))
        )
        await asyncio.gather(*(self._host(group, cap) for group in self._groups))
        ticking.cancel()
        nothing: tuple[Any, ...] = ()
        for item in nothing:  # start() has to be a generator
            yield item

    def _progress(self, cap: SizeCap) -> str:
        far = self._night
        return f"files: {far.done} of {far.portals} portals, {far.files} files, {cap.total / (1 << 20):.1f} MB"

    async def _host(self, group: Sequence[DueRound], cap: SizeCap) -> None:
        async with self._side_by_side:
            budget = HostBudget(file_policy(), lambda: cap.total, stop_after=policy().same_failure_stop)
            for due in group:
                await self._visit(due, budget, cap)

    async def _visit(self, due: DueRound, budget: HostBudget, cap: SizeCap) -> None:
        """Make one portal's round in its turn; an error on our side costs this round, not the night."""
        try:
            if self._is_over():
                self._night.left_out += 1
                return
            async with self._turn(due):
                await self._night.keep(await self._round(due, budget, cap))
        except HostHeldError:
            self._night.left_out += 1
            return
        except Exception:
            self.logger.exception("the files of %s could not be looked at", due.portal.slug)
            self._night.faults += 1
        self._night.done += 1

    def _is_over(self) -> bool:
        return not self.crawler.crawling or self._night.stopped()

    def _turn(self, due: DueRound) -> AbstractAsyncContextManager[None]:
        """The turn at the portal's servers; nothing is asked of a portal that is not crawled."""
        if due.spider is None:
            return nullcontext()
        group, db = due.spider.host_group, self._night.store.db
        return turn_at(db, group, due.portal.slug, "asked for its files", is_over=self._is_over)

    async def _round(self, due: DueRound, budget: HostBudget, cap: SizeCap) -> FileRound:
        started = real_now()
        checks = await self._checks(due, budget, cap)
        return FileRound(
            id=f"{due.portal.slug}-files-{self._at:%Y%m%dT%H%M%SZ}-{due.seq}",
            portal=due.portal.id,
            slug=due.portal.slug,
            seq=0,
            at=self._at,
            started=started,
            finished=real_now(),
            host=urlsplit((due.spider or due.portal).base_url).netloc,
            checks=tuple(checks),
        )

    async def _checks(self, due: DueRound, budget: HostBudget, cap: SizeCap) -> list[FileCheck]:
        spider = due.spider
        if spider is None:
            return [FileCheck(dataset.id, "", why=dataset.why) for dataset in due.datasets]
        looker = Looker(spider, lambda request: ask(self.crawler, spider.bound(request)), self._read, budget, cap)
        checks: list[FileCheck] = []
        for dataset in due.datasets:
            found = await looker.look(dataset, due.left_out)
            self._night.files += sum(check.outcome is not FileOutcome.UNSEEN and check.is_file for check in found)
            checks += found
        return checks

    async def _read(self, body: bytes, declared: str, whole: bool) -> FileReading:  # noqa: FBT001 -- the shape of `Read`
        """Parse a file in its own process, one at a time: each may take much memory."""
        async with self._one_reader:
            return await asyncio.to_thread(read_apart, body, declared, whole=whole)
