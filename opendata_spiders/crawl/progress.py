"""Shows that a crawl is alive and how far it is."""

import asyncio
from typing import TYPE_CHECKING, Self

from scrapy import signals
from scrapy.crawler import Crawler

from opendata_spiders.terminal import show_progress

if TYPE_CHECKING:
    from opendata_spiders.crawl.spider import PortalSpider


class ProgressLog:
    """Extension: one line that is kept up to date on a terminal, elsewhere one every PROGRESS_SECONDS."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._task: asyncio.Task[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        progress = cls(crawler.settings.getfloat("PROGRESS_SECONDS"))
        crawler.signals.connect(progress.opened, signal=signals.spider_opened)
        crawler.signals.connect(progress.closed, signal=signals.spider_closed)
        return progress

    def opened(self, spider: "PortalSpider") -> None:
        self._task = asyncio.get_running_loop().create_task(show_progress(lambda: line(spider), self._seconds))

    def closed(self) -> None:
        if self._task:
            self._task.cancel()


def line(spider: "PortalSpider") -> str:
    """How far a crawl is, in one line."""
    reader, queue = spider.reader, spider.details
    if reader is None or not reader.facts.passes:
        return f"{spider.name}: asking for the first page of the list"
    facts = reader.facts
    pages = f" of {max(reader.pages_due, facts.last.pages):,}" if reader.pages_due is not None else ""
    declared = f" of {facts.declared:,}" if facts.declared is not None else ""
    text = f"{spider.name}: list page {facts.last.pages:,}{pages}, {len(facts.ids):,}{declared} datasets"
    if len(facts.passes) > 1:
        text += f", reading {len(facts.passes)} (the list did not hold still)"
    if queue.read_count or queue.failures:
        text += f"; details {queue.read_count:,} of {len(queue):,}"
        text += f", {len(queue.failures)} failed" if queue.failures else ""
    if spider.look:
        text += f"; looked at {len(spider.look)} missing"
    return text
