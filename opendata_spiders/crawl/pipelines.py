"""What happens to every dataset, in this order: it is normalised, then stored.

A spider, or a pipeline put in between, may yield any item that Scrapy knows (dict, dataclass, attrs, pydantic,
scrapy.Item); `dataset_of` reads it.
"""

from dataclasses import fields as attributes
from typing import Any, Final, Self

from itemadapter import ItemAdapter
from scrapy.crawler import Crawler

from opendata_spiders.crawl.batches import DatasetBatch
from opendata_spiders.crawl.run_writer import Recorder
from opendata_spiders.crawl.spider import PortalSpider
from opendata_spiders.items import Dataset
from opendata_spiders.normalise import normalise
from opendata_spiders.pages import bodies
from opendata_spiders.store.content import list_fingerprint
from opendata_spiders.store.fields import fields

_ATTRIBUTES: Final = frozenset(one.name for one in attributes(Dataset))
_OURS: Final = (Dataset, DatasetBatch)
_BESIDE: Final = frozenset({"page_url", "list_body"})
"""Attributes of a Dataset that an item without `raw` may also give."""


class _Pipeline:
    takes_batches = True

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    @property
    def _spider(self) -> PortalSpider:
        spider = self._crawler.spider
        if not isinstance(spider, PortalSpider):
            raise TypeError(f"{spider!r} reads no portal: switch ITEM_PIPELINES off for it")
        return spider


class NormalisePipeline(_Pipeline):
    """Adds the normalised values to the raw ones. No dataset is dropped."""

    async def process_item(self, item: Any) -> Dataset | DatasetBatch:
        """Fill the normalised attributes of a dataset or several; raises ValueError for an item that is no dataset."""
        spider = self._spider
        found = item if type(item) in _OURS else dataset_of(item, spider)
        family, now = f"{spider.family}/{spider.target.slug}", Recorder.of(self._crawler).at
        for dataset in found.datasets if isinstance(found, DatasetBatch) else (found,):
            reading = normalise(dataset.raw, family=family, tz=spider.target.timezone, now=now)
            for name, value in reading.for_item().items():
                setattr(dataset, name, value)
        return found


class KeepPipeline(_Pipeline):
    """Hands every dataset to the recorder, which writes in batches and commits once at the end."""

    async def process_item(self, item: Any) -> Any:
        """Store one dataset or several; returns the item as it came."""
        found = item if type(item) in _OURS else dataset_of(item, self._spider)
        for dataset in found.datasets if isinstance(found, DatasetBatch) else (found,):
            await Recorder.of(self._crawler).keep(dataset)
        return item


def dataset_of(item: Any, spider: PortalSpider) -> Dataset:
    """Read an item as a dataset of the spider's portal; raises ValueError for one without an id or a value.

    An item with `raw` has the attributes of a Dataset; one without has its raw values by the names of store/fields.csv.
    Whatever is None counts as not given; what only the crawl can know is filled in.
    """
    given = {name: value for name, value in _adapted(item).items() if value is not None}
    id_ = bodies.native_id(given.get("id"))
    raw = given.get("raw") or {name: given[name] for name in fields() if name in given}
    if not id_ or not raw:
        missing = "value of store/fields.csv" if id_ else "id"
        raise ValueError(
            f"an item without {missing}, of {type(item).__name__}: yield `id` and the fields that were read"
        )
    row = given.get("row") or raw
    made = {
        "row": row,
        "list_fp": list_fingerprint(row),
        "list_body": bodies.json_text(row),
        "page_url": spider.page_url(id_),
    }
    place = {"portal": spider.target.portal_id, "slug": spider.target.slug, "id": id_, "raw": raw}
    own = (_ATTRIBUTES if "raw" in given else _BESIDE) & given.keys()
    return Dataset(**{**made, **{name: given[name] for name in own}, **place})


def _adapted(item: Any) -> ItemAdapter:
    try:
        return ItemAdapter(item)
    except TypeError:
        raise ValueError(
            f"a {type(item).__name__} is no item: yield a dict, dataclass, attrs or pydantic object"
        ) from None
