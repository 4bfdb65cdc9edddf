"""A portal that sends its list calls from http to https with a 301: over a real TLS server, method and body are kept."""

import http.server
import json
import ssl
import threading
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime

from opendata_spiders.store.models import Verdict
from tests.replica.certificates import server_tls
from tests.replica.crawls import Outcome, Task, crawl_all

TLS_HANDSHAKE = 22
"""The first byte a client of TLS sends."""
NOW = datetime(2026, 3, 2, 2, tzinfo=UTC)
ROWS = [{"id": f"d{number}", "name": f"数据{number}", "orgName": "统计局"} for number in range(15)]


class Portal(http.server.ThreadingHTTPServer):
    """Speaks http and https at one port: that is one host, near us as well as in the register's host groups."""

    def __init__(self, context: ssl.SSLContext, status: int, location: str) -> None:
        self.context, self.status, self.location = context, status, location
        self.asked: list[tuple[str, str, str, bytes]] = []
        """Scheme, method, path, body."""
        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def netloc(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Stay silent: a client that does not trust the certificate hangs up."""


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Portal

    def setup(self) -> None:
        self.scheme = "http"
        if self.request.recv(1, 2)[:1] == bytes([TLS_HANDSHAKE]):  # 2: MSG_PEEK
            self.scheme, self.request = "https", self.server.context.wrap_socket(self.request, server_side=True)
        super().setup()

    def finish(self) -> None:
        super().finish()
        self.request.close()

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.asked.append((self.scheme, self.command, self.path, body))
        if self.path == "/robots.txt":
            self._send(404, b"")
        elif self.scheme == "http":
            self._send(self.server.status, b"", self.server.location.format(netloc=self.server.netloc) + self.path)
        elif self.command == "POST" and "List" in self.path:
            page = json.loads(body)["pageIndex"]
            rows = ROWS[(page - 1) * 12 : page * 12]
            self._send(200, json.dumps({"total": len(ROWS), "data": rows}).encode())
        else:
            self._send(404, b"")

    do_GET = do_POST = _answer  # noqa: N815 -- the names that the server calls

    def _send(self, status: int, body: bytes, location: str = "") -> None:
        self.send_response(status)
        if location:
            self.send_header("Location", location)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        pass


@contextmanager
def running(redirects: Iterable[tuple[int, str]]) -> Iterator[list[Portal]]:
    """One portal a redirect, given by status and target."""
    context = server_tls()
    with ExitStack() as stack:
        portals = [stack.enter_context(Portal(context, *redirect)) for redirect in redirects]
        for portal in portals:
            threading.Thread(target=portal.serve_forever, daemon=True).start()
            stack.callback(portal.shutdown)
        yield portals


def crawled(portals: Iterable[Portal]) -> list[Outcome]:
    return crawl_all([Task("guizhou", f"http://{one.netloc}", {"DETAIL_BUDGET": 0}) for one in portals], NOW)


def list_calls(portal: Portal, scheme: str) -> list[tuple[str, str, bytes]]:
    return [(method, path, body) for spoken, method, path, body in portal.asked if spoken == scheme and "List" in path]


def test_a_list_call_stays_a_post_with_its_body():
    with running([(status, "https://{netloc}") for status in (301, 302, 307, 308)]) as portals:
        outcomes = crawled(portals)
    for portal, outcome in zip(portals, outcomes, strict=True):
        assert (outcome.verdict, len(outcome.titles)) == (Verdict.COMPLETE, 15), outcome.reason
        before, after = list_calls(portal, "http"), list_calls(portal, "https")
        assert {method for method, _, _ in before} == {"POST"}
        assert sorted(before) == sorted(after)
        assert {json.loads(body)["pageIndex"] for _, _, body in after} == {1, 2}


def test_what_is_no_list_call_any_more_or_leads_to_another_server_is_not_read():
    elsewhere = [(301, "https://localhost:1"), (301, "https://127.0.0.1:1")]
    with running([(303, "https://{netloc}"), *elsewhere]) as portals:
        fetched, *refused = crawled(portals)
    assert fetched.verdict is Verdict.DRIFTED
    assert {method for method, _, _ in list_calls(portals[0], "https")} == {"GET"}
    for portal, outcome in zip(portals[1:], refused, strict=True):
        assert outcome.verdict is Verdict.DRIFTED
        assert "platform.redirects" in outcome.findings
        assert {spoken for spoken, *_ in portal.asked} == {"http"}
