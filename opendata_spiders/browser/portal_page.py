"""One page of a portal, open in Chromium, and what it loaded."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page, Route
from playwright.async_api import Request as PageRequest
from playwright.async_api import Response as PageResponse
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy_playwright.page import PageMethod

from opendata_spiders.browser.handler import browser_of
from opendata_spiders.fetching.addresses import HostGroup
from opendata_spiders.fetching.ask import ask_page
from opendata_spiders.fetching.permissions import allowed_passes
from opendata_spiders.fetching.redirects import outside, within
from opendata_spiders.fetching.robots import check_robots
from opendata_spiders.pages import walls
from opendata_spiders.pages.contract import (
    PageBlockedError,
    PageError,
    PageMovedError,
    PageTooLargeError,
    PageUnreachableError,
)
from opendata_spiders.policy import policy

_NOT_LOADED = frozenset({"image", "media", "font"})
"""What a page loads that says nothing about its catalogue."""
_READ = frozenset({"xhr", "fetch"})
_OF_THE_PAGE_ITSELF = ("data:", "blob:", "about:")
_MOST_REFUSED = 100
"""Refused addresses that are kept: a page may ask for any number."""
_CLOSING_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request that the page's own script sent, and its answer."""

    method: str
    url: str
    headers: Mapping[str, str]
    """Of the request, names in small letters."""
    body: str
    """Of the request; '' for none."""
    status: int
    content_type: str
    text: str
    """Of the answer; '' where it is no text or too large."""


@dataclass  # no slots: Playwright keeps its wrappers of listeners in their owner
class PortalPage:
    """A page that is open; closed when its block ends."""

    crawler: Crawler
    group: HostGroup
    page: Page
    """Playwright's."""
    obey_robots: bool = True
    response: Response | None = None
    """The document as it stood when it was loaded."""
    exchanges: list[Exchange] = field(default_factory=list)
    """In the order of their answers."""
    refused: list[str] = field(default_factory=list)
    """Addresses outside the host group that the page asked for: nothing was sent there."""
    forbidden: list[PageError] = field(default_factory=list)
    """Why requests of the page's scripts were not sent: robots.txt asks us not to."""
    status: int = 0
    """Of the last document; 0 before there is one."""
    first_status: int = 0
    """Of the first document, which a wall's script may have replaced by the portal's."""
    led_to: str = ""
    """Where outside the group the page itself was sent; '' if nowhere."""

    async def attach(self) -> None:
        """Watch what the page loads. Nothing leaves the group in any case: Chromium's proxy sees to that."""
        await self.page.route("**/*", self._pass)
        self.page.on("request", self._watch)
        self.page.on("response", self._note_status)
        self.page.on("requestfinished", self._note)
        self.page.on("popup", self._close)

    async def _pass(self, route: Route, request: PageRequest) -> None:
        with suppress(PlaywrightError):  # the page has gone meanwhile
            unwanted = self._is_outside(request.url) or request.resource_type in _NOT_LOADED
            if unwanted or not await self._may_ask(request):
                await route.abort()
            else:
                await route.continue_()

    async def _may_ask(self, request: PageRequest) -> bool:
        """Whether robots.txt allows what a script of the page asks for, which counts as a request of ours."""
        if request.resource_type not in _READ or not self.obey_robots:
            return True
        try:
            await check_robots(self.crawler, within(Request(request.url), self.group))
        except PageError as error:
            self.forbidden.append(error)
            return False
        return True

    def _watch(self, request: PageRequest) -> None:
        """Note what is asked for outside, also after a redirect, which no route is told of."""
        if not self._is_outside(request.url):
            return
        if len(self.refused) < _MOST_REFUSED:
            self.refused.append(request.url)
        if request.is_navigation_request() and request.frame == self.page.main_frame:
            self.led_to = request.url

    async def html(self) -> str:
        """The document as it stands; '' while the page is on its way to another one."""
        with suppress(PlaywrightError):
            return await self.page.content()
        return ""

    async def cookies(self, url: str) -> dict[str, str]:
        """The cookies that Chromium would send to a URL."""
        return {one["name"]: one["value"] for one in await self.page.context.cookies(url)}

    def _note_status(self, response: PageResponse) -> None:
        if response.request.is_navigation_request() and response.frame == self.page.main_frame:
            self.status = response.status
            self.first_status = self.first_status or response.status

    def _is_outside(self, url: str) -> bool:
        return not (url.startswith(_OF_THE_PAGE_ITSELF) or self.group.holds(url))

    async def _close(self, popup: Page) -> None:
        with suppress(PlaywrightError):
            await popup.close()

    async def _note(self, request: PageRequest) -> None:
        if request.resource_type not in _READ:
            return
        with suppress(PlaywrightError):
            response = await request.response()
            if response is not None:
                self.exchanges.append(await _exchange(request, response))


