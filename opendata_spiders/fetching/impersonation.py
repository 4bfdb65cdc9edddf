"""Requests with the TLS handshake of a browser, for servers that refuse every other (column `impersonate`).

The User-Agent stays our own, with the address to complain to: what is imitated is the handshake, not who asks.
Needs the extra `impersonate`; loaded by name with the first such request.
"""

from typing import Any, Final

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy_download_handlers_incubator import CurlCffiDownloadHandler

from opendata_spiders.fetching.addresses import is_local, is_public
from opendata_spiders.pages.contract import PageTooLargeError, PageUnreachableError
from opendata_spiders.policy import policy

_TARGET: Final = "curl_cffi_impersonate"
"""Key of a request's meta under which the handler looks for the browser."""


class Impersonator(CurlCffiDownloadHandler):
    """Downloads as the newest known version of a browser family would; within the limits of plain requests."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._http_version = "v2tls"  # browsers speak HTTP/2 wherever the server does

    async def download_as(self, browser: str, request: Request) -> Response:
        """Download one answer.

        Raises PageUnreachableError for a public name that stands for an address which is not public, PageTooLargeError
        for long headers, and what Scrapy's handlers raise for the rest.
        """
        request.meta[_TARGET] = browser
        response: Response = await self.download_request(request)
        _check(response)
        return response


def _check(response: Response) -> None:
    """The resolver of plain requests is not asked by curl, so the address that answered is looked at."""
    address: Any = response.ip_address
    host = response.url.split("/")[2].rsplit(":", 1)[0]
    if address is not None and not is_local(host) and not is_public(address):
        raise PageUnreachableError(f"{host} stands for {address}, which is no address of the public network")
    if len(response.headers.to_string()) > policy().header_bytes:
        raise PageTooLargeError(f"the headers of the answer are longer than {policy().header_kb} KB")
