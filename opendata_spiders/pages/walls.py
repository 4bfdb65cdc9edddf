"""Tells a portal's page from a wall in front of it: status codes, challenge pages, HTML where JSON is due.

A wall is an access control (firewall, script challenge, login) and says nothing about the city's data. The markers are
the vendors' own (walls.csv); the tests hold ordinary pages that merely mention a vendor, which must pass.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from scrapy.exceptions import CannotResolveHostError, IgnoreRequest

from opendata_spiders.pages.bodies import plain
from opendata_spiders.pages.contract import (
    DatasetGoneError,
    PageBlockedError,
    PageDriftedError,
    PageError,
    PageMissingError,
    PageTooLargeError,
    PageUnreachableError,
)
from opendata_spiders.policy import policy
from opendata_spiders.tables import Tables

if TYPE_CHECKING:
    from scrapy.http import Response

BLOCKED_STATUSES = frozenset({401, 403, 407, 412, 418, 429, 451, 521, 567})
"""412 and 521 are the usual script challenges, 567 a cloud firewall's; 405 is left out: moved endpoints answer it."""
GONE_STATUSES = frozenset({404, 410})
_HIDDEN = re.compile(rb"<(script|style|head|noscript)\b.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_TAGS = re.compile(rb"<[^<>]*>")
_CHALLENGE_MAX_BYTES = 60_000
"""Challenge pages are small; a real page of a portal that merely loads a vendor's script is not."""


_SCRIPT = "a script that sets a cookie"


@dataclass(frozen=True, slots=True)
class PassableWall:
    """A wall whose script gives a browser a cookie that opens it for a while; a row of passable_walls.csv."""

    wall: str
    """The vendor as in walls.csv."""
    statuses: frozenset[int]
    """With which it sends a script in which no marker can be found."""
    cookie: str
    """Regular expression of the whole name of the cookie by which it lets a browser through."""

    def sets(self, name: str) -> bool:
        """Whether a cookie of this name is the wall's."""
        return re.fullmatch(self.cookie, name) is not None


@cache
def passable_walls() -> Mapping[str, PassableWall]:
    """The walls that a browser may pass where the operator allows it (`fetching/permissions.py`), by name."""
    return Tables("opendata_spiders.pages").records(PassableWall, "passable_walls", "wall")


def passable(response: "Response") -> PassableWall | None:
    """The wall that this answer comes from, if it is one that a browser may pass."""
    vendor = challenge(response)
    for wall in passable_walls().values():
        if vendor == wall.wall or (vendor == _SCRIPT and response.status in wall.statuses):
            return wall
    return None


def named(response: "Response") -> str:
    """How a message names the wall that an answer comes from, and what the operator may do; '' if none is known."""
    if wall := passable(response):
        return f"{wall.wall}, which Chromium may pass where passed_walls.csv allows it"
    return challenge(response) or ""


@cache
def markers() -> Mapping[bytes, str]:
    """Vendors by the text in their challenge pages, in the order of the table.

    Cookies are no sign: ordinary pages behind the same wall set them too.
    """
    return {
        row["text"].encode(): row["vendor"] for row in Tables("opendata_spiders.pages").rows("walls", "text", "vendor")
    }


def check_list(response: "Response", body_kind: str) -> None:
    """Raise the PageError that `response`, asked for as a list page, amounts to; return None if it may be parsed."""
    _check_status(response)
    if response.status in GONE_STATUSES:
        raise PageMissingError(f"HTTP {response.status} where the list should be")
    _check_body(response, body_kind)


def check_detail(response: "Response", body_kind: str) -> None:
    """As `check_list`, but 404 and 410 mean that the dataset is gone (DatasetGoneError)."""
    _check_status(response)
    if response.status in GONE_STATUSES:
        raise DatasetGoneError(f"HTTP {response.status}")
    _check_body(response, body_kind)


def _check_status(response: "Response") -> None:
    if response.status in BLOCKED_STATUSES:
        vendor = named(response)
        raise PageBlockedError(_status(response) + (f" ({vendor})" if vendor else ""))
    if response.status >= 500:
        raise PageUnreachableError(_status(response))
    if response.status in GONE_STATUSES:
        return
    if not 200 <= response.status < 300:
        raise PageDriftedError(f"HTTP {response.status}")


def _status(response: "Response") -> str:
    patience = response.headers.get("Retry-After")
    asks = f", Retry-After: {plain(patience.decode('latin-1'), 40)}" if patience else ""
    return f"HTTP {response.status}{asks}"


def _check_body(response: "Response", body_kind: str) -> None:
    if vendor := named(response):
        raise PageBlockedError(f"a challenge page ({vendor})")
    if body_kind == "json" and looks_like_html(response.body):
        raise PageBlockedError("HTML where JSON is due")
    if not response.body.strip():
        raise PageUnreachableError("an empty body")


def refuses(response: "Response") -> bool:
    """Whether the answer is a wall's by its status, or a challenge."""
    return response.status in BLOCKED_STATUSES or challenge(response) is not None


def looks_like_html(body: bytes) -> bool:
    """Whether a body begins like an HTML page, byte-order mark and white space aside."""
    return body.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<"


def challenge(response: "Response") -> str | None:
    """The vendor whose challenge this page is, or None."""
    if len(response.body) > _CHALLENGE_MAX_BYTES or not looks_like_html(response.body):
        return None
    if found := next((vendor for text, vendor in markers().items() if text in response.body), None):
        return found
    # A page that shows nothing and has a script set a cookie is a challenge whose vendor we do not know.
    is_script = b"document.cookie" in response.body and not _TAGS.sub(b"", _HIDDEN.sub(b"", response.body)).strip()
    return _SCRIPT if is_script else None


def as_page_error(error: Exception, megabytes: int | None = None) -> PageError:
    """The PageError for a failed download: mostly that the portal did not answer, as seen from here.

    `megabytes` is the largest answer that is read, where it is not that of a page.
    """
    if isinstance(error, PageError):
        return error
    if isinstance(error, IgnoreRequest) and "DOWNLOAD_MAXSIZE" in str(error):  # the text is all that Scrapy gives
        return PageTooLargeError(f"the answer inflates to more than {megabytes or policy().page_mb} MB")
    wrapped = getattr(error.__cause__, "reasons", None)  # Twisted wraps several, and each of them in a failure
    said = "; ".join(str(one.value) for one in wrapped) if wrapped else str(error)
    # "DNS lookup failed" says all; what other errors say often means nothing without their kind.
    kind = "" if isinstance(error, CannotResolveHostError) else f"{type(error).__name__}: "
    return PageUnreachableError(plain(kind + said, 200))
