"""Submits one message to one mail server for one recipient: accepted, refused, or unknown.

Only the server's answer to the message counts, not to QUIT: some servers answer QUIT in an odd way or not at all, and
an accepted mail would then be sent again. Users and passwords are sent as UTF-8 (RFC 4616), for which smtplib supports
only ASCII, and addresses outside ASCII by SMTPUTF8 (RFC 6531).
"""

import base64
import contextlib
import hmac
import ipaddress
import re
import smtplib
import socket
import ssl
import time
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from typing import Any, Self

from alerts.delivery.recipients import domain_ascii
from alerts.text.target_urls import AddressError

MOST_SECONDS = 55.0
"""Longest time for submitting one message, without QUIT: less than a sender waits for a service."""
_PARTING_SECONDS = 3.0
_ROUNDS_MAX = 5
"""Most challenges of one login; a server that asks for more is hostile or broken."""
_GO_ON, _LOGGED_IN = 334, frozenset({235, 503})
"""Answers to AUTH (RFC 4954); 503: logged in already."""
_YES, _CLASSES = 2, range(2, 6)
"""First digit of a reply (RFC 5321, 4.2)."""
_BRACKETS = re.compile(r"\[(?P<host>[^\[\]]+)\](?::(?P<port>\d{1,5}))?")
_PLAIN = re.compile(r"(?P<host>[^\[\]:]+)(?::(?P<port>\d{1,5}))?")


class RefusedError(smtplib.SMTPException):
    """Raised when the server refused the message; the text has the step and the server's answer."""


class UnknownOutcomeError(smtplib.SMTPException):
    """Raised when the message was sent and no answer came: it may have arrived."""


@dataclass(frozen=True, slots=True)
class Server:
    """A mail server and how to connect to it."""

    host: str
    """Name or IP address; IPv6 without brackets."""
    port: int = 0
    mode: str = "insecure"
    """insecure (plain), ssl (TLS from the start) or starttls."""
    context: ssl.SSLContext | None = None
    user: str = ""
    password: str = field(default="", repr=False)
    connect_seconds: float = 10.0
    reply_seconds: float = 45.0


def server(text: str) -> Server | None:
    """Parse host and port as people write them: `relay.cn`, `relay.cn:2525`, `[::1]:25`, `::1`; None if empty.

    Raises AddressError.
    """
    if not text:
        return None
    found = _BRACKETS.fullmatch(text) or _PLAIN.fullmatch(text)
    host, port = (found["host"], int(found["port"] or 0)) if found else (text, 0)
    try:
        return Server(str(ipaddress.ip_address(host)), port)
    except ValueError:
        pass
    try:
        return Server(domain_ascii(host), port)
    except AddressError:
        raise AddressError("what it names as mail server is no host; write HOST, HOST:PORT or [IPV6]:PORT.") from None


def submit(where: Server, message: EmailMessage, sender: str, recipient: str) -> str:
    """Submit the message once; returns the server's reply when it accepts it.

    Raises RefusedError, UnknownOutcomeError, and OSError or SMTPException if there was no session at all.
    """
    session = _opened(where)
    try:
        return _handed_over(session, message, sender, recipient)
    finally:
        # The answer to QUIT does not matter.
        with contextlib.suppress(OSError, smtplib.SMTPException):
            if session.sock is not None:
                session.sock.settimeout(_PARTING_SECONDS)
            session.quit()
        session.close()


class _Session(smtplib.SMTP):
    """A session that logs in with UTF-8 and waits for no answer beyond MOST_SECONDS from its start.

    It waits longer for the greeting than for the connection, because some servers delay it for unknown clients.
    """

    user: str
    password: str
    _auth_challenge_count: int
    """Of this login; smtplib's LOGIN sends user or password depending on it."""

    def __init__(self, where: Server, **more: Any) -> None:
        self._connect_seconds, self._reply_seconds = where.connect_seconds, where.reply_seconds
        self._ends = time.monotonic() + MOST_SECONDS
        super().__init__(where.host, where.port, timeout=where.reply_seconds, **more)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        found: socket.socket = super()._get_socket(host, port, self._connect_seconds)  # type: ignore[misc]
        found.settimeout(timeout)
        return found

    def ready(self) -> Self:
        """The session for the next command. Raises TimeoutError when the time is up."""
        left = self._ends - time.monotonic()
        if left <= 0:
            raise TimeoutError("it took too long to answer the steps before")
        if self.sock is not None:
            self.sock.settimeout(min(self._reply_seconds, left))
        return self

    def auth(self, mechanism: str, authobject: Any, *, initial_response_ok: bool = True) -> tuple[int, bytes]:
        """Like smtplib's `auth`, in UTF-8."""
        first = authobject() if initial_response_ok else None
        code, answer = self.docmd("AUTH", mechanism if first is None else f"{mechanism} {_encoded(first)}")
        rounds = range(1 + (first is not None), _ROUNDS_MAX)
        for self._auth_challenge_count in rounds:
            if code != _GO_ON:
                break
            code, answer = self.docmd(_encoded(authobject(base64.b64decode(answer))))
        if code in _LOGGED_IN:
            return code, answer
        raise smtplib.SMTPAuthenticationError(code, answer)

    def auth_cram_md5(self, challenge: bytes | None = None) -> str | None:  # type: ignore[override]
        """Like smtplib's `auth_cram_md5`, in UTF-8."""
        if challenge is None:
            return None
        return f"{self.user} {hmac.new(self.password.encode(), challenge, 'md5').hexdigest()}"


class _TlsSession(_Session, smtplib.SMTP_SSL):
    """A session with TLS from the first byte."""


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode("ascii")


def _opened(where: Server) -> _Session:
    """A session after greeting and login. Raises OSError or SMTPException."""
    session = _TlsSession(where, context=where.context) if where.mode == "ssl" else _Session(where)
    try:
        if where.mode == "starttls":
            session.starttls(context=where.context)
        if where.user and where.password:
            session.login(where.user, where.password)
        session.ehlo_or_helo_if_needed()
    except BaseException:
        session.close()
        raise
    return session


def _handed_over(session: _Session, message: EmailMessage, sender: str, recipient: str) -> str:
    options: list[str] = []
    if not (sender + recipient).isascii():
        if not session.has_extn("smtputf8"):
            raise RefusedError("it takes no addresses outside ASCII (SMTPUTF8); use another server or address")
        options = ["SMTPUTF8", "BODY=8BITMIME"]
    content = message.as_bytes(policy=SMTPUTF8 if options else SMTP)
    if session.has_extn("size"):
        options.append(f"SIZE={len(content)}")
    _require(*session.ready().mail(sender, options), "sender")
    _require(*session.ready().rcpt(recipient), "recipient")
    session.ready()
    try:
        code, answer = session.data(content)
    except smtplib.SMTPDataError:
        raise
    except (OSError, smtplib.SMTPException) as error:
        raise UnknownOutcomeError(_unknown(str(error) or type(error).__name__)) from None
    if code // 100 not in _CLASSES:
        raise UnknownOutcomeError(_unknown("its answer is none of SMTP"))
    _require(code, answer, "message")
    return f"{code} {_text(answer)}"


def _unknown(why: str) -> str:
    return f"{why} after it was handed over, so it may have arrived; it is repeated under the same Message-ID"


def _require(code: int, answer: bytes, step: str) -> None:
    """Check the first digit of a reply (RFC 5321, 4.2): 2 is success. Raises RefusedError."""
    if code // 100 != _YES:
        raise RefusedError(f"{step}: {code} {_text(answer)}")


def _text(answer: bytes) -> str:
    return answer.decode("utf-8", "replace")
