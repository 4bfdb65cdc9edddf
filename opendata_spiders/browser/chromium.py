"""Chromium as scrapy-playwright starts it, with this project's bounds."""

import shutil
from typing import Final

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy_playwright.handler import ScrapyPlaywrightDownloadHandler

from opendata_spiders.fetching.addresses import HostGroup

_EXECUTABLES: Final = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
_ARGUMENTS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class Chromium(ScrapyPlaywrightDownloadHandler):  # type: ignore[misc]  # the package is not typed
    """Opens pages in Chromium; started with the first page, ended with the crawl."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        group: HostGroup | None = getattr(crawler.spider, "host_group", None)
        self.config.launch_options = _launch_options(group)
        self._started = False

    async def download_request(self, request: Request) -> Response:
        """Open one page."""
        if not self._started:
            self._started = True
            await self._launch()
        response: Response = await super().download_request(request)
        return response


def _launch_options(group: HostGroup | None) -> dict[str, object]:
    found = next((path for name in _EXECUTABLES if (path := shutil.which(name))), None)
    arguments = list(_ARGUMENTS)
    if group is not None:
        hosts = sorted({host for host, _ in group.places})
        arguments.append(
            "--host-resolver-rules=" + ", ".join(["MAP * ~NOTFOUND", *(f"EXCLUDE {one}" for one in hosts)])
        )
    return {"executable_path": found, "args": arguments, "handle_sigint": False, "handle_sigterm": False}
