"""Keeps every request within its portal's host group, also where an answer redirects."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urldefrag, urljoin

from scrapy import Request
from scrapy.downloadermiddlewares.redirect import BaseRedirectMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import HtmlResponse, Response, TextResponse
from scrapy.settings import BaseSettings
from scrapy.utils.response import get_meta_refresh
from w3lib.url import safe_url_string

from opendata_spiders.fetching.addresses import HOST_GROUP, HostGroup, host_group
from opendata_spiders.fetching.handler import IMPERSONATE
from opendata_spiders.fetching.proxies import proxies
from opendata_spiders.fetching.tls import OLD_TLS
from opendata_spiders.pages.bodies import plain
from opendata_spiders.pages.contract import PageDriftedError, PageMovedError
from opendata_spiders.pages.walls import looks_like_html

_STATUSES: Final = frozenset({301, 302, 303, 307, 308})
_URL_LENGTH: Final = 200


class HostGroupMiddleware(BaseRedirectMiddleware):
    """Refuses requests that leave their portal's host group, follows redirects inside it, sets its proxy and its TLS.

    It is the first middleware: for a request refused here not even robots.txt is requested. Replaces Scrapy's offsite
    and redirect middlewares. A redirected POST stays a POST, as portals move their interfaces from http to https with a
    301; only a 303 makes a GET of it.
    """

    def __init__(self, settings: BaseSettings) -> None:
        super().__init__(settings)
        self._most_seconds = settings.getint("METAREFRESH_MAXDELAY")
        self._proxies: Mapping[str, str] = proxies(settings)

    def process_request(self, request: Request) -> None:
        """Raise PageMovedError for a request that leaves the group; set what the group's servers need."""
        group = self._group(request)
        if group is None:
            return
        if not group.holds(request.url):
            raise PageMovedError(outside(request.url), request.url)
        request.meta[OLD_TLS] = group.old_tls
        request.meta[IMPERSONATE] = group.impersonate
        if proxy := self._proxies.get(group.name):
            request.meta["proxy"] = proxy

    def process_response(self, request: Request, response: Response) -> Request | Response:
        """Follow a redirect; raises PageMovedError where it leaves the group, PageDriftedError where it has no end."""
        status, url = response.status, _location(response) or self._refreshed(request, response)
        if not url:
            return response
        group = self._group(request) or host_group("", next(iter(request.meta.get("redirect_urls", [])), request.url))
        if not group.holds(url):
            raise PageMovedError(outside(url), url)
        if status == 303 or status not in _STATUSES:
            redirected = self._redirect_request_using_get(request, response, url)
        else:
            redirected = self._build_redirect_request(request, response, url=url)
        try:
            return self._redirect(redirected, request, status)
        except IgnoreRequest:
            cookie = " and sets a cookie on the way" if "Set-Cookie" in response.headers else ""
            said = f"the portal redirects more than {self.max_redirect_times} times in a row{cookie}, at last to "
            raise PageDriftedError(said + plain(url, _URL_LENGTH)) from None

    def _group(self, request: Request) -> HostGroup | None:
        """Return the group of a request; None for one of no portal (`scrapy fetch URL`), bound to its first host."""
        group: HostGroup | None = request.meta.get(HOST_GROUP) or getattr(self.crawler.spider, HOST_GROUP, None)
        return group

    def _refreshed(self, request: Request, response: Response) -> str:
        """Where a page sends its reader by an automatic refresh, soon, and not to itself; '' if nowhere."""
        if not isinstance(response, HtmlResponse) or response.status != 200 or request.method == "HEAD":
            return ""
        if "playwright" in response.flags:  # a browser has followed it already
            return ""
        seconds, url = _refresh(response)
        return url if seconds < self._most_seconds else ""


def within(request: Request, group: HostGroup) -> Request:
    """Bind a request to its portal's host group."""
    request.meta[HOST_GROUP] = group
    return request


def led_away(response: Response) -> str:
    """Where a page that could not be read was redirected, or refreshes to after any delay; '' if nowhere.

    That is how portals say inside a 200 that they have moved. A refresh to the page itself does not count.
    """
    request = response.request
    if request is not None and 200 in request.meta.get("redirect_reasons", ()):
        return response.url
    return _refresh(response)[1] if response.status == 200 and looks_like_html(response.body) else ""


def _refresh(response: Response) -> tuple[float, str]:
    """Seconds and target of a page's refresh (`<meta http-equiv=refresh>`); '' for none, or one to the page itself."""
    try:
        seconds, url = get_meta_refresh(response) if isinstance(response, TextResponse) else (None, None)
    except ValueError:  # a malformed address: a browser does not follow it
        return 0.0, ""
    if seconds is None or url is None or urldefrag(url).url == urldefrag(response.url).url:
        return 0.0, ""
    return seconds, url


def _location(response: Response) -> str:
    """Where a redirect leads, as a whole URL; '' if the answer is no redirect."""
    raw = response.headers.get("Location")
    if response.status not in _STATUSES or not raw:
        return ""
    try:
        return urljoin(response.url, safe_url_string(raw.strip()))
    except ValueError:  # a malformed address, such as half an IPv6 one: not followed
        return raw.decode("latin-1")


def outside(url: str) -> str:
    """Say that something leads to a URL outside the host group."""
    return f"the portal sends us to {plain(url, _URL_LENGTH)}, outside its known addresses: nothing was asked there"
