"""The night's rounds: hosts side by side, portals of one host one after the other, one request at a time."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request, Spider
from scrapy.http import Response

from opendata_spiders.crawl.spider import PortalSpider
from opendata_spiders.fetching.ask import ask
from opendata_spiders.files.fetch.host_budget import HostBudget
from opendata_spiders.files.fetch.looker import Looker, unseen
from opendata_spiders.files.fetch.size_limit import SizeCap
from opendata_spiders.files.parse.file_reading import FileReading
from opendata_spiders.files.parse.subprocess import read_apart
from opendata_spiders.files.plan import Due
from opendata_spiders.files.policy import file_policy
from opendata_spiders.policy import policy
from opendata_spiders.store.clock import real_now
from opendata_spiders.store.file_checks import FileCheck, FileOutcome, FileRound

Keep = Callable[[FileRound], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Patient:
    """A portal whose round is due, and the family that knows its addresses; None where it is not crawled."""

    due: Due
    family: PortalSpider | None


@dataclass(slots=True)
class FileProgress:
    """How far the night is."""

    portals: int
    done: int = 0
    files: int = 0
    faults: list[str] = field(default_factory=list)
    """Portals whose round could not be made, by a fault of ours."""


class FilesSpider(Spider):
    """Makes one round for each patient and hands it to `keep`."""

    name = "checkfiles"

    def __init__(
        self,
        groups: Sequence[Sequence[Patient]] = (),
        keep: Keep | None = None,
        at: datetime | None = None,
        hosts: int = 4,
        progress: FileProgress | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self._groups = groups
        self._keep = keep
        self._at = at or real_now()
        self._side_by_side = asyncio.Semaphore(max(1, hosts))
        self._one_reader = asyncio.Semaphore(1)
        self.progress = progress or FileProgress(sum(map(len, groups)))
        self._cap: SizeCap | None = None

    async def start(self) -> AsyncIterator[Any]:
        """Visit all hosts; nothing is scraped."""
        self._cap = SizeCap.on(self.crawler)
        ticking = asyncio.get_running_loop().create_task(self._tick())
        await asyncio.gather(*(self._host(group) for group in self._groups))
        ticking.cancel()
        nothing: tuple[Any, ...] = ()
        for item in nothing:  # start() has to be a generator
            yield item

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(self.settings.getfloat("PROGRESS_SECONDS", 10.0))
            self.logger.info("%s", self._line())

    def _line(self) -> str:
        far, received = self.progress, self._cap.total if self._cap else 0
        return f"files: {far.done} of {far.portals} portals, {far.files:,} files, {received / (1 << 20):.1f} MB"

    async def _host(self, group: Sequence[Patient]) -> None:
        async with self._side_by_side:
            budget = HostBudget(file_policy(), lambda: self._cap.total if self._cap else 0, stop_after=self._stop_after)
            for patient in group:
                await self._visit(patient, budget)

    @property
    def _stop_after(self) -> int:
        return policy().same_failure_stop

    async def _visit(self, patient: Patient, budget: HostBudget) -> None:
        """Make one portal's round; a fault of ours costs this round, not the night."""
        try:
            looked = await self._round(patient, budget)
            if self._keep:
                await self._keep(looked)
        except Exception:
            self.logger.exception("the files of %s could not be looked at", patient.due.portal.slug)
            self.progress.faults.append(patient.due.portal.slug)
        self.progress.done += 1

    async def _round(self, patient: Patient, budget: HostBudget) -> FileRound:
        due, started = patient.due, real_now()
        checks = await self._checks(patient, budget)
        return FileRound(
            id=f"{due.portal.slug}-files-{self._at:%Y%m%dT%H%M%SZ}-{due.seq}",
            portal=due.portal.id,
            slug=due.portal.slug,
            seq=0,
            at=self._at,
            started=started,
            finished=real_now(),
            host=urlsplit(patient.family.base_url if patient.family else due.portal.base_url).netloc,
            checks=tuple(checks),
        )

    async def _checks(self, patient: Patient, budget: HostBudget) -> list[FileCheck]:
        family, due = patient.family, patient.due
        if family is None or self._cap is None:
            return [check for dataset in due.datasets for check in unseen([dataset], dataset.why)]
        looker = Looker(family, lambda request: self._fetch(family.bound(request)), self._read, budget, self._cap)
        checks: list[FileCheck] = []
        for dataset in due.datasets:
            found = await looker.look(dataset, due.left_out)
            self.progress.files += sum(check.outcome is not FileOutcome.UNSEEN and bool(check.file) for check in found)
            checks += found
        return checks

    async def _fetch(self, request: Request) -> Response:
        return await ask(self.crawler, request)

    async def _read(self, body: bytes, declared: str, whole: bool) -> FileReading:  # noqa: FBT001 -- the shape of `Read`
        """Have a file read, one at a time: each reader may take much memory."""
        async with self._one_reader:
            return await asyncio.to_thread(read_apart, body, declared, whole=whole)
