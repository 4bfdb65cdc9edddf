"""robots.txt by RFC 9309: a portal whose rules cannot be fetched is not read in this run.

The rules of a server are asked for once by all crawls of a process, so that of the portals of one host the first asks.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
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
from opendata_spiders.policy import policy

logger = logging.getLogger(__name__)

_OF_CRAWLS: "WeakKeyDictionary[Crawler, ReferenceType[RobotsMiddleware]]" = WeakKeyDictionary()
"""Both are referred to weakly: the middleware refers to its crawler, and so to all that its crawl has read."""
_MOST_BYTES: Final = 500 << 10
"""Bytes of a robots.txt that are read (RFC 9309, 2.5)."""
_ITSELF: Final = "dont_obey_robotstxt"


@dataclass(frozen=True, slots=True)
class ServerRules:
    """What a server's robots.txt says."""

    rules: Protego | None
    """None where there are none."""
    wall: str = ""
    """The wall that stands before it and that a browser may pass, as messages name it."""


class KnownRules:
    """The rules of servers, for all crawls of a process, until they are `robots_hours` old.

    Rules that could not be fetched, or before which a wall stands, are not kept: each crawl asks for those anew.
    """

    def __init__(self, hours: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = hours * 3600
        self._clock = clock
        self._known: dict[str, tuple[float, ServerRules]] = {}
        """By server, with the moment at which they were read."""

    def get(self, server: str) -> ServerRules | None:
        """The rules of a server, unless they are unknown or too old."""
        at, found = self._known.get(server, (0.0, None))
        return found if self._clock() - at < self._seconds else None

    def put(self, server: str, found: ServerRules) -> None:
        """Keep rules that were read just now."""
        if not found.wall:
            self._known[server] = (self._clock(), found)


@cache
def _known_rules() -> KnownRules:
    return KnownRules(policy().robots_hours)


class RobotsMiddleware:
    """Obeys each server's robots.txt but for paths that `robots_permissions.csv` names; fetches it once a run at most.

    No robots.txt (any 4xx, 501, one that redirects outside the host group or without end) means that all may be read.
    One that cannot be fetched (another 5xx, no answer) means that nothing may be read in this run.
    """

    def __init__(self, crawler: Crawler) -> None:
        if not crawler.settings.getbool("ROBOTSTXT_OBEY"):
            raise NotConfigured
        self._crawler = crawler
        self._user_agent: str = crawler.settings["USER_AGENT"]
        self._of_servers: dict[str, asyncio.Task[ServerRules]] = {}
        self._permitted = permitted_paths()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        middleware = cls(crawler)
        _OF_CRAWLS[crawler] = ref(middleware)
        return middleware

    async def process_request(self, request: Request) -> None:
        """Raise PageBlockedError for what robots.txt forbids, PageUnreachableError where it cannot be fetched."""
        if request.meta.get(_ITSELF):
            return
        found = await self._rules_of(request)
        if request.meta.get("playwright") and found.wall:
            raise PageBlockedError(f"a wall stands before the page: {found.wall}")
        if found.rules is not None and not found.rules.can_fetch(request.url, self._user_agent):
            path = urlparse_cached(request).path
            if not any(path.startswith(one) for one in self._permitted.get(_group_name(request), ())):
                said = f"the portal's robots.txt asks us not to read {plain(path)}"
                raise PageBlockedError(f"{said} (where its operator permits it: {PATHS})")

    async def _rules_of(self, request: Request) -> ServerRules:
        server = _server(request)
        if server not in self._of_servers:
            self._of_servers[server] = reading = asyncio.ensure_future(self._read(server, request))
            # When a crawl is stopped nobody waits for it any more, and its error is nobody's.
            reading.add_done_callback(lambda done: done.cancelled() or done.exception())
        return await asyncio.shield(self._of_servers[server])

    async def _read(self, server: str, request: Request) -> ServerRules:
        """The rules that another crawl has read, else those that the server answers now. Raises PageError."""
        found = _known_rules().get(server)
        if found is None:
            found = await self._fetch(server, request)
            _known_rules().put(server, found)
        return found

    async def _fetch(self, server: str, request: Request) -> ServerRules:
        meta = {_ITSELF: True} | {key: request.meta[key] for key in (HOST_GROUP,) if key in request.meta}
        try:
            asked = Request(f"{server}/robots.txt", meta=meta, callback=NO_CALLBACK)
            response = await ask_page(self._crawler, asked)
        except PageError as error:
            if isinstance(error, PageDriftedError) and not isinstance(error, PageTooLargeError):
                logger.info("robots.txt of %s counts as missing: %s", server, error)
                return ServerRules(None)
            kind = PageBlockedError if isinstance(error, PageBlockedError) else PageUnreachableError
            raise kind(f"no robots.txt to be had, without which nothing is read: {error}") from error
        return ServerRules(_parsed(response), walls.named(response) if walls.passable(response) else "")


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
