"""Passes the walls that the operator allows: once in Chromium, then by the wall's cookie in plain requests.

The cookies are kept in memory alone: whoever holds them is let through.
"""

import asyncio
import logging
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING, Final, Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.http import HtmlResponse, Response
from scrapy.utils.httpobj import urlparse_cached
from scrapy.utils.misc import load_object

from opendata_spiders.fetching.addresses import HOST_GROUP, HostGroup
from opendata_spiders.fetching.permissions import allowed_passes
from opendata_spiders.pages import walls
from opendata_spiders.pages.contract import PageBlockedError, PageDriftedError, PageUnreachableError
from opendata_spiders.pages.walls import PassableWall
from opendata_spiders.policy import policy
from opendata_spiders.store.models import Finding

if TYPE_CHECKING:
    from opendata_spiders.browser.portal_page import PortalPage

logger = logging.getLogger(__name__)

PASSED: Final = "wall.passed"
_RENEWAL: Final = "wall_renewal"
"""Key of a request's meta: which renewal of the cookies it was sent with."""
_OWN_COOKIE: Final = "own_cookie"
"""Key of a request's meta: the Cookie header that its family gave it."""
_OPEN_PAGE: Final = "opendata_spiders.browser.portal_page.open_page"
"""Loaded by name where a wall is met: its imports take longer than a small crawl."""
_POLL_SECONDS: Final = 0.2


@dataclass(slots=True)
class _Host:
    """One host behind a wall."""

    cookies: dict[str, str] = field(default_factory=dict)
    renewals: int = 0
    """How often Chromium was let through."""
    worked: bool = False
    """Whether an answer came from behind the wall since the last renewal."""
    in_vain: int = 0
    """How often in a row Chromium was not let through, or the cookies it brought were not."""
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class WallMiddleware:
    """Gives the requests of allowed host groups the cookies of their wall, and renews them when the wall answers again.

    A request that met the wall is sent again after the renewal. A host whose wall lets nobody through
    `wall_tries` times in a row is asked no more in this run: its pages are blocked.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._allowed = allowed_passes()
        if not self._allowed:
            raise NotConfigured
        self._crawler = crawler
        self._hosts: dict[str, _Host] = {}
        self._opened = 0

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Add the cookies of the wall; raises PageBlockedError where it is not tried any more."""
        host = self._host(request)
        if host is None or request.meta.get("playwright"):
            return
        if host.in_vain >= policy().wall_tries:
            raise self._blocked(request, host)
        own = request.meta.setdefault(_OWN_COOKIE, (request.headers.get("Cookie") or b"").decode("latin-1"))
        request.meta[_RENEWAL] = host.renewals
        pairs = [*([own] if own else []), *(f"{name}={value}" for name, value in host.cookies.items())]
        if pairs:
            request.headers["Cookie"] = "; ".join(pairs)

    async def process_response(self, request: Request, response: Response) -> Request | Response:
        """Pass the wall and have the request sent again; raises PageBlockedError if the wall lets nobody through."""
        host = self._host(request)
        if host is None or request.meta.get("playwright"):
            return response
        wall = walls.passable(response)
        if wall is None or wall.wall != self._allowed[self._group(request).name].what:
            if not walls.refuses(response):
                host.worked, host.in_vain = True, 0
            _take_cookies(response, host.cookies)
            return response
        async with host.lock:
            if request.meta[_RENEWAL] == host.renewals:  # nobody has renewed them since
                await self._renew(request, host, wall)
        return request.replace(dont_filter=True)

    def _group(self, request: Request) -> HostGroup:
        group: HostGroup | None = request.meta.get(HOST_GROUP) or getattr(self._crawler.spider, HOST_GROUP, None)
        return group or HostGroup("", frozenset())

    def _host(self, request: Request) -> _Host | None:
        """The host of a request; None where no wall may be passed."""
        if self._group(request).name not in self._allowed:
            return None
        return self._hosts.setdefault(urlparse_cached(request).hostname or "", _Host())

    async def _renew(self, request: Request, host: _Host, wall: PassableWall) -> None:
        if host.renewals and not host.worked:
            host.in_vain += 1
        parts = urlparse_cached(request)
        url = request.url if request.method == "GET" else f"{parts.scheme}://{parts.netloc}/"
        why = ""
        while host.in_vain < policy().wall_tries and self._opened < policy().wall_passes:
            self._opened += 1
            try:
                host.cookies = await _pass(self._crawler, url, self._group(request), wall)
            except (PageBlockedError, PageUnreachableError, PageDriftedError) as error:
                host.in_vain += 1
                why = f" ({error})"
                logger.info("the wall (%s) was not passed: %s", wall.wall, error)
            else:
                host.renewals, host.worked = host.renewals + 1, False
                logger.info("the wall (%s) was passed in Chromium, %d times in this run", wall.wall, host.renewals)
                self._note(wall)
                return
        raise self._blocked(request, host, why)

    def _note(self, wall: PassableWall) -> None:
        """Keep with the run that a wall was passed, and how often."""
        findings: list[Finding] = getattr(self._crawler.spider, "findings", [])
        findings[:] = [one for one in findings if one.code != PASSED]
        count = sum(host.renewals for host in self._hosts.values())
        findings.append(Finding(PASSED, f"{wall.wall} was passed in Chromium", count=count))

    def _blocked(self, request: Request, host: _Host, why: str = "") -> PageBlockedError:
        allowed = self._allowed[self._group(request).name]
        return PageBlockedError(
            f"{allowed.what} does not let us through: Chromium tried {self._opened} times in this run and passed "
            f"{host.renewals} times{why}"
        )


async def _pass(crawler: Crawler, url: str, group: HostGroup, wall: PassableWall) -> dict[str, str]:
    """Open a page in Chromium until the wall shows what is behind it; return the cookies. Raises PageError."""
    cookies: dict[str, str] = {}

    async def until(opened: "PortalPage") -> None:
        try:
            async with asyncio.timeout(policy().wall_seconds):
                while not (found := await _let_through(opened, url, wall)):  # noqa: ASYNC110 -- the page tells nobody
                    await asyncio.sleep(_POLL_SECONDS)
        except TimeoutError:
            status = f", its last answer was HTTP {opened.status}" if opened.status else ""
            raise PageBlockedError(f"no way through within {policy().wall_seconds} seconds{status}") from None
        cookies.update(found)

    open_page = load_object(_OPEN_PAGE)
    async with open_page(
        crawler, url, group, until=until, obey_robots=False
    ):  # obeyed by the request that met the wall
        return cookies


async def _let_through(opened: "PortalPage", url: str, wall: PassableWall) -> dict[str, str]:
    """The cookies for `url` if the wall's is among them and a page of the portal is shown; else none."""
    shown = await opened.html()
    page = HtmlResponse(url, body=shown, encoding="utf-8")
    if not shown or opened.status in walls.BLOCKED_STATUSES or walls.challenge(page):
        return {}
    cookies = await opened.cookies(url)
    return cookies if any(wall.sets(name) for name in cookies) else {}


def _take_cookies(response: Response, cookies: dict[str, str]) -> None:
    """Take over the cookies that an answer renews; walls that change theirs with every answer do it so."""
    if not cookies:
        return
    for header in response.headers.getlist("Set-Cookie"):
        try:
            cookies.update({name: one.value for name, one in SimpleCookie(header.decode("latin-1")).items()})
        except CookieError:
            continue
