"""A server that passes requests on to a replica, unless its wall answers them."""

import hashlib
import hmac
import http.client
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from secrets import token_bytes
from threading import Lock, Thread
from types import TracebackType
from typing import Protocol, Self
from urllib.parse import urlsplit

from tests.replica import wire
from tests.replica.wire import Reply


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks for what."""

    path: str
    """With its query."""
    address: str
    user_agent: str
    cookies: dict[str, str]


class Wall(Protocol):
    """Decides who is let through."""

    def stops(self, visitor: Visitor) -> Reply | None:
        """The wall's answer; None for a visitor who may pass."""

    def cookies(self, visitor: Visitor) -> tuple[str, ...]:
        """Set-Cookie headers that the wall adds to an answer of the portal."""


@dataclass
class Seal:
    """Signs what a wall gives to one visitor, so that nobody else can use it."""

    secret: bytes = field(default_factory=lambda: token_bytes(16))

    def of(self, visitor: Visitor, *words: object) -> str:
        said = "\n".join(map(str, (visitor.address, visitor.user_agent, *words)))
        return hmac.new(self.secret, said.encode(), hashlib.sha256).hexdigest()


@dataclass
class Uses:
    """Counts how often each pass was used: after `most` times it has expired."""

    most: int
    _count: dict[str, int] = field(default_factory=dict)

    def spend(self, token: str) -> bool:
        self._count[token] = self._count.get(token, 0) + 1
        return self._count[token] <= self.most


class Walled(ThreadingHTTPServer):
    """The portal at `target` behind a wall; `stopped` has the visitors that met it, `passed` counts the others."""

    daemon_threads = True

    def __init__(self, target: str, wall: Wall) -> None:
        self.target, self.wall = urlsplit(target), wall
        self.stopped: list[Visitor] = []
        self.passed = 0
        self.turn = Lock()
        super().__init__(("127.0.0.1", 0), _WalledHandler)
        self._thread = Thread(target=self.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}{self.target.path}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Print nothing: browsers hang up."""

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.shutdown()
        self.server_close()


class _WalledHandler(BaseHTTPRequestHandler):
    server: Walled

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        visitor = self._visitor()
        with self.server.turn:
            stopped = self.server.wall.stops(visitor)
        if stopped is not None:
            self.server.stopped.append(visitor)
            self._send(stopped)
            return
        self.server.passed += 1
        with self.server.turn:
            more = tuple(("Set-Cookie", one) for one in self.server.wall.cookies(visitor))
        self._send(self._portals(body), more)

    def do_POST(self) -> None:
        self.do_GET()

    def _visitor(self) -> Visitor:
        cookies = {name: one.value for name, one in SimpleCookie(self.headers.get("Cookie", "")).items()}
        return Visitor(self.path, self.client_address[0], self.headers.get("User-Agent", ""), cookies)

    def _portals(self, body: bytes) -> Reply:
        target = self.server.target
        connection = http.client.HTTPConnection(target.hostname or "", target.port, timeout=20)
        kept = {name: value for name, value in self.headers.items() if name.lower() not in ("host", "connection")}
        connection.request(self.command, self.path, body or None, kept | {"Host": target.netloc})
        answer = connection.getresponse()
        reply = Reply(answer.read(), answer.headers.get("Content-Type", wire.HTML), answer.status)
        connection.close()
        return reply

    def _send(self, reply: Reply, more: tuple[tuple[str, str], ...] = ()) -> None:
        self.send_response(reply.status)
        for name, value in self._headers(reply, more):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(reply.body)

    def _headers(self, reply: Reply, more: tuple[tuple[str, str], ...]) -> Iterator[tuple[str, str]]:
        yield "Content-Type", reply.content_type
        yield "Content-Length", str(len(reply.body))
        yield from reply.headers
        yield from more

    def log_message(self, format: str, *args: object) -> None:
        pass
