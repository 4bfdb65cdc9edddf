"""What happens to every dataset: it is normalised, then kept."""

from typing import Self

from scrapy.crawler import Crawler

from opendata_spiders.crawl.run_writer import Recorder
from opendata_spiders.crawl.spider import PortalSpider
from opendata_spiders.items import Dataset
from opendata_spiders.normalise import normalise


class DatasetPipeline:
    """Reads the raw values into the vocabularies (they stay beside), and hands every dataset to the recorder."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_item(self, item: Dataset) -> Dataset:
        """Fill the normalised attributes of a dataset and keep it; nothing is dropped."""
        spider, recorder = self._crawler.spider, Recorder.of(self._crawler)
        if not isinstance(spider, PortalSpider):
            raise TypeError(f"{spider!r} reads no portal: switch ITEM_PIPELINES off for it")
        family = f"{spider.family}/{spider.target.slug}"
        reading = normalise(item.raw, family=family, tz=spider.target.timezone, now=recorder.at)
        for name, value in reading.for_item().items():
            setattr(item, name, value)
        await recorder.keep(item)
        return item
