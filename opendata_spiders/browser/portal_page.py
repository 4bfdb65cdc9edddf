"""One page of a portal, open in Chromium, and what it loaded."""

from collections.abc import AsyncIterator, Mapping
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

from opendata_spiders.fetching.addresses import HostGroup
from opendata_spiders.fetching.ask import ask_page
from opendata_spiders.fetching.redirects import within
from opendata_spiders.fetching.robots import check_robots
from opendata_spiders.pages.contract import PageError
from opendata_spiders.policy import policy

_NOT_LOADED = frozenset({"image", "media", "font"})
"""What a page loads that says nothing about its catalogue."""
_READ = frozenset({"xhr", "fetch"})


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
    response: Response | None = None
    """The document as it stood when it was loaded."""
    exchanges: list[Exchange] = field(default_factory=list)
    """In the order of their answers."""
    refused: list[str] = field(default_factory=list)
    """Addresses outside the host group that the page asked for: nothing was sent there."""
    forbidden: list[PageError] = field(default_factory=list)
    """Why requests of the page's scripts were not sent: robots.txt asks us not to."""

    async def attach(self) -> None:
        """Watch what the page loads, and keep it within the group."""
        await self.page.route("**/*", self._pass)
        self.page.on("requestfinished", self._note)

    async def _pass(self, route: Route, request: PageRequest) -> None:
        if not self.group.holds(request.url) and not request.url.startswith(("data:", "blob:")):
            self.refused.append(request.url)
            await route.abort()
        elif request.resource_type in _NOT_LOADED or not await self._may_ask(request):
            await route.abort()
        else:
            await route.continue_()

    async def _may_ask(self, request: PageRequest) -> bool:
        """Whether robots.txt allows what a script of the page asks for, which counts as a request of ours."""
        if request.resource_type not in _READ:
            return True
        try:
            await check_robots(self.crawler, within(Request(request.url), self.group))
        except PageError as error:
            self.forbidden.append(error)
            return False
        return True

    async def _note(self, request: PageRequest) -> None:
        if request.resource_type not in _READ:
            return
        with suppress(PlaywrightError):
            response = await request.response()
            if response is not None:
                self.exchanges.append(await _exchange(request, response))


async def _exchange(request: PageRequest, response: PageResponse) -> Exchange:
    body = await response.body()
    text = body.decode("utf-8", "replace") if len(body) <= policy().page_bytes else ""
    kind = response.headers.get("content-type", "")
    return Exchange(request.method, request.url, request.headers, request.post_data or "", response.status, kind, text)


@asynccontextmanager
async def open_page(crawler: Crawler, url: str, group: HostGroup) -> AsyncIterator[PortalPage]:
    """Open a page; raises the PageError that a page which cannot be opened amounts to."""
    opened: list[PortalPage] = []

    async def attach(page: Page, _request: Request) -> None:
        one = PortalPage(crawler, group, page)
        await one.attach()
        opened.append(one)

    meta: dict[str, Any] = {
        "playwright": True,
        "playwright_include_page": True,
        "playwright_page_init_callback": attach,
    }
    try:
        response = await ask_page(crawler, within(Request(url, meta=meta, dont_filter=True), group))
        if not opened:  # scrapy-playwright only logs what goes wrong there
            raise PageError("the page could not be watched, so nothing that it loaded counts")
        opened[-1].response = response
        yield opened[-1]
    finally:
        for one in opened:
            with suppress(PlaywrightError):
                await one.page.close()
