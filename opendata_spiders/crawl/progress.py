"""Shows that a crawl is alive and how far it is, every few seconds."""

import asyncio
import logging
from typing import TYPE_CHECKING, Self

from scrapy import signals
from scrapy.crawler import Crawler

if TYPE_CHECKING:
    from opendata_spiders.crawl.spider import PortalSpider

logger = logging.getLogger(__name__)


class ProgressLog:
    """Extension: one INFO line every PROGRESS_SECONDS (default 10)."""

    def __init__(self, crawler: Crawler) -> None:
        self._seconds = crawler.settings.getfloat("PROGRESS_SECONDS", 10.0)
        self._task: asyncio.Task[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Connect to the signals that open and close a crawl."""
        progress = cls(crawler)
        crawler.signals.connect(progress.opened, signal=signals.spider_opened)
        crawler.signals.connect(progress.closed, signal=signals.spider_closed)
        return progress

    def opened(self, spider: "PortalSpider") -> None:
        self._task = asyncio.get_running_loop().create_task(self._tick(spider))

    def closed(self) -> None:
        if self._task:
            self._task.cancel()

    async def _tick(self, spider: "PortalSpider") -> None:
        while True:
            await asyncio.sleep(self._seconds)
            logger.info("%s", line(spider))


def line(spider: "PortalSpider") -> str:
    """How far a crawl is, in one line."""
    if spider.reader is None or not spider.reader.facts.passes:
        return f"{spider.name}: asking for the first page of the list"
    facts, queue = spider.reader.facts, spider.details
    declared = f" of {facts.declared:,}" if facts.declared is not None else ""
    text = f"{spider.name}: list {facts.last.pages:,} pages, {len(facts.ids):,}{declared} datasets"
    if len(facts.passes) > 1:
        text += f", reading {len(facts.passes)} (the list did not hold still)"
    if queue.read_count or queue.failures:
        text += f"; details {queue.read_count:,} of {len(queue):,}"
        text += f", {len(queue.failures)} failed" if queue.failures else ""
    if spider.look:
        text += f"; looked at {len(spider.look)} missing"
    return text
