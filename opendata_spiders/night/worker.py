"""The process that reads portals side by side; a night starts as many as there are cores.

    python -m opendata_spiders.night.worker [NAME=VALUE …]

The words are Scrapy settings. Orders come as lines on standard input (`messages.py`), answers go to standard output.
Each portal has a crawler of its own, with its settings, statistics, extensions and log; the reactor, the loaded
families and the store are the process's. It ends when its input does.
"""

import asyncio
import logging
import os
import signal
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.utils.project import get_project_settings

from opendata_spiders.crawl.collector import spare_the_collector
from opendata_spiders.crawl.outcome import outcome
from opendata_spiders.crawl.run_writer import Recorder
from opendata_spiders.crawl.spider import PortalSpider
from opendata_spiders.fetching.addresses import is_loopback
from opendata_spiders.log_lines import quiet
from opendata_spiders.night.messages import (
    EndAll,
    FailPortal,
    Message,
    PortalEnded,
    ReadingNow,
    ReadPortal,
    WorkerAlive,
    from_line,
    to_line,
)
from opendata_spiders.night.policy import night_policy
from opendata_spiders.night.portal_logs import PortalLogs
from opendata_spiders.night.values import FINISHES
from opendata_spiders.store.models import Verdict
from opendata_spiders.terminal import prepare

log = logging.getLogger(__name__)

_ALIVE_SECONDS = 2.0
_POLL_SECONDS = 0.2


@dataclass(eq=False, slots=True)
class PortalReading:
    """One portal that is being read."""

    order: ReadPortal
    began: float = field(default_factory=time.monotonic)
    crawler: Crawler | None = None

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began

    def now(self) -> ReadingNow:
        """How far it is."""
        spider = self.crawler.spider if self.crawler else None
        facts = spider.reader.facts if isinstance(spider, PortalSpider) and spider.reader else None
        stats = self.crawler._stats if self.crawler else None  # noqa: SLF001 -- unset before the crawl starts
        requests = stats.get_value("downloader/request_count", 0) if stats else 0
        seen, declared = (len(facts.ids), facts.declared) if facts else (0, None)
        return ReadingNow(self.order.slug, seen, declared, requests, self.seconds)

    @property
    def is_running(self) -> bool:
        """Whether requests are being sent: before that Scrapy cannot end a crawl in order."""
        engine = self.crawler._engine if self.crawler else None  # noqa: SLF001 -- unset before the crawl starts
        return engine is not None and engine.running


