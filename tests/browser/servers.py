"""Servers on loopback that hold pages, and count who asks them."""

import gzip
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

Answer = Callable[[BaseHTTPRequestHandler], None]
Pages = Mapping[str, str | bytes | Answer]


class PageServer(ThreadingHTTPServer):
    """Answers the paths it knows, 404 else; `asked` has what was asked for, in order, and `headers` what came with it."""

    daemon_threads = True

    def __init__(self, pages: Pages, tls: ssl.SSLContext | None = None) -> None:
        self.pages = dict(pages)
        self.asked: list[str] = []
        self.headers: list[Mapping[str, str]] = []
        self.connections = 0
        self.scheme = "http" if tls is None else "https"
        super().__init__(("127.0.0.1", 0), _PageHandler)
        if tls is not None:
            self.socket = tls.wrap_socket(self.socket, server_side=True)

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.server_port}"

    def process_request(self, request: Any, client_address: Any) -> None:
        self.connections += 1
        super().process_request(request, client_address)

    def handle_error(self, request: object, client_address: object) -> None:
        """Print nothing: browsers hang up."""


class _PageHandler(BaseHTTPRequestHandler):
    server: PageServer

    def do_GET(self) -> None:
        if self.path.endswith("/robots.txt"):
            self.send_error(404)
            return
        self.server.asked.append(self.path)
        self.server.headers.append({name.lower(): value for name, value in self.headers.items()})
        page = self.server.pages.get(self.path.partition("?")[0])
        if page is None:
            self.send_error(404)
        elif callable(page):
            page(self)
        else:
            reply(self, page)

    def log_message(self, format: str, *args: object) -> None:
        pass


def reply(handler: BaseHTTPRequestHandler, body: str | bytes, status: int = 200, **headers: str) -> None:
    """Send a whole answer."""
    body = body.encode() if isinstance(body, str) else body
    handler.send_response(status)
    for name, value in {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Length": str(len(body)),
        **headers,
    }.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


def redirect(url: str) -> Answer:
    return lambda handler: reply(handler, b"", 302, Location=url)


def download(handler: BaseHTTPRequestHandler) -> None:
    reply(
        handler, b"x" * 1000, Content_Type="application/octet-stream", Content_Disposition="attachment; filename=x.bin"
    )


def inflating(megabytes: int) -> Answer:
    """A small answer that inflates to so many megabytes."""
    body = gzip.compress(b" " * (megabytes << 20), 9)
    return lambda handler: reply(handler, body, Content_Encoding="gzip")


def hang(handler: BaseHTTPRequestHandler) -> None:
    """Send the beginning of a page, and nothing more for a minute."""
    handler.send_response(200)
    handler.send_header("Content-Type", "text/html")
    handler.end_headers()
    handler.wfile.write(b"<p>begin")
    handler.wfile.flush()
    time.sleep(60)


@contextmanager
def serving(pages: Pages, tls: ssl.SSLContext | None = None) -> Iterator[PageServer]:
    with PageServer(pages, tls) as server:
        Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield server
        server.shutdown()
