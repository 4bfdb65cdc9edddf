"""Datasets travel through Scrapy a page at a time, where nobody wants them one by one.

Scrapy spends more on an item than the pipelines spend on a dataset.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pydispatch import dispatcher  # type: ignore[import-untyped]
from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.extensions.corestats import CoreStats

from opendata_spiders.items import Dataset


@dataclass(slots=True)
class DatasetBatch:
    """Datasets that go through the pipelines together; a pipeline that can read one says so by `takes_batches`."""

    datasets: list[Dataset]


def items_of(datasets: list[Dataset], *, singly: bool) -> Iterable[Dataset | DatasetBatch]:
    """The datasets as the items that a spider yields."""
    if singly:
        return datasets
    return [DatasetBatch(datasets)] if datasets else ()


def wanted_singly(spider: Spider, start: Any) -> bool:
    """Whether anybody wants every dataset of a crawl as an item of its own.

    A feed (`-O`) and an extension listen to `item_scraped`; a pipeline or a spider middleware of others may stand in
    between; a subclass may wrap `start`, whose original is given.
    """
    crawler = spider.crawler
    return (
        type(spider).start is not start
        or bool(crawler.settings.getdict("SPIDER_MIDDLEWARES"))
        or not all(getattr(one, "takes_batches", False) for one in _pipelines(crawler))
        or any(not isinstance(getattr(one, "__self__", None), CoreStats) for one in _listeners(crawler))
    )


def _pipelines(crawler: Crawler) -> Iterable[Any]:
    return crawler.engine.scraper.itemproc.middlewares if crawler.engine else ()


def _listeners(crawler: Crawler) -> Iterable[Any]:
    found: Iterable[Any] = dispatcher.liveReceivers(dispatcher.getAllReceivers(crawler, signals.item_scraped))
    return found
