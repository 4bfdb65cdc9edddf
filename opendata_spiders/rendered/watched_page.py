"""A portal's page that stays open in Chromium: what it was answered, what it shows, and its pager."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import TypeVar
from urllib.parse import urlsplit

from playwright.async_api import Error as PlaywrightError
from scrapy.crawler import Crawler
from scrapy.http import Response

from opendata_spiders.browser.portal_page import Exchange, PortalPage, open_page
from opendata_spiders.fetching.addresses import HostGroup
from opendata_spiders.pages.bodies import plain
from opendata_spiders.pages.contract import PageUnreachableError
from opendata_spiders.policy import policy
from opendata_spiders.rendered.policy import rendered_policy

T = TypeVar("T")

_STEP = 0.1


class Turned(StrEnum):
    """How a page was led to its next entries."""

    NEXT = "next"
    NUMBER = "number"
    MORE = "more"
    SCROLL = "scroll"
    END = "end"
    """It has a pager, which is on its last page."""
    NONE = "none"
    """It has no pager: it is scrolled to its end."""

    @property
    def adds(self) -> bool:
        """Whether the next entries come below those before, instead of in their place."""
        return self in {Turned.MORE, Turned.SCROLL}


class WatchedPage:
    """Opens a page and keeps it open until `close`, whichever task asks; every method raises PageError."""

    def __init__(self, crawler: Crawler, url: str, group: HostGroup) -> None:
        self._crawler, self._url, self._group = crawler, url, group
        self._delay = _delay(crawler, url)
        self._opened: asyncio.Future[PortalPage] | None = None
        self._closing = asyncio.Event()
        self._holder: asyncio.Task[None] | None = None
        self._portal_page: PortalPage | None = None

    async def open(self) -> Response | None:
        """Open the page; return its document."""
        self._opened, self._closing = asyncio.get_running_loop().create_future(), asyncio.Event()
        self._holder = asyncio.ensure_future(self._hold())
        self._portal_page = await self._opened
        return self._portal_page.response

    async def _hold(self) -> None:
        """Hold the page open in one task: what opens it has to close it."""
        opened = self._opened
        if opened is None:
            return
        try:
            seconds = policy().list_hours * 3600
            async with open_page(self._crawler, self._url, self._group, held_seconds=seconds) as page:
                opened.set_result(page)
                await self._closing.wait()
        except Exception as error:  # noqa: BLE001 -- told to whoever waits for the page
            if not opened.done():
                opened.set_exception(error)

    async def close(self) -> None:
        """Close the page, if it is open; what its scripts asked for counts among the crawl's requests."""
        if self._portal_page and self._crawler.stats:
            asked = self._portal_page.exchanges
            self._crawler.stats.inc_value("downloader/request_count", len(asked))
            self._crawler.stats.inc_value("downloader/response_bytes", sum(len(one.text) for one in asked))
        self._closing.set()
        if self._holder:
            await self._holder
        self._portal_page = None

    async def again(self) -> None:
        """Open the page anew, on its first entries."""
        await self.close()
        await self.open()

    @property
    def is_open(self) -> bool:
        return self._portal_page is not None

    @property
    def opened(self) -> PortalPage:
        """The open page; raises PageUnreachableError where it is none any more."""
        if self._portal_page is None:
            raise PageUnreachableError("the browser's page is no longer open")
        return self._portal_page

    @property
    def exchanges(self) -> Sequence[Exchange]:
        """What the page's scripts asked for and were answered so far."""
        return self.opened.exchanges

    @property
    def url(self) -> str:
        """Where the page is now."""
        return self.opened.page.url

    async def shown(self, *, only_new: bool = False) -> str:
        """What the page shows, as HTML; open shadow roots and frames of the portal included.

        With `only_new` what was there when `mark` was called is left out.
        """
        return str(await self._run("snapshot", only_new))

    async def mark(self) -> None:
        """Mark what the page holds now."""
        await self._run("mark")

    async def cookies(self) -> dict[str, str]:
        """The cookies that the page has for its own address."""
        try:
            return await self.opened.cookies(self.url)
        except PlaywrightError as error:
            raise _gone(error) from error

    async def quiet(self, seconds: float) -> None:
        """Wait until no answer has come for a while, `seconds` at most."""
        pause, until, known = rendered_policy().quiet_seconds, time.monotonic() + seconds, -1
        still_since = time.monotonic()
        while time.monotonic() < until:
            if len(self.exchanges) != known:
                known, still_since = len(self.exchanges), time.monotonic()
            if time.monotonic() - still_since >= pause:
                return
            await asyncio.sleep(_STEP)

    async def turn(self) -> Turned:
        """Lead the page towards its next entries by its own pager, after the delay between two requests."""
        await asyncio.sleep(self._delay)
        try:
            async with asyncio.timeout(rendered_policy().settle_seconds):
                pager = await self.opened.page.evaluate_handle(_script("pager"))
                how = Turned(await (await pager.get_property("how")).json_value())
                if element := (await pager.get_property("element")).as_element():
                    await element.click(timeout=1000 * rendered_policy().turn_seconds)
        except (PlaywrightError, TimeoutError) as error:
            raise PageUnreachableError(f"the page's pager cannot be used: {_said(error)}") from error
        if how is not Turned.NONE:
            return how
        await self._run("scroll")
        return Turned.SCROLL

    async def until(self, ready: Callable[[], Awaitable[T]], seconds: float) -> T:
        """Ask `ready` again and again until it returns something, `seconds` at most; return what it returned last."""
        end = time.monotonic() + seconds
        found = await ready()
        for _ in range(round(seconds / _STEP)):
            if found is not None or time.monotonic() >= end:
                break
            await asyncio.sleep(_STEP)
            found = await ready()
        return found

    async def _run(self, name: str, argument: object = None) -> object:
        try:
            async with asyncio.timeout(rendered_policy().settle_seconds):
                return await self.opened.page.evaluate(_script(name), argument)
        except (PlaywrightError, TimeoutError) as error:
            raise _gone(error) from error


def _gone(error: Exception) -> PageUnreachableError:
    return PageUnreachableError(f"the browser's page does not answer: {_said(error)}")


def _said(error: Exception) -> str:
    return plain(str(error).partition("\n")[0] or "it is busy and does not come to rest")


def _delay(crawler: Crawler, url: str) -> float:
    """Seconds between two requests to a server, by the settings."""
    slot = crawler.settings.getdict("DOWNLOAD_SLOTS").get(urlsplit(url).hostname, {})
    return float(slot.get("delay", crawler.settings.getfloat("DOWNLOAD_DELAY")))


@cache
def _script(name: str) -> str:
    return files("opendata_spiders.rendered").joinpath("in_page", f"{name}.js").read_text("utf-8")
