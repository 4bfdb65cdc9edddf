"""A pipeline as somebody else may put one in: it takes single items."""

from pathlib import Path
from typing import Any, Self

from scrapy.crawler import Crawler

from opendata_spiders.items import Dataset


class ItemLog:
    """Writes a line for every dataset into the file ITEM_LOG; fails on anything else."""

    def __init__(self, file: Path) -> None:
        self._file = file

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(Path(crawler.settings["ITEM_LOG"]))

    def process_item(self, item: Any) -> Any:
        """Write the id of a dataset."""
        if not isinstance(item, Dataset) or not item.title:
            raise TypeError(f"a {type(item).__name__} where a normalised dataset is due")
        with self._file.open("a", encoding="utf-8") as out:
            out.write(f"{item.id}\n")
        return item
