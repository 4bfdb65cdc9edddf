"""HTTP/1.1 on 127.0.0.1, a thread a connection: one port for the shared host, one for every other portal."""

import socket
import ssl
import struct
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer
from threading import Event, Thread
from types import TracebackType
from typing import Any, Self, cast
from urllib.parse import parse_qsl, urlsplit

from tests.replica import control
from tests.replica.incidents import Incident
from tests.replica.stage import RequestLog, Stage
from tests.replica.wire import Reply, Request
from tests.replica.world import World

PIECE = 1 << 16


class Replica:
    """Serves the whole world on loopback ports; a context manager.

    `night` may be set at any time; requests already being answered keep their night.
    """

    def __init__(self, world: World, *, port: int = 0, tls: ssl.SSLContext | None = None) -> None:
        """Bind the ports: `port` and those after it, or whatever is free for 0; raise OSError if one is taken.

        With `tls` every port speaks https alone.
        """
        self.world, self.tls = world, tls
        self.stage = Stage(world)
        self.stopping = Event()
        self._hosts: list[Host] = []
        for place, slugs in enumerate(self.stage.hosts()):
            self._hosts.append(Host(self, slugs, port + place if port else 0))
        self._threads = [Thread(target=host.serve_forever, args=(0.01,), daemon=True) for host in self._hosts]

    @property
    def night(self) -> int:
        return self.stage.night

    @night.setter
    def night(self, night: int) -> None:
        self.stage.night = night

    @property
    def log(self) -> RequestLog:
        return self.stage.log

    def show(self, world: World) -> None:
        """Serve another world of the same portals on the same ports, from its first night, with an empty log."""
        stage = Stage(world)
        if sorted(stage.hosts()) != sorted(self.stage.hosts()):
            raise ValueError("the other world has other portals: start a replica of its own")
        self.world, self.stage = world, stage

    def script(self, portal: str, *incidents: Incident) -> None:
        """Add incidents to a portal, or to all of them ("*")."""
        self.world.script(portal, *incidents)

    def url(self, slug: str) -> str:
        """Return the base_url of a portal tonight (one that moved has a path)."""
        host = next(host for host in self._hosts if slug in host.slugs)
        scheme = "https" if self.tls else "http"
        return f"{scheme}://127.0.0.1:{host.server_address[1]}{self.world.prefix(slug, self.night)}"

    @property
    def control_url(self) -> str:
        return f"http://127.0.0.1:{self._hosts[0].server_address[1]}{control.ROOT}"

    def start(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def stop(self) -> None:
        """Close ports and connections; hanging answers end at once."""
        self.stopping.set()
        for host in self._hosts:
            if any(thread.is_alive() for thread in self._threads):
                host.shutdown()
            host.hang_up()
            host.server_close()
        for thread in self._threads:
            thread.join(timeout=5)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class Host(ThreadingTCPServer):
    """The server of one port."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, replica: Replica, slugs: Sequence[str], port: int) -> None:
        self.replica = replica
        self.slugs = tuple(slugs)
        self._open: set[socket.socket] = set()
        super().__init__(("127.0.0.1", port), Handler)

    def process_request(self, request: socket.socket | tuple[bytes, socket.socket], client_address: object) -> None:
        self._open.add(cast("socket.socket", request))
        super().process_request(request, client_address)

    def finish_request(self, request: socket.socket | tuple[bytes, socket.socket], client_address: Any) -> None:
        if self.replica.tls is None:
            super().finish_request(request, client_address)
            return
        with self.replica.tls.wrap_socket(cast("socket.socket", request), server_side=True) as secure:
            super().finish_request(secure, client_address)

    def shutdown_request(self, request: socket.socket | tuple[bytes, socket.socket]) -> None:
        self._open.discard(cast("socket.socket", request))
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """End the connections that clients keep alive."""
        for connection in list(self._open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:  # the client was faster
                continue

    def handle_error(self, request: object, client_address: object) -> None:
        """Print nothing: connections closed by the client, or reset by us, are part of the simulation."""


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server_version = "Tengine"
    sys_version = ""
    timeout = 60
    wbufsize = 1 << 16
    disable_nagle_algorithm = True
    server: Host

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def do_DELETE(self) -> None:
        self._answer()

    def log_message(self, format: str, *args: object) -> None:
        """Print nothing: the request log has it."""

    def _answer(self) -> None:
        replica = self.server.replica
        request = self._request()
        if request.path.startswith(control.ROOT):
            self._send(control.answer(replica, request))
            return
        reply = replica.stage.answer(self.server.slugs, request)
        if reply.delay:
            replica.stopping.wait(reply.delay)
        if reply.reset or reply.silent:
            self._hang_up(reset=reply.reset)
        else:
            self._send(reply)

    def _request(self) -> Request:
        parts = urlsplit(self.path)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length", 0)))
        return Request(self.command, parts.path, query, headers, body)

    def _send(self, reply: Reply) -> None:
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        if reply.chunked:
            self.send_header("Transfer-Encoding", "chunked")
        else:
            self.send_header("Content-Length", str(len(reply.body) if reply.announced is None else reply.announced))
        for name, value in reply.headers:
            self.send_header(name, value)
        self.end_headers()
        self._write(reply)

    def _write(self, reply: Reply) -> None:
        if not reply.chunked:
            self.wfile.write(reply.body)
            self.close_connection = self.close_connection or reply.announced is not None
            return
        for at in range(0, len(reply.body), PIECE):
            piece = reply.body[at : at + PIECE]
            self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
        self.wfile.write(b"0\r\n\r\n")

    def _hang_up(self, *, reset: bool) -> None:
        self.close_connection = True
        if reset:
            at_once = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
        self.connection.close()
