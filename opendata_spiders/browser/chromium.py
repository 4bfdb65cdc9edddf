"""Pages downloaded by Chromium, each within a bounded time; whatever goes wrong is a PageError."""

import asyncio
from typing import Any, Final

from playwright.async_api import Error as PlaywrightError
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy_playwright.handler import ScrapyPlaywrightDownloadHandler

from opendata_spiders.browser.launching import ChromiumProvider
from opendata_spiders.fetching.addresses import HOST_GROUP
from opendata_spiders.pages.bodies import plain
from opendata_spiders.pages.contract import PageDriftedError, PageError, PageTooLargeError, PageUnreachableError
from opendata_spiders.policy import policy

_FAILURES: Final = (PlaywrightError, TimeoutError, RuntimeError)
"""RuntimeError is scrapy-playwright's for a download."""


class Chromium(ScrapyPlaywrightDownloadHandler):  # type: ignore[misc]  # the package is not typed
    """Opens pages in a browser that starts with the first, and ends when none was open for a while or one failed."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.config.target_closed_max_retries = 0
        self.browser_provider_cls = lambda config: ChromiumProvider(config, crawler)
        self._context: dict[str, Any] = {
            "user_agent": crawler.settings["USER_AGENT"],
            "ignore_https_errors": True,  # as for plain requests: fetching/tls.py
            "accept_downloads": False,
            "locale": "zh-CN",
            "service_workers": "block",
        }
        self._idle: asyncio.Task[None] | None = None
        self.busy = asyncio.Lock()
        """Held from before a page is opened until it is closed: one at a time."""

    async def download_request(self, request: Request) -> Response:
        """Open one page; raises PageError."""
        if hasattr(self, "browser") and not self.browser.is_connected():
            await self.end()
        if not hasattr(self, "browser_provider"):
            await self._started()
        self.browser_provider.begin(request.meta[HOST_GROUP])
        request.meta["playwright_context_kwargs"] = dict(self._context)
        try:
            async with asyncio.timeout(policy().browser_page_seconds):
                response: Response = await super().download_request(request)
        except _FAILURES as error:
            raise await self.explained(error) from error
        return response

    async def _started(self) -> None:
        try:
            await self._launch()
            await self._maybe_launch_browser()  # outside the time that a page may take
        except Exception:
            await self.end()
            raise

    async def explained(self, error: Exception) -> PageError:
        """Return what a failure of the open page amounts to; a browser that may be the worse for it is ended."""
        provider: ChromiumProvider | None = self.__dict__.get("browser_provider")
        said, rules = plain(str(error).partition("\n")[0], 200), policy()
        if provider is None:
            return PageUnreachableError(f"Chromium has ended: {said}")
        if provider.too_large:
            why: PageError = PageTooLargeError(f"the page took Chromium more than {rules.browser_mb} MB of memory")
        elif provider.proxy.overflowed:
            why = PageTooLargeError(f"the page loads more than {rules.browser_load_mb} MB")
        elif isinstance(error, TimeoutError):
            why = PageUnreachableError(f"Chromium was not done with the page in {rules.browser_page_seconds} seconds")
        elif isinstance(error, RuntimeError):
            why = PageDriftedError("a file to be saved where a page is due")
        elif "net::ERR_" in said:
            cause = provider.proxy.failure
            return PageUnreachableError(f"{said} ({plain(cause)})" if cause else said)
        else:
            why = PageUnreachableError(f"Chromium could not go on with the page: {said}")
        await self.end()
        return why

    def page_closed(self) -> None:
        """Note that no page is open: unless another one is opened, the browser ends after a while."""
        if self._idle is not None:
            self._idle.cancel()
        self._idle = asyncio.ensure_future(self._end_when_idle())

    async def _end_when_idle(self) -> None:
        await asyncio.sleep(policy().browser_idle_seconds)
        async with self.busy:
            self._idle = None
            await self.end()

    async def end(self) -> None:
        """End the browser; the next page is opened in a new one."""
        self.context_wrappers.clear()
        self.__dict__.pop("browser", None)
        provider: ChromiumProvider | None = self.__dict__.pop("browser_provider", None)
        if provider is not None:
            await provider.close()

    async def _browser_disconnected_callback(self) -> None:
        """Do nothing: `end` forgets a browser that has gone."""

    async def _close(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
        await self.end()
