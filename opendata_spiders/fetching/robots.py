"""robots.txt by RFC 9309: a portal whose rules cannot be fetched is not read in this run."""

import asyncio
import logging
from http import HTTPStatus
from typing import Final, Self
from weakref import ReferenceType, WeakKeyDictionary, ref

from protego import Protego
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK
from scrapy.utils.httpobj import urlparse_cached

from opendata_spiders.fetching.addresses import HOST_GROUP, HostGroup
from opendata_spiders.fetching.ask import ask_page
from opendata_spiders.fetching.permissions import PATHS, permitted_paths
from opendata_spiders.pages import walls
from opendata_spiders.pages.bodies import plain
from opendata_spiders.pages.contract import (
    PageBlockedError,
    PageDriftedError,
    PageError,
    PageTooLargeError,
    PageUnreachableError,
)

logger = logging.getLogger(__name__)

_OF_CRAWLS: "WeakKeyDictionary[Crawler, ReferenceType[RobotsMiddleware]]" = WeakKeyDictionary()
"""Both are referred to weakly: the middleware refers to its crawler, and so to all that its crawl has read."""
_MOST_BYTES: Final = 500 << 10
"""Bytes of a robots.txt that are read (RFC 9309, 2.5)."""
_ITSELF: Final = "dont_obey_robotstxt"


class RobotsMiddleware:
    """Fetches each server's robots.txt once a run, and obeys it but for paths that `robots_permissions.csv` names.

    No robots.txt (any 4xx, 501, one that redirects outside the host group or without end) means that all may be read.
    One that cannot be fetched (another 5xx, no answer) means that nothing may be read in this run.
    """

    def __init__(self, crawler: Crawler) -> None:
        if not crawler.settings.getbool("ROBOTSTXT_OBEY"):
            raise NotConfigured
        self._crawler = crawler
        self._user_agent: str = crawler.settings["USER_AGENT"]
        self._rules: dict[str, asyncio.Task[Protego | None]] = {}
        self._permitted = permitted_paths()
        self._walls: dict[str, str] = {}
        """Walls that stand before a server's robots.txt and that a browser may pass, as messages name them."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        middleware = cls(crawler)
        _OF_CRAWLS[crawler] = ref(middleware)
        return middleware

    async def process_request(self, request: Request) -> None:
        """Raise PageBlockedError for what robots.txt forbids, PageUnreachableError where it cannot be fetched."""
        if request.meta.get(_ITSELF):
            return
        rules = await self._rules_of(request)
        if request.meta.get("playwright") and (wall := self._walls.get(_server(request))):
            raise PageBlockedError(f"a wall stands before the page: {wall}")
        if rules is not None and not rules.can_fetch(request.url, self._user_agent):
            path = urlparse_cached(request).path
            if not any(path.startswith(one) for one in self._permitted.get(_group_name(request), ())):
                said = f"the portal's robots.txt asks us not to read {plain(path)}"
                raise PageBlockedError(f"{said} (where its operator permits it: {PATHS})")

    async def _rules_of(self, request: Request) -> Protego | None:
        server = _server(request)
        if server not in self._rules:
            self._rules[server] = reading = asyncio.ensure_future(self._read(server, request))
            # When a crawl is stopped nobody waits for it any more, and its error is nobody's.
            reading.add_done_callback(lambda done: done.cancelled() or done.exception())
        return await asyncio.shield(self._rules[server])

    async def _read(self, server: str, request: Request) -> Protego | None:
        """Fetch and parse; None where there are no rules."""
        meta = {_ITSELF: True} | {key: request.meta[key] for key in (HOST_GROUP,) if key in request.meta}
        try:
            asked = Request(f"{server}/robots.txt", meta=meta, callback=NO_CALLBACK)
            response = await ask_page(self._crawler, asked)
        except PageError as error:
            if isinstance(error, PageDriftedError) and not isinstance(error, PageTooLargeError):
                logger.info("robots.txt of %s counts as missing: %s", server, error)
                return None
            kind = PageBlockedError if isinstance(error, PageBlockedError) else PageUnreachableError
            raise kind(f"no robots.txt to be had, without which nothing is read: {error}") from error
        if walls.passable(response):
            self._walls[server] = walls.named(response)
        return _parsed(response)


async def check_robots(crawler: Crawler, request: Request) -> None:
    """As each request of the crawl is checked, for one that is sent by other means: a browser's. Raises PageError."""
    known = _OF_CRAWLS.get(crawler)
    if known and (middleware := known()):
        await middleware.process_request(request)


def _group_name(request: Request) -> str:
    group: HostGroup | None = request.meta.get(HOST_GROUP)
    return group.name if group else ""


def _server(request: Request) -> str:
    parts = urlparse_cached(request)
    return f"{parts.scheme}://{parts.netloc}"


def _parsed(response: Response) -> Protego | None:
    status = response.status
    if status >= 500 and status != HTTPStatus.NOT_IMPLEMENTED:
        kind = PageBlockedError if status in walls.BLOCKED_STATUSES else PageUnreachableError
        wall = f" ({walls.named(response)})" if walls.named(response) else ""
        raise kind(
            f"robots.txt answers HTTP {status}{wall}, which is no permission: nothing is read tonight (RFC 9309)"
        )
    if not 200 <= status < 300:
        return None
    body = response.body[:_MOST_BYTES]
    return Protego.parse(body.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "ignore"))
