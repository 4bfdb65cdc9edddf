"""What happens to every dataset, in this order: it is normalised, then kept. A pipeline only does its one duty."""

import logging
from typing import Self

from scrapy.crawler import Crawler

from opendata_spiders.items import Dataset, Resource
from opendata_spiders.normalise import Normalised, normalise
from opendata_spiders.recorder import Recorder

logger = logging.getLogger(__name__)


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
            family=spider.family,  # type: ignore[union-attr]
            tz=spider.target.timezone,  # type: ignore[union-attr]
            now=_recorder(self._crawler).at,
        )
        fill(item, reading)
        return item


def fill(item: Dataset, reading: Normalised) -> None:
    """Copy a normalised record into the item."""
    for name in _COPIED:
        setattr(item, name, getattr(reading, name))
    for name in _LISTS:
        setattr(item, name, list(getattr(reading, name)))
    item.title = reading.title or ""
    item.frequency = reading.promise.iso
    item.frequency_code = reading.promise.code
    item.overdue_after = None if reading.promise.realtime else reading.promise.overdue
    item.resources = [Resource(*_resource(raw)) for raw in item.raw.get("resources") or []]


_LISTS = ("theme_raw", "theme", "tags", "formats_raw", "formats", "findings")
_COPIED = (
    "description",
    "office",
    "theme_rule",
    "industry",
    "frequency_raw",
    "open_type_raw",
    "open_type",
    "open_condition",
    "contact_phone",
    "contact_email",
    "published_raw",
    "published",
    "updated_raw",
    "updated",
    "data_updated_raw",
    "data_updated",
    "rows",
    "storage",
    "files",
    "apis",
    "views",
    "downloads",
    "calls",
)


def _resource(raw: object) -> tuple[str, str | None, str | None]:
    if not isinstance(raw, dict):
        return str(raw), None, None
    return str(raw.get("name") or ""), raw.get("format"), raw.get("id")


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
