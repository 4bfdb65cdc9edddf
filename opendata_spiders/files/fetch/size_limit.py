"""Stops the download of a file at the size limit, so that no more of it is transferred."""

from dataclasses import dataclass
from typing import Any, Self

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import StopDownload
from scrapy.http import Headers

from opendata_spiders.files.policy import FilePolicy, file_policy

_TRANSFER = "file_transfer"


@dataclass(slots=True)
class Transfer:
    """The download of one file; shared by its retries and redirects, it describes the last answer."""

    limit: int | None
    """Bytes after which it is stopped; None: Scrapy's own limit decides."""
    received: int = 0
    length: int | None = None
    """Bytes of the body as its header announces them."""


class SizeCap:
    """Counts the bytes received, and stops files at their limit.

    Of a file whose announced length exceeds the limit only the head is read; one without an announced length is read
    up to the limit. A compressed answer is left to Scrapy's own limit, which counts the inflated bytes.
    """

    def __init__(self, policy: FilePolicy) -> None:
        self.total = 0
        """Bytes of all bodies so far."""
        self._policy = policy

    @classmethod
    def on(cls, crawler: Crawler) -> Self:
        """Connect to the downloads of a crawl."""
        cap = cls(file_policy())
        crawler.signals.connect(cap.headers_received, signal=signals.headers_received)
        crawler.signals.connect(cap.bytes_received, signal=signals.bytes_received)
        return cap

    def limit(self, request: Request) -> Transfer:
        """Put a request under the limit; it asks for no compression, so that the announced length is the file's."""
        transfer = request.meta[_TRANSFER] = Transfer(self._policy.max_bytes)
        request.headers["Accept-Encoding"] = "identity"
        request.meta["download_timeout"] = self._policy.download_seconds
        return transfer

    def headers_received(self, headers: Headers, body_length: Any, request: Request) -> None:
        transfer: Transfer | None = request.meta.get(_TRANSFER)
        if transfer is None:
            return
        most = self._policy.max_bytes
        transfer.received, transfer.limit = 0, most
        transfer.length = body_length if isinstance(body_length, int) else None
        request.meta["download_maxsize"] = most
        if headers.get("Content-Encoding"):
            transfer.limit = transfer.length = None
        elif transfer.length is not None and transfer.length > most:
            transfer.limit = self._policy.head_bytes
            request.meta["download_maxsize"] = 0  # else Scrapy refuses it for its length before its head is read

    def bytes_received(self, data: bytes, request: Request) -> None:
        self.total += len(data)
        transfer: Transfer | None = request.meta.get(_TRANSFER)
        if transfer is None:
            return
        transfer.received += len(data)
        if transfer.limit is not None and transfer.received >= transfer.limit and transfer.received != transfer.length:
            raise StopDownload(fail=False)
