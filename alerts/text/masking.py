"""Keeps the secrets of target addresses out of every log and every stored error."""

import base64
import logging
import re
from collections.abc import Iterable
from urllib.parse import parse_qsl, quote, quote_plus, unquote, urlsplit

from alerts.text.sanitising import clean
from alerts.text.target_urls import mask

HIDDEN = "***"
LOGGERS = ("apprise", "urllib3.connectionpool", "urllib3.util.retry", "requests", "alerts")
"""Loggers that may quote an address; all are named, because a filter does not apply to child loggers."""

_SHORTEST = 4
"""Shorter pieces would hide half of every message and protect nothing."""
_PUBLIC = frozenset({"insecure", "starttls", "true", "false", "text", "html", "markdown", "send", "webhook", "push"})
_MAIL = re.compile(r"[\w.+%-]+@([\w-]+(?:\.[\w-]+)+)")
_ESCAPE = re.compile(r"%[0-9A-F]{2}")
_ERROR_CHARS = 300


def secrets_of(address: str) -> frozenset[str]:
    """Every piece of an address that must not be shown, in every form in which a server may repeat it.

    Plain, percent-encoded, and in base64 as it is transmitted: alone (SMTP AUTH LOGIN), or user and password together
    (AUTH PLAIN, HTTP Basic).
    """
    shown = mask(address)
    pieces = {piece for piece in _pieces(address) if len(piece) >= _SHORTEST and piece.lower() not in _PUBLIC}
    hidden = {piece for piece in pieces if piece not in shown}
    escaped = {form for piece in hidden for form in (quote(piece, safe=""), quote_plus(piece))}
    lower = {_ESCAPE.sub(lambda found: found[0].lower(), form) for form in escaped}
    # Without base64 padding, which some servers leave out.
    encoded = {base64.b64encode(text.encode()).decode("ascii").rstrip("=") for text in _logins(address)}
    repeated = {form for form in encoded if len(form) >= _SHORTEST}
    return frozenset(hidden | escaped | lower | repeated | {address})


def _logins(address: str) -> Iterable[str]:
    """The texts sent to log in, if the address has user and password."""
    written = re.split(r"[/?#]", address.partition("://")[2], maxsplit=1)[0].rpartition("@")[0]
    user, colon, password = (unquote(part) for part in written.partition(":"))
    if colon and password:
        yield from (user, password, f"\0{user}\0{password}", f"{user}\0{user}\0{password}", f"{user}:{password}")


def _pieces(address: str) -> Iterable[str]:
    _, _, rest = address.partition("://")
    before_query = rest.partition("?")[0]
    for piece in re.split(r"[/:@,#]+", before_query):
        yield from (piece, unquote(piece))
    try:
        query = urlsplit(f"x://h/?{rest.partition('?')[2]}").query
    except ValueError:
        query = rest.partition("?")[2]
    for _, value in parse_qsl(query):
        yield from (value, *re.split(r"[/:@,]+", value))


class Masker(logging.Filter):
    """Replaces known secrets in log records. Install it once, and pass it addresses as they are read."""

    def __init__(self) -> None:
        super().__init__()
        self._secrets: set[str] = set()
        self._ordered: tuple[str, ...] | None = ()
        """Longest first, so that a secret is replaced before any part of it; None: to be sorted anew."""

    def learn(self, addresses: Iterable[str]) -> None:
        for address in addresses:
            self._secrets |= secrets_of(address)
        self._ordered = None

    def hide(self, text: str) -> str:
        if self._ordered is None:
            self._ordered = tuple(sorted(self._secrets, key=len, reverse=True))
        # One search per secret: to compile a pattern of all of them takes longer than to read a thousand addresses.
        for secret in self._ordered:
            if secret in text:
                text = text.replace(secret, HIDDEN)
        return text

    def error(self, text: str) -> str:
        """An error that may be stored and shown: masked, one line, recipients cut to their domain, limited length."""
        return clean(_MAIL.sub(r"…@\1", self.hide(text)), _ERROR_CHARS)

    def filter(self, record: logging.LogRecord) -> bool:
        try:
            message = record.getMessage()
        except (TypeError, ValueError):
            message = str(record.msg)
        record.msg, record.args = self.hide(message), None
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = self.hide(record.exc_text)
        return True


MASKER = Masker()


def install() -> None:
    """Add the masker to every logger that may quote an address; repeating is harmless."""
    for name in LOGGERS:
        logger = logging.getLogger(name)
        if MASKER not in logger.filters:
            logger.addFilter(MASKER)
