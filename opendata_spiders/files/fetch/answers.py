"""Judges an answer, or its absence, before the file is parsed: a class of failures.csv, or ''."""

import json
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from scrapy.core.downloader.handlers.http11 import TunnelError
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
)
from twisted.internet.error import ConnectError, ConnectionDone, ConnectionLost

from opendata_spiders.pages import bodies, walls
from opendata_spiders.pages.contract import (
    PageBlockedError,
    PageDriftedError,
    PageError,
    PageMovedError,
    PageTooLargeError,
    PageUnreachableError,
)
from opendata_spiders.tables import Tables

if TYPE_CHECKING:
    from scrapy.http import Response

_MESSAGE_BYTES = 4096
"""A JSON object of more than this is data, whatever keys it has."""


_ERRORS: Sequence[tuple[type[Exception] | tuple[type[Exception], ...], str]] = (
    (DownloadCancelledError, "too_large"),
    (ResponseDataLossError, "truncated"),
    (
        (CannotResolveHostError, DownloadConnectionRefusedError, DownloadFailedError, ConnectError, ConnectionDone,
         ConnectionLost, TunnelError, OSError),
        "unreachable",
    ),
)  # fmt: skip


def of_error(error: Exception, *, received: int) -> str:
    """The class of a failed download; `received`: bytes of the body that had arrived."""
    if isinstance(error, DownloadTimeoutError):
        return "slow" if received else "timeout"
    if isinstance(error, PageError | IgnoreRequest):
        return _of_named_error(walls.as_page_error(error), received=received)
    return next((why for kind, why in _ERRORS if isinstance(error, kind)), "fault")


def _of_named_error(error: PageError, *, received: int) -> str:
    """The class of a PageError; of one that another error caused (robots.txt could not be fetched), that error's."""
    if isinstance(error, PageUnreachableError) and isinstance(error.__cause__, Exception):
        return of_error(error.__cause__, received=received)
    kinds = ((PageMovedError, "elsewhere"), (PageTooLargeError, "too_large"), (PageDriftedError, "drifted"))
    return next((why for kind, why in kinds if isinstance(error, kind)), "blocked")


def of_status(response: "Response") -> str:
    """The class of an HTTP status; '' for one of success."""
    status = response.status
    if status == 401:
        return "login"
    if status in walls.BLOCKED_STATUSES:
        return "blocked"
    if status in walls.GONE_STATUSES:
        return "not_found"
    if status >= 500:
        return "server_error"
    return "" if 200 <= status < 300 else "drifted"


def of_body(response: "Response") -> str:
    """The class of what is sent in place of a file: a challenge, a login, an error message; '' for a possible file."""
    if walls.challenge(response):
        return "blocked"
    if walls.looks_like_html(response.body):
        return "login" if _asks_for_login(response) else ""
    message = _message(response.body)
    if message is None:
        return ""
    try:
        bodies.check_envelope(message)
    except PageError as error:
        refused = "blocked" if isinstance(error, PageBlockedError) else "error_answer"
        said = str(message.get("message") or message.get("msg")).lower()
        return "login" if any(mark in said for mark in _marks("message")) else refused
    return ""


def of_page_error(error: PageError) -> str:
    """The class of an unusable list of files, once status and body have been judged."""
    if isinstance(error, PageBlockedError):
        return "blocked"
    if isinstance(error, PageUnreachableError):
        return "unreadable"
    return "drifted" if isinstance(error, PageDriftedError) else "fault"


def _message(body: bytes) -> dict[str, Any] | None:
    """Read a small JSON object that has a message and no records."""
    if len(body) > _MESSAGE_BYTES or body.lstrip()[:1] != b"{":
        return None
    try:
        value = json.loads(bodies.decode_bytes(body).text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict) or not {"message", "msg"} & value.keys():
        return None
    return None if any(isinstance(part, list) and part for part in value.values()) else value


def _asks_for_login(response: "Response") -> bool:
    url = response.url.lower()
    if any(mark in url for mark in _marks("url")):
        return True
    text = bodies.decode_bytes(response.body).text
    return any(mark in text for mark in _marks("page"))


@cache
def _marks(where: str) -> Sequence[str]:
    rows = Tables("opendata_spiders.files.fetch").rows("logins", "where", "text")
    return [row["text"] for row in rows if row["where"] == where]
