"""The one way from Chromium to the network: a proxy on loopback that reaches the servers of one host group alone.

Whatever makes Chromium ask (a redirect, another port of the host, a WebSocket, a prefetch, a worker), it asks here, and
it resolves no name itself. Each connection serves one request or one tunnel.
"""

import asyncio
import ssl
import time
from base64 import b64encode
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote, urlsplit

from opendata_spiders.fetching.addresses import PORTS, HostGroup, Place, place_of
from opendata_spiders.fetching.resolver import checked
from opendata_spiders.policy import policy

_END: Final = b"\r\n\r\n"
_PIECE: Final = 1 << 16
_MOST_REFUSED: Final = 100
"""Refused addresses that are kept: a page may ask for any number."""
_OF_ONE_CONNECTION: Final = (b"connection:", b"proxy-connection:", b"keep-alive:", b"proxy-authorization:")
_FAILURES: Final = (OSError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError)
Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(slots=True)
class _Head:
    """The first line of a request or an answer, and its headers."""

    words: list[bytes]
    headers: list[bytes]

    @classmethod
    async def read(cls, reader: asyncio.StreamReader) -> "_Head":
        first, *headers = (await reader.readuntil(_END)).removesuffix(_END).split(b"\r\n")
        return cls(first.split(b" ", 2), headers)

    def closing(self, *more: bytes) -> bytes:
        """As it is sent on: the connection ends after it."""
        kept = [one for one in self.headers if not one.lower().startswith(_OF_ONE_CONNECTION)]
        return b"\r\n".join([b" ".join(self.words), *kept, *more, b"Connection: close"]) + _END


class GroupProxy:
    """Passes on what goes to the servers of a group, by the operator's own proxy where the group has one."""

    def __init__(self, connect_seconds: float) -> None:
        self._seconds = connect_seconds
        self._group = HostGroup("", frozenset())
        self._own_proxy = ""
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Task[None]] = set()
        self._began = 0.0
        self._loaded = 0
        self.overflowed = False
        """Whether the page loaded more than a page may."""
        self.refused: list[str] = []
        """Servers (host and port) outside the group that were asked for: nothing was sent there."""
        self.failure = ""
        """Why the last server that could not be reached could not."""

    async def start(self) -> str:
        """Listen, and return the address."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=policy().header_bytes)
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def begin(self, group: HostGroup, own_proxy: str) -> None:
        """Serve a page of this group from now on; what an earlier page left open is closed."""
        self._hang_up()
        self._group, self._own_proxy = group, own_proxy
        self._began, self._loaded, self.overflowed = time.monotonic(), 0, False
        self.refused, self.failure = [], ""

    async def close(self) -> None:
        """Close the port and every connection."""
        if self._server is not None:
            self._server.close()
        open_ = list(self._open)
        self._hang_up()
        await asyncio.gather(*open_, return_exceptions=True)

    def _hang_up(self) -> None:
        for task in self._open:
            task.cancel()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if (task := asyncio.current_task()) is not None:
            self._open.add(task)
            task.add_done_callback(self._open.discard)
        with suppress(*_FAILURES, asyncio.CancelledError):
            await self._pass_on(reader, writer)
        writer.close()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await _Head.read(reader)
        method, target, _ = head.words
        place = place_of(("http://" if method == b"CONNECT" else "") + target.decode("ascii"))
        if place is None or place not in self._group.places:
            if len(self.refused) < _MOST_REFUSED:
                self.refused.append(target.decode("ascii") if place is None else f"{place[0]}:{place[1]}")
            return
        try:
            async with asyncio.timeout(self._seconds):
                server = await (self._by_own_proxy(head) if self._own_proxy else self._directly(place, head))
        except (*_FAILURES, TimeoutError) as error:
            self.failure = str(error) or f"no connection to {place[0]} within {self._seconds:g} seconds"
            return
        try:
            if method == b"CONNECT":
                writer.write(b"HTTP/1.1 200 Connected" + _END)
            await self._relay((reader, writer), server, tunnel=method == b"CONNECT")
        finally:
            server[1].close()

    async def _directly(self, place: Place, head: _Head) -> Connection:
        """Connect to a server, at the address that was checked."""
        host, port = place
        found = await asyncio.get_running_loop().getaddrinfo(host, port)
        address = next((one[4][0] for one in found if one[0].name == "AF_INET"), found[0][4][0])
        reader, writer = await asyncio.open_connection(checked(str(address), host), port, limit=policy().header_bytes)
        if head.words[0] != b"CONNECT":
            parts = urlsplit(head.words[1])
            head.words[1] = (parts.path or b"/") + (b"?" + parts.query if parts.query else b"")
            writer.write(head.closing())
        return reader, writer

    async def _by_own_proxy(self, head: _Head) -> Connection:
        """Connect to the operator's proxy, and have it connect to the server."""
        proxy = urlsplit(self._own_proxy)
        tls = ssl.create_default_context() if proxy.scheme == "https" else None
        port = proxy.port or PORTS[proxy.scheme]
        reader, writer = await asyncio.open_connection(proxy.hostname, port, ssl=tls, limit=policy().header_bytes)
        login: Sequence[bytes] = ()
        if proxy.username is not None:
            who = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}".encode()
            login = (b"Proxy-Authorization: Basic " + b64encode(who),)
        if head.words[0] != b"CONNECT":
            writer.write(head.closing(*login))
            return reader, writer
        writer.write(b"\r\n".join([b" ".join(head.words), b"Host: " + head.words[1], *login]) + _END)
        answer = await _Head.read(reader)
        if answer.words[1] != b"200":
            writer.close()
            raise ConnectionError(
                f"the proxy of the host group answers {b' '.join(answer.words[1:]).decode('latin-1')}"
            )
        return reader, writer

    async def _relay(self, browser: Connection, server: Connection, *, tunnel: bool) -> None:
        """Pass bytes on in both directions until one of the two ends."""
        sent = asyncio.ensure_future(_pump(browser[0], server[1]))
        answered = asyncio.ensure_future(self._answer(server[0], browser[1], tunnel=tunnel))
        try:
            await asyncio.wait({sent, answered}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (sent, answered):
                task.cancel()
            await asyncio.gather(sent, answered, return_exceptions=True)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, tunnel: bool) -> None:
        if not tunnel:
            writer.write((await _Head.read(reader)).closing())
        while not self.overflowed and (piece := await reader.read(_PIECE)):
            self._count(len(piece))
            writer.write(piece)
            await writer.drain()

    def _count(self, size: int) -> None:
        """Count what the page loads; one that is held open may load as much again in each further while."""
        self._loaded += size
        whiles = 1 + (time.monotonic() - self._began) // policy().browser_page_seconds
        self.overflowed = self.overflowed or self._loaded > whiles * (policy().browser_load_mb << 20)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while piece := await reader.read(_PIECE):
        writer.write(piece)
        await writer.drain()
