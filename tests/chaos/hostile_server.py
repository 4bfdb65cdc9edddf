"""A loopback server that answers as its act says, byte by byte, and a trap that counts who comes."""

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from tests.replica.stage import Stage
from tests.replica.wire import Reply, Request


@dataclass
class Scene:
    """One request, and what is needed to answer it."""

    request: Request
    kind: str
    """robots, list, detail or other."""
    number: int
    """How many requests of this kind came before it."""
    night: int
    base: str
    trap: "Trap"
    writer: asyncio.StreamWriter
    honest: Callable[[], Reply]

    async def send(self, *pieces: bytes) -> None:
        for piece in pieces:
            self.writer.write(piece)
            await self.writer.drain()

    async def answer(
        self, body: bytes, *headers: str, status: str = "200 OK", kind: str = "text/html;charset=utf-8"
    ) -> None:
        """Send a whole, well-formed answer."""
        head = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(body)}", *headers]
        await self.send("\r\n".join([*head, "", ""]).encode("utf-8", "surrogateescape") + body)

    async def head(self, *headers: str, status: str = "200 OK") -> None:
        await self.send("\r\n".join([f"HTTP/1.1 {status}", *headers, "", ""]).encode())

    async def redirect(self, to: str, status: str = "302 Found", *headers: str) -> None:
        await self.answer(b"", f"Location: {to}", *headers, status=status)

    async def play(self) -> None:
        """Answer as an honest portal does."""
        reply = self.honest()
        await self.answer(reply.body, status=f"{reply.status} x", kind=reply.content_type)


class _Server:
    """An asyncio server on a thread of its own; a context manager."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self.port = 0

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        raise NotImplementedError

    def __enter__(self) -> Self:
        self._thread.start()
        self._await(self._open())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._await(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=10)
        self._loop.close()

    def _await(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=10)

    async def _open(self) -> None:
        self._servers = [await asyncio.start_server(self._client, "127.0.0.1", 0, limit=1 << 20)]
        self.port = self._servers[0].sockets[0].getsockname()[1]
        await self._also()

    async def _also(self) -> None:
        """Listen elsewhere as well."""

    async def _close(self) -> None:
        for server in self._servers:
            server.close()
        talks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in talks:
            task.cancel()
        await asyncio.gather(*talks, return_exceptions=True)

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self.talk(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the other side hung up, or the play is over
        finally:
            writer.close()


class Trap(_Server):
    """Another server of this machine: whoever connects has left the portal."""

    def __init__(self) -> None:
        super().__init__()
        self.hits: list[str] = []

    async def _also(self) -> None:
        if socket.has_ipv6:
            try:
                self._servers.append(await asyncio.start_server(self._client, "::1", self.port))
            except OSError:  # a machine without IPv6: nobody can be lured there
                return

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = await reader.readline()
        self.hits.append(line.decode("latin-1").strip() or "a connection")
        body = b'{"code": 200, "total": 1, "data": [{"id": "TRAP", "name": "internal"}]}'
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
        await writer.drain()


@dataclass
class _Counts:
    of: dict[str, int] = field(default_factory=dict)

    def next(self, kind: str) -> int:
        self.of[kind] = self.of.get(kind, 0) + 1
        return self.of[kind] - 1


class HostileServer(_Server):
    """The portal of one act."""

    def __init__(self, act: Any, trap: Trap) -> None:
        super().__init__()
        self._act = act
        self._trap = trap
        self._stage = Stage(act.world())
        self._counts = _Counts()
        self._night = 0

    @property
    def url(self) -> str:
        return f"{self._act.scheme}://127.0.0.1:{self.port}"

    @property
    def night(self) -> int:
        return self._night

    @night.setter
    def night(self, night: int) -> None:
        self._night = self._stage.night = night
        self._counts = _Counts()

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._act.scheme == "https":
            await reader.read(1000)
            await self._act.play(self._scene(Request("GET", "/", {}, {}), "list", writer))
            return
        while True:
            request = await _request(reader)
            kind = _kind(request)
            scene = self._scene(request, kind, writer)
            hostile = kind == self._act.on and self._night == self._act.nights - 1
            play: Callable[[Scene], Awaitable[None]] = self._act.play if hostile else _fair
            await play(scene)

    def _scene(self, request: Request, kind: str, writer: asyncio.StreamWriter) -> Scene:
        number = self._counts.next(kind)
        honest = lambda: self._stage.answer((self._act.slug,), request)  # noqa: E731
        return Scene(request, kind, number, self._night, self.url, self._trap, writer, honest)


async def _fair(scene: Scene) -> None:
    if scene.kind == "robots":
        await scene.answer(b"", status="404 Not Found")
    else:
        await scene.play()


async def _request(reader: asyncio.StreamReader) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, target, _ = head[0].split(" ", 2)
    headers = {
        name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)
    }
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    parts = urlsplit(target)
    return Request(method, parts.path, dict(parse_qsl(parts.query, keep_blank_values=True)), headers, body)


def _kind(request: Request) -> str:
    last = request.path.rsplit("/", 1)[-1]
    if request.path == "/robots.txt":
        return "robots"
    if last in {"index", "getDataListByParams", "moved"}:
        of_whole_host = (
            request.method == "POST" and b"divisionId" not in request.body
        )  # which shows that the host obeys it
        return "other" if of_whole_host else "list"
    return "detail" if "/catalog/" in request.path or last == "getDataDetailByDataId" else "other"
