"""One of the portals on a port of loopback."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.replica.wire import Reply, html
from tests.replica.wire import json as json_reply
from tests.replica.worldwide.entries import Entry

Query = Mapping[str, str]
Disturb = Callable[[str, Query, Reply], Reply]
"""Path, query and the answer that is due, to the answer that is sent."""


class WorldPortal:
    """What a portal of any software has: its datasets, and answers."""

    family = ""
    home = ""
    """The home page, with the marks that the software leaves there."""
    robots = ""
    """robots.txt; empty where there is none."""

    def __init__(self, held: Sequence[Entry]) -> None:
        self.held = list(held)

    @property
    def listed(self) -> list[Entry]:
        """Datasets that a visitor is shown."""
        return [one for one in self.held if not one.private]

    def found(self, given: str) -> Entry | None:
        """The dataset of an id, private or not."""
        return next((one for one in self.held if self.id_of(one) == given), None)

    def id_of(self, entry: Entry) -> str:
        """Id in the form of the software."""
        raise NotImplementedError

    def answer(self, path: str, query: Query, headers: Mapping[str, str]) -> Reply | None:
        """Answer a request for anything but the home page; None for an address that the software does not know."""
        raise NotImplementedError


def document(body: Any, status: int = 200) -> Reply:
    """A JSON answer."""
    return json_reply(json.dumps(body, ensure_ascii=False), status)


def whole(query: Query, name: str, default: int) -> int | None:
    """A parameter that is a number, 0 or more; None for anything else."""
    given = query.get(name, str(default))
    return int(given) if given.isascii() and given.isdigit() else None


@contextmanager
def playing(portal: WorldPortal, disturb: Disturb = lambda _path, _query, reply: reply) -> Iterator[str]:
    """The address at which the portal answers."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = dict(parse_qsl(parts.query, keep_blank_values=True))
            if parts.path in ("", "/"):
                reply: Reply | None = html(f"<!DOCTYPE html><html><head>{portal.home}</head><body></body></html>")
            elif parts.path == "/robots.txt":
                reply = Reply(portal.robots.encode(), "text/plain") if portal.robots else None
            else:
                reply = portal.answer(parts.path, query, {name.lower(): value for name, value in self.headers.items()})
            reply = disturb(parts.path, query, reply) if reply else html("<h1>Not found</h1>", 404)
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.content_type)
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)

        def log_message(self, *_arguments: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def cut(reply: Reply) -> Reply:
    """The answer, cut off in the middle although its length says that it is whole."""
    return replace(reply, body=reply.body[: len(reply.body) // 2])
