"""The baseline of a list: a Scrapy spider with Scrapy's own settings that yields every row as a dict and keeps none."""

import json
from collections.abc import Iterator
from typing import Any

from scrapy import Request, Spider
from scrapy.http import Response


class ListSpider(Spider):
    """Reads the pages of a `CatalogueServer`."""

    name = "list"
    base_url = ""
    custom_settings = {"LOG_LEVEL": "ERROR"}

    async def start(self) -> Any:
        """Ask for the first page, which says how many there are."""
        yield self._page(1, self.parse_first)

    def _page(self, page: int, callback: Any) -> Request:
        body = json.dumps({"pageIndex": page})
        return Request(f"{self.base_url}/list", method="POST", body=body, callback=callback, dont_filter=True)

    def parse_first(self, response: Response) -> Iterator[Any]:
        """Yield the rows of the first page, and ask for the others."""
        found = json.loads(response.body)
        yield from found["data"]
        for page in range(2, -(-found["total"] // len(found["data"])) + 1):
            yield self._page(page, self.parse_page)

    def parse_page(self, response: Response) -> Iterator[Any]:
        """Yield the rows of a page."""
        yield from json.loads(response.body)["data"]
