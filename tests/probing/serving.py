"""A server on the loopback that answers by path, and keeps what it was asked."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Served:
    """One answer."""

    body: bytes
    content_type: str = "text/html;charset=utf-8"
    status: int = 200
    location: str = ""


@contextmanager
def serving(pages: Mapping[str, str | Served]) -> Iterator[tuple[str, list[str]]]:
    """Serve bodies by path without query, 404 else; yields the address and what was asked, as `GET /path?query`."""
    asked: list[str] = []
    known = {path: page if isinstance(page, Served) else Served(page.encode()) for path, page in pages.items()}

    class Portal(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"  # of 1.0 the client reuses connections that are about to be closed

        def _answer(self) -> None:
            asked.append(f"{self.command} {self.path}")
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            page = known.get(self.path.partition("?")[0], Served(b"", status=404))
            self.send_response(page.status)
            self.send_header("Content-Type", page.content_type)
            self.send_header("Content-Length", str(len(page.body)))
            if page.location:
                self.send_header("Location", page.location)
            self.end_headers()
            self.wfile.write(page.body)

        do_GET = do_POST = _answer  # noqa: N815 -- the names that the server calls

        def log_message(self, *_arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Portal) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()