class PortalWorker:
    """Reads the portals it is told to, each in a task of its own; one portal's exception ends no other."""

    def __init__(self, process: AsyncCrawlerProcess, logs: PortalLogs, out: TextIO, *, finishes: bool = False) -> None:
        """`finishes`: what is being read when the orders end is read to its end."""
        self._process = process
        self._finishes = finishes
        self._logs = logs
        self._out = out
        self._readings: dict[str, PortalReading] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._asked: dict[str, float] = {}
        """When the last portal of each host group ended."""
        self._ending = False

    async def serve(self, orders: asyncio.StreamReader) -> None:
        """Obey until the orders end; then end what is being read, unless it is to be finished, and return."""
        alive = asyncio.create_task(self._say_alive())
        while line := await orders.readline():
            self._obey(from_line(line))
        if not self._finishes:
            self.end_all()
        while self._tasks:
            await asyncio.wait(self._tasks)
        alive.cancel()

    def end_all(self) -> None:
        """Begin nothing more, and ask what is being read to end with what it has read."""
        if not self._ending:
            self._ending = True
            for reading in self._readings.values():
                self._start(self._end(reading))

    def _obey(self, order: Message) -> None:
        match order:
            case ReadPortal():
                self._readings[order.slug] = PortalReading(order)
                self._start(self._read(self._readings[order.slug]))
            case FailPortal():
                self._start(self._fail(order))
            case EndAll():
                self.end_all()
            case _:
                raise ValueError(f"{order!r} is no order")

    def _start(self, work: "asyncio._CoroutineLike[None]") -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _say(self, message: Message) -> None:
        with suppress(BrokenPipeError):  # the night was killed; the end of the orders ends this process
            self._out.write(to_line(message))
            self._out.flush()

    async def _say_alive(self) -> None:
        while True:
            self._say(WorkerAlive(tuple(reading.now() for reading in self._readings.values())))
            await asyncio.sleep(_ALIVE_SECONDS)

    async def _read(self, reading: PortalReading) -> None:
        """Read one portal; whatever happens, its end is told."""
        verdict = Verdict.FAILED
        with self._logs.into(Path(reading.order.log)):
            try:
                verdict, summary = await self._crawl(reading)
                log.info("the night's reading:\n%s", summary)
            except Exception:
                log.exception("%s could not be read", reading.order.slug)
        self._asked[reading.order.host] = time.monotonic()
        del self._readings[reading.order.slug]
        self._say(PortalEnded(reading.order.slug, verdict, reading.seconds))

    async def _crawl(self, reading: PortalReading) -> tuple[Verdict, str]:
        order, rules = reading.order, night_policy()
        spider_class = self._process.spider_loader.load(order.slug)
        crawler = Crawler(spider_class, self._process.settings)  # which copies them
        crawler.settings.set("DETAIL_BUDGET", order.budget, priority="cmdline")
        await self._keep_pace(crawler, order.host)
        reading.crawler = crawler
        crawl = self._process.crawl(crawler)
        if self._ending:
            self._start(self._end(reading))
        await asyncio.wait({crawl}, timeout=rules.portal_hours * 3600)
        if not crawl.done():
            log.warning("asked to end by the night: it took longer than %g hours", rules.portal_hours)
            self._start(self._end(reading))
            await asyncio.wait({crawl}, timeout=rules.portal_grace_minutes * 60)
        if not crawl.done():
            crawl.cancel()
            return Verdict.FAILED, "ended by the night: it did not end when it was asked to"
        await crawl
        return outcome(crawler)

    async def _keep_pace(self, crawler: Crawler, host: str) -> None:
        """Leave the delay between two requests also between two portals of one host group."""
        row = getattr(crawler.spidercls, "portal", None)
        if host in self._asked and row is not None and not is_loopback(row.base_url):
            since = time.monotonic() - self._asked[host]
            await asyncio.sleep(max(0.0, crawler.settings.getfloat("DOWNLOAD_DELAY") - since))

    async def _end(self, reading: PortalReading) -> None:
        """Ask a crawl to end as soon as it can."""
        while self._readings.get(reading.order.slug) is reading:
            if reading.crawler is not None and reading.is_running:
                await reading.crawler.stop_async()
            await asyncio.sleep(_POLL_SECONDS)

    async def _fail(self, order: FailPortal) -> None:
        """End a crawl as failed, as soon as it can be ended."""
        while reading := self._readings.get(order.slug):
            recorder = reading.crawler.get_extension(Recorder) if reading.crawler and reading.is_running else None
            if recorder:
                recorder.fail(order.why)
                return
            await asyncio.sleep(_POLL_SECONDS)


def main() -> None:
    """Serve until the orders end."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever a library prints is no answer
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the night's to hear; it ends its workers
    tempfile.gettempdir()  # kept from now on: a browser that starts sets TMPDIR for a moment, for this process alone
    prepare()
    settings = get_project_settings()
    for word in sys.argv[1:]:
        name, _, value = word.partition("=")
        settings.set(name, value, priority="cmdline")
    settings.set("LOG_INSTALL_ROOT_HANDLER", False, priority="cmdline")
    quiet(settings)
    process = AsyncCrawlerProcess(settings)
    logs = PortalLogs(settings["LOG_LEVEL"], settings["LOG_FORMAT"], settings["LOG_DATEFORMAT"])
    logging.root.addHandler(logs)
    logging.root.setLevel(logs.level)
    spare_the_collector()
    loop = asyncio.get_event_loop()
    serving = loop.create_task(_serve(PortalWorker(process, logs, out, finishes=settings.getbool(FINISHES))))
    process.start(stop_after_crawl=False, install_signal_handlers=False)
    serving.result()


async def _serve(worker: PortalWorker) -> None:
    from twisted.internet import reactor  # noqa: PLC0415 -- importing it earlier would install another one

    loop = asyncio.get_running_loop()
    orders = asyncio.StreamReader()
    pipe, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)

    def terminated() -> None:
        worker.end_all()
        pipe.close()

    loop.add_signal_handler(signal.SIGTERM, terminated)
    try:
        await worker.serve(orders)
    finally:
        loaded: Any = reactor
        loaded.stop()


if __name__ == "__main__":
    main()
