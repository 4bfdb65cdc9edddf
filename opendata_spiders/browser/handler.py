"""The download handler of a crawl: plain HTTP, and Chromium for the requests that ask for it."""

from typing import Any, cast
from weakref import WeakKeyDictionary

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.utils.misc import load_object

from opendata_spiders.fetching.handler import PortalHandler

_CHROMIUM = "opendata_spiders.browser.chromium.Chromium"
"""Loaded by name with the first page that is opened: its imports take longer than a small crawl."""
_OPEN: "WeakKeyDictionary[Crawler, Any]" = WeakKeyDictionary()
"""One for each crawl, shared by the handlers of http and https."""


def browser_of(crawler: Crawler) -> Any:
    """Return the browser of a crawl (`Chromium`); it is not started by that."""
    if crawler not in _OPEN:
        _OPEN[crawler] = load_object(_CHROMIUM)(crawler)
    return _OPEN[crawler]


class PortalOrBrowserHandler(PortalHandler):
    """Downloads plainly; a request with `playwright` in its meta is opened in Chromium."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._crawler = crawler

    async def download_request(self, request: Request) -> Response:
        """Download one answer."""
        if not request.meta.get("playwright"):
            return await super().download_request(request)
        return cast("Response", await browser_of(self._crawler).download_request(request))

    async def close(self) -> None:
        """End the browser, if one was started, and close the connections."""
        if chromium := _OPEN.pop(self._crawler, None):
            await chromium.close()
        await super().close()
