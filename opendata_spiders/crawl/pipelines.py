"""What happens to every dataset, in this order: it is normalised, then kept. A pipeline only does its one duty."""

from typing import Self

from scrapy.crawler import Crawler

from opendata_spiders.crawl.run_writer import Recorder
from opendata_spiders.items import Dataset
from opendata_spiders.normalise import Normalised, normalise


def _recorder(crawler: Crawler) -> Recorder:
    recorder = crawler.get_extension(Recorder)
    if recorder is None:
        raise RuntimeError("the Recorder extension is not enabled: restore EXTENSIONS in settings.py")
    return recorder


class NormalisePipeline:
    """Reads the raw values into the vocabularies; the raw values stay beside. Nothing is dropped."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_item(self, item: Dataset) -> Dataset:
        """Fill the normalised attributes of a dataset."""
        spider = self._crawler.spider
        reading = normalise(
            item.raw,
            family=f"{spider.family}/{spider.target.slug}",  # type: ignore[union-attr]
            tz=spider.target.timezone,  # type: ignore[union-attr]
            now=_recorder(self._crawler).at,
        )
        fill(item, reading)
        return item


def fill(item: Dataset, reading: Normalised) -> None:
    """Copy a normalised record into the item."""
    for name, value in reading.for_item().items():
        setattr(item, name, value)


class KeepPipeline:
    """Hands every dataset to the recorder, which writes in batches and commits once at the end."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_item(self, item: Dataset) -> Dataset:
        """Remember one dataset."""
        await _recorder(self._crawler).keep(item)
        return item
