"""A proxy on loopback that stands for every host it is given pages of: no name is resolved, no other server is asked."""

import json
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from tests.probing.serving import Served


@contextmanager
def standing_for(
    pages: Mapping[str, Mapping[str, str | Served]], others: Iterable[str]
) -> Iterator[tuple[str, list[str]]]:
    """Serve pages by host and path, 502 for `others`; yields the setting PROXIES for all of them, and what was asked."""
    asked: list[str] = []

    class Proxy(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            parts = urlsplit(self.path)
            path = parts.path or "/"
            asked.append(f"{parts.netloc}{path}")
            missing = Served(b"", status=404 if parts.netloc in pages else 502)
            page = pages.get(parts.netloc, {}).get(path, missing)
            served = page if isinstance(page, Served) else Served(page.encode())
            self.send_response(served.status)
            self.send_header("Content-Type", served.content_type)
            self.send_header("Content-Length", str(len(served.body)))
            if served.location:
                self.send_header("Location", served.location)
            self.end_headers()
            self.wfile.write(served.body)

        do_GET = do_POST = _answer  # noqa: N815 -- the names that the server calls

        def log_message(self, *_arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Proxy) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        proxy = f"http://127.0.0.1:{server.server_port}"
        yield json.dumps(dict.fromkeys({*pages, *others}, proxy)), asked
        server.shutdown()