async def _exchange(request: PageRequest, response: PageResponse) -> Exchange:
    """Take an answer; Chromium itself gives out no body of more than some 20 MB."""
    sizes = await request.sizes()
    body = await response.body() if sizes["responseBodySize"] <= policy().page_bytes else b""
    text = body.decode("utf-8", "replace") if len(body) <= policy().page_bytes else ""
    kind = response.headers.get("content-type", "")
    return Exchange(request.method, request.url, request.headers, request.post_data or "", response.status, kind, text)


@asynccontextmanager
async def open_page(  # noqa: PLR0913 -- how a page is opened, half of it keyword-only
    crawler: Crawler,
    url: str,
    group: HostGroup,
    *,
    until: Callable[[PortalPage], Awaitable[None]] | None = None,
    obey_robots: bool = True,
    held_seconds: float | None = None,
) -> AsyncIterator[PortalPage]:
    """Open a page, one at a time; raises the PageError that a page which cannot be opened or used amounts to.

    `until` returns once the page holds what it is opened for: `response` is the document as it stands then. Opening
    the page and what is done with it may each take `browser_page_seconds` of the policy; then the browser is ended. A
    list that is turned page by page is held open for `held_seconds` instead: its reader bounds each step.
    """
    browser, opened = browser_of(crawler), list[PortalPage]()

    async def attach(page: Page, _request: Request) -> None:
        opened.append(PortalPage(crawler, group, page, obey_robots))
        await opened[-1].attach()

    meta: dict[str, Any] = {
        "playwright": True,
        "playwright_include_page": True,
        "playwright_page_init_callback": attach,
        "playwright_page_methods": [
            *([PageMethod(lambda _: until(opened[-1]))] if until else []),
            PageMethod(_check_size),
        ],
        "playwright_page_goto_kwargs": {"wait_until": "commit" if until else "load"},
        "dont_obey_robotstxt": not obey_robots,
        "dont_retry": True,  # its page would be used again
    }
    async with browser.busy:
        try:
            response = await ask_page(crawler, within(Request(url, meta=meta, dont_filter=True), group))
            if not opened:  # scrapy-playwright only logs what goes wrong there
                raise PageError("the page could not be watched, so nothing that it loaded counts")
            if obey_robots:
                _check_wall(opened[-1])
            opened[-1].response = response
            async with asyncio.timeout(held_seconds or policy().browser_page_seconds):
                yield opened[-1]
        except (PlaywrightError, TimeoutError) as error:
            raise await browser.explained(error) from error
        except PageUnreachableError as error:
            if opened and opened[-1].led_to:
                raise PageMovedError(outside(opened[-1].led_to), opened[-1].led_to) from error
            raise
        finally:
            for one in opened:
                await _closed(one.page, browser)
            browser.page_closed()


async def _check_size(page: Page) -> None:
    """Raise PageTooLargeError for a document that is longer than pages are, before it is taken."""
    with suppress(PlaywrightError):  # it is on its way to another one
        length = await page.evaluate("document.documentElement ? document.documentElement.outerHTML.length : 0")
        if length > policy().page_bytes:
            raise PageTooLargeError(f"the document is longer than {policy().page_mb} MB")


def _check_wall(opened: PortalPage) -> None:
    """Raise PageBlockedError for a page that a browser reaches by passing a wall, unless the operator allows that."""
    if opened.first_status in walls.BLOCKED_STATUSES and opened.group.name not in allowed_passes():
        raise PageBlockedError(
            f"HTTP {opened.first_status} before the page: a wall, passed only where passed_walls.csv allows it"
        )


async def _closed(page: Page, browser: Any) -> None:
    """Close a page; a browser that cannot even do that is ended."""
    try:
        await asyncio.wait_for(page.close(), _CLOSING_SECONDS)
    except PlaywrightError:  # it has gone with its browser
        return
    except TimeoutError:
        await browser.end()
