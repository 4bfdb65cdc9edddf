"""The dead man's switch: a request to a healthchecks-style service after each night, with success or failure."""

import logging
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.parse import urlsplit, urlunsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from alerts.text.masking import MASKER, install
from alerts.text.sanitising import web_address

log = logging.getLogger(__name__)

SETTING = "HEALTHCHECK_URL"
TIMEOUT = 10.0
"""Seconds."""
_BODY = 10_000


class PingError(Exception):
    """Raised when the request failed; the message names the host, never the address, which is a secret."""


class _Stay(HTTPRedirectHandler):
    """Follows no redirect: the address is wrong then, and its secret must not reach another host."""

    def redirect_request(self, *_args: object, **_more: object) -> None:
        """No further request."""


def ping(url: str, line: str, *, failed: bool, timeout: float = TIMEOUT) -> None:
    """GET the address (with `/fail` after its path if the night failed), the report as body. Raises PingError."""
    install()
    MASKER.learn([url])
    target = address(url, failed=failed)
    request = Request(target, data=line.encode()[:_BODY], method="GET")  # noqa: S310 -- the scheme was checked
    request.add_header("Content-Type", "text/plain; charset=utf-8")
    host = urlsplit(target).hostname
    try:
        with build_opener(_Stay).open(request, timeout=timeout) as response:
            log.info("told %s: HTTP %s", host, response.status)
    except HTTPError as error:
        error.close()
        raise PingError(f"{host} answered HTTP {error.code} to the ping: see whether {SETTING} is right") from None
    except (OSError, HTTPException, ValueError) as error:
        cause = getattr(error, "reason", error)
        raise PingError(
            f"{host} could not be told how the night went ({type(cause).__name__}): see whether {SETTING} is right "
            "and the host can be reached"
        ) from None


def address(url: str, *, failed: bool) -> str:
    """The address to request. Raises PingError if it is no http(s) address."""
    parts = web_address(url.strip())
    if parts is None:
        raise PingError(f"{SETTING} is no http(s) address: write it as the service shows it")
    path = parts.path.rstrip("/") + "/fail" if failed else parts.path
    return urlunsplit((parts.scheme, parts.netloc, path, parts.query, ""))
