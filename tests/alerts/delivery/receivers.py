"""Real receivers on the loopback: a mail server, a web server, and the Chinese services behind a TLS-ending proxy."""

import asyncio
import contextlib
import datetime as dt
import http.server
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from email.policy import default
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


class MailBox:
    """An SMTP handler that keeps what it takes; refuses what it is told to, and headers a strict server refuses."""

    def __init__(self, *, refused: frozenset[str] = frozenset(), strict: bool = False, delay: float = 0) -> None:
        self.refused = refused
        self.strict = strict
        self.delay = delay
        self.raw: list[bytes] = []
        self.recipients: list[str] = []

    @property
    def mails(self) -> list[Message]:
        return [message_from_bytes(raw, policy=default) for raw in self.raw]

    async def handle_RCPT(  # noqa: N802 -- aiosmtpd's name
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        if address in self.refused:
            return "550 no such user here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 -- aiosmtpd's name
        head = envelope.content.split(b"\r\n\r\n", 1)[0]
        if self.strict and any(len(line) > 78 or not line.isascii() for line in head.split(b"\r\n")):
            return "554 header line too long or not encoded"
        if self.delay:
            await asyncio.sleep(self.delay)
        self.raw.append(envelope.content)
        self.recipients += envelope.rcpt_tos
        return "250 taken"


class _Controller(Controller):
    context: ssl.SSLContext | None = None

    def factory(self) -> SMTP:
        asked = {"tls_context": self.context, "require_starttls": True} if self.context else {}
        return SMTP(self.handler, hostname="mail.test", **asked)


@contextlib.contextmanager
def mail_server(box: MailBox, context: ssl.SSLContext | None = None) -> Iterator[int]:
    """Serve a mailbox; with a context, to those who ask for STARTTLS."""
    # aiosmtpd knocks at the port it was given, so it cannot be 0.
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = _Controller(box, hostname="127.0.0.1", port=port, ready_timeout=20)
    controller.context = context
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


@dataclass
class Request:
    """One request as it came."""

    host: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def form(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(self.body.decode()).items()}


Answer = tuple[int, bytes]


@dataclass
class Hook:
    """A web receiver: `answer` says what to reply to a request; every request is kept."""

    answer: Callable[[Request], Answer] = lambda request: (200, b"{}")
    requests: list[Request] = field(default_factory=list)
    taken: threading.Event = field(default_factory=threading.Event)
    headers: dict[str, str] = field(default_factory=dict)
    """Sent with every answer."""


def _handler(hook: Hook, host: str = "") -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            request = Request(host or self.headers["Host"], self.path, dict(self.headers), body)
            hook.requests.append(request)
            hook.taken.set()
            status, content = hook.answer(request)
            with contextlib.suppress(OSError):
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                for name, value in hook.headers.items():
                    self.send_header(name, value)
                if 300 <= status < 400:
                    self.send_header("Location", "/elsewhere")
                self.end_headers()
                self.wfile.write(content)

        def do_GET(self) -> None:
            self.do_POST()

        def log_message(self, *args: Any) -> None:
            pass

    return Handler


@contextlib.contextmanager
def _serving(server: http.server.ThreadingHTTPServer) -> Iterator[int]:
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextlib.contextmanager
def web_server(hook: Hook) -> Iterator[int]:
    with _serving(http.server.ThreadingHTTPServer(("127.0.0.1", 0), _handler(hook))) as port:
        yield port


class Authority:
    """A certificate authority of the test's own, and certificates for any host."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test authority")])
        usage = x509.KeyUsage(
            digital_signature=True, key_cert_sign=True, crl_sign=True, content_commitment=False,
            key_encipherment=False, data_encipherment=False, key_agreement=False, encipher_only=False,
            decipher_only=False,
        )  # fmt: skip
        builder = self._builder(self._name, self._key.public_key())
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        self._certificate = builder.add_extension(usage, critical=True).sign(self._key, hashes.SHA256())
        self.bundle = folder / "authority.pem"
        self.bundle.write_bytes(self._certificate.public_bytes(serialization.Encoding.PEM))

    def _builder(self, name: x509.Name, key: Any) -> x509.CertificateBuilder:
        now = dt.datetime.now(dt.UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(days=1))
            .not_valid_after(now + dt.timedelta(days=2))
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        )

    def context(self, host: str) -> ssl.SSLContext:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
        builder = self._builder(name, key.public_key())
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        certificate = builder.sign(self._key, hashes.SHA256())
        path = self._folder / f"{host}.pem"
        path.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context


@contextlib.contextmanager
def services_behind_proxy(hook: Hook, authority: Authority) -> Iterator[str]:
    """A proxy that is itself every https host: what our code sends to qyapi.weixin.qq.com arrives at `hook`."""

    class Proxy(http.server.BaseHTTPRequestHandler):
        def do_CONNECT(self) -> None:
            host = self.path.partition(":")[0]
            self.send_response(200)
            self.end_headers()
            with contextlib.suppress(OSError):
                secured = authority.context(host).wrap_socket(self.connection, server_side=True)
                _handler(hook, host)(secured, self.client_address, self.server)
                secured.close()
            self.close_connection = True

        def log_message(self, *args: Any) -> None:
            pass

    with _serving(http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy)) as port:
        yield f"http://127.0.0.1:{port}"


def slowly(seconds: float, answer: Answer = (200, b"{}")) -> Callable[[Request], Answer]:
    def reply(request: Request) -> Answer:
        time.sleep(seconds)
        return answer

    return reply


def path_of(request: Request) -> str:
    return urlsplit(request.path).path


@dataclass
class Dialogue:
    """A mail server that answers as it is told, line by line; `replies` by command, `DOT` for the end of a message.

    An empty reply closes the connection without a word.
    """

    replies: dict[str, bytes] = field(default_factory=dict)
    features: tuple[bytes, ...] = ()
    lines: list[bytes] = field(default_factory=list)
    mails: list[bytes] = field(default_factory=list)

    def heard(self, verb: str) -> list[bytes]:
        return [line for line in self.lines if line.upper().startswith(verb.encode())]

    def serve(self, stream: Any) -> None:
        """One connection."""
        if not self._say(stream, "GREETING", b"220 mail.test"):
            return
        while line := stream.readline().rstrip(b"\r\n"):
            self.lines.append(line)
            verb = line.split(b" ")[0].upper().decode("ascii", "replace")
            usual = {"EHLO": self._hello(), "DATA": b"354 go on", "QUIT": b"221 bye"}.get(verb, b"250 ok")
            if not self._say(stream, verb, usual) or verb == "QUIT":
                return
            if verb == "DATA" and self.replies.get("DATA", b"354").startswith(b"354"):
                self._message(stream)
                if not self._say(stream, "DOT", b"250 taken"):
                    return

    def _hello(self) -> bytes:
        *first, last = (b"mail.test", *self.features)
        return b"\r\n".join([*(b"250-" + one for one in first), b"250 " + last])

    def _message(self, stream: Any) -> None:
        kept = []
        while (line := stream.readline()) not in {b".\r\n", b""}:
            kept.append(line)
        self.mails.append(b"".join(kept))

    def _say(self, stream: Any, step: str, usual: bytes) -> bool:
        reply = self.replies.get(step, usual)
        if reply:
            stream.write(reply + b"\r\n")
            stream.flush()
        return bool(reply)


@contextlib.contextmanager
def dialogue_server(said: Dialogue, host: str = "127.0.0.1", context: ssl.SSLContext | None = None) -> Iterator[int]:
    """Serve one connection after the other; with a context, over TLS from the first byte."""

    def serve() -> None:
        while True:
            try:
                taken, _ = listening.accept()
            except OSError:
                return
            with contextlib.suppress(OSError), taken:
                secured = context.wrap_socket(taken, server_side=True) if context else taken
                with secured, secured.makefile("rwb") as stream:
                    said.serve(stream)

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, 0), family=family, backlog=8) as listening:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)
    thread.join(5)
