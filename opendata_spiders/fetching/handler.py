"""HTTP to portals as Scrapy does it, with a limit on headers, Retry-After obeyed, and failures as PageErrors.

Scrapy has no setting for a limit on headers, so its own parser of answers is extended; pyproject.toml pins Scrapy.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, Final

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import (
    HTTP11DownloadHandler,
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
    _LenientHTTPClientParser,
)
from scrapy.crawler import Crawler
from scrapy.exceptions import CannotResolveHostError, DownloadCancelledError, DownloadFailedError
from scrapy.http import Response
from scrapy.utils.httpobj import urlparse_cached
from scrapy.utils.misc import load_object
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IAddress
from twisted.web._newclient import HTTP11ClientProtocol
from twisted.web._newclient import Request as TxRequest
from twisted.web.iweb import IResponse

from opendata_spiders.fetching.addresses import HOST_GROUP, HostGroup
from opendata_spiders.fetching.patience import Patience
from opendata_spiders.fetching.resolver import refused
from opendata_spiders.fetching.tls import OLD_TLS, PortalContextFactory, refused_as_old
from opendata_spiders.pages.contract import PageError, PageTooLargeError, PageUnreachableError
from opendata_spiders.policy import policy

IMPERSONATE: Final = "impersonate"
"""Key of a request's meta: the browser whose handshake its server wants to see, or ''."""
_IMPERSONATOR: Final = "opendata_spiders.fetching.impersonation.Impersonator"


class HeadersTooLongError(Exception):
    """Raised when the headers of an answer do not end within the policy's bounds."""


class PortalHandler(HTTP11DownloadHandler):
    """Downloads within the limits; raises a PageError where it can say more than Scrapy's error does."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._pool._factory = _BoundedFactory  # noqa: SLF001 -- as Scrapy does itself
        self._pool.maxPersistentPerHost = crawler.settings.getint("LIST_WINDOW")  # a host on loopback is asked so often
        self._tls = PortalContextFactory.from_crawler(crawler)
        self._contextFactory = self._tls  # type: ignore[assignment]  # its interface is declared to zope alone
        self._crawler = crawler
        self._impersonator: Any = None

    async def download_request(self, request: Request) -> Response:
        """Wait until the server may be asked, send the request, and note a Retry-After."""
        host = urlparse_cached(request).hostname or ""
        group: HostGroup | None = request.meta.get(HOST_GROUP)
        asked = group.name if group else host
        await _patience().wait(asked)
        if request.meta.get(OLD_TLS):
            self._tls.allow_old(request.url)
        with _named(request, host):
            if browser := request.meta.get(IMPERSONATE):
                response: Response = await self._as_browser().download_as(browser, request)
            else:
                response = await super().download_request(request)
        _patience().note(asked, response)
        return response

    def _as_browser(self) -> Any:
        if self._impersonator is None:
            try:
                self._impersonator = load_object(_IMPERSONATOR)(self._crawler)
            except ImportError as error:
                raise PageError(
                    "the portal's row wants a browser's handshake (column impersonate), and a package for it is "
                    "missing: install the extra, pip install '.[impersonate]'"
                ) from error
        return self._impersonator

    async def close(self) -> None:
        """Close the connections."""
        if self._impersonator is not None:
            await self._impersonator.close()
        await super().close()


@cache
def _patience() -> Patience:
    """One for all crawls of this process: what a host group asks for holds for the portals of it that follow."""
    return Patience(policy())


@contextmanager
def _named(request: Request, host: str) -> Iterator[None]:
    try:
        yield
    except DownloadCancelledError as error:
        megabytes = request.meta.get("download_maxsize", policy().page_bytes) >> 20
        raise PageTooLargeError(f"the answer is larger than {megabytes} MB") from error
    except DownloadFailedError as error:
        if any(one.check(HeadersTooLongError) for one in getattr(error.__cause__, "reasons", None) or ()):
            raise PageTooLargeError(f"the headers of the answer are longer than {policy().header_kb} KB") from error
        if not request.meta.get(OLD_TLS) and (reason := refused_as_old(error)):
            raise PageUnreachableError(
                f"the server seems to speak old TLS only ({reason}): try -a old_tls=yes; if it answers then, "
                "write yes into the column old_tls of its register row"
            ) from error
        raise
    except CannotResolveHostError as error:
        if host in refused:
            raise PageUnreachableError(
                f"{host} stands for {refused[host]}, which is no address of the public network: look at the DNS"
            ) from error
        raise


class _BoundedParser(_LenientHTTPClientParser):
    """Limits the bytes before the body, interim answers (1xx) included."""

    _left: int | None = None

    def lineReceived(self, line: bytes) -> None:  # noqa: N802 -- Twisted's name
        left = policy().header_bytes if self._left is None else self._left
        self._left = left - len(line) - 1
        if self._left < 0:
            raise HeadersTooLongError
        super().lineReceived(line)


class _BoundedProtocol(_LenientHTTP11ClientProtocol):
    def request(self, request: TxRequest) -> Deferred[IResponse]:
        answer = super().request(request)
        if self._parser is not None:
            self._parser.__class__ = _BoundedParser  # as Scrapy puts its own parser in place
        return answer


class _BoundedFactory(_LenientHTTP11ClientFactory):
    def buildProtocol(self, addr: IAddress | None) -> HTTP11ClientProtocol:  # noqa: N802 -- Twisted's name
        return _BoundedProtocol(self._quiescentCallback)  # type: ignore[no-untyped-call]
