"""What happens to every dataset, in this order: it is normalised, then kept."""

from typing import Self

from scrapy.crawler import Crawler

from opendata_spiders.crawl.run_writer import Recorder
from opendata_spiders.crawl.spider import PortalSpider
from opendata_spiders.items import Dataset
from opendata_spiders.normalise import normalise


class _Pipeline:
    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)


class NormalisePipeline(_Pipeline):
    """Reads the raw values into the vocabularies; the raw values stay beside. Nothing is dropped."""

    async def process_item(self, item: Dataset) -> Dataset:
        """Fill the normalised attributes of a dataset."""
        spider = self._crawler.spider
        if not isinstance(spider, PortalSpider):
            raise TypeError(f"{spider!r} reads no portal: switch ITEM_PIPELINES off for it")
        family, now = f"{spider.family}/{spider.target.slug}", Recorder.of(self._crawler).at
        reading = normalise(item.raw, family=family, tz=spider.target.timezone, now=now)
        for name, value in reading.for_item().items():
            setattr(item, name, value)
        return item


class KeepPipeline(_Pipeline):
    """Hands every dataset to the recorder, which writes in batches and commits once at the end."""

    async def process_item(self, item: Dataset) -> Dataset:
        """Keep one dataset."""
        await Recorder.of(self._crawler).keep(item)
        return item
