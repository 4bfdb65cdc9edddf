"""The dead-man ping against a real receiver on this machine."""

import logging
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from alerts.health.ping import PingError, address, ping

SECRET = "5a7c0ffe-1234-dead-man"


class Desk:
    """What arrived, and what to answer."""

    def __init__(self) -> None:
        self.got: list[tuple[str, str, str]] = []
        self.status = 200
        self.wait = 0.0
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/{SECRET}"


@pytest.fixture
def desk() -> Iterator[Desk]:
    known = Desk()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            known.got.append(("GET", self.path, body))
            time.sleep(known.wait)
            self.send_response(known.status)
            self.send_header("Location", "http://127.0.0.1:9/elsewhere")
            self.end_headers()

        def log_message(self, *_args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    known.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield known
    server.shutdown()
    server.server_close()
    thread.join()


def test_success_and_failure_with_the_report_as_body(desk: Desk) -> None:
    ping(desk.url, "night 2026-11-23: 180 complete", failed=False)
    ping(desk.url + "?create=1", "夜报", failed=True)
    assert desk.got == [
        ("GET", f"/{SECRET}", "night 2026-11-23: 180 complete"), ("GET", f"/{SECRET}/fail?create=1", "夜报"),
    ]  # fmt: skip


@pytest.mark.parametrize("status", [404, 302, 500])
def test_what_is_no_success_is_said_without_the_secret(desk: Desk, status: int, caplog: Any) -> None:
    desk.status = status
    with caplog.at_level(logging.DEBUG), pytest.raises(PingError, match=f"127.0.0.1 answered HTTP {status}") as error:
        ping(desk.url, "x", failed=False)
    assert SECRET not in str(error.value) + caplog.text
    assert len(desk.got) == 1


def test_a_service_that_hangs_is_left_after_the_time_out(desk: Desk) -> None:
    desk.wait = 3
    begun = time.monotonic()
    with pytest.raises(PingError, match="could not be told"):
        ping(desk.url, "x", failed=False, timeout=0.5)
    assert time.monotonic() - begun < 2.5


def test_nobody_listens() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        with pytest.raises(PingError, match="ConnectionRefusedError") as error:
            ping(f"http://127.0.0.1:{port}/{SECRET}", "x", failed=False)
    assert SECRET not in str(error.value)


@pytest.mark.parametrize("url", ["", "ftp://h/x", "file:///etc/passwd", "http://", "http://h:99999/x", "http://h /x"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(PingError, match="no http"):
        address(url, failed=False)


def test_the_command_tells_how_the_night_went(desk: Desk, store: Any, alerts: Any) -> None:
    assert alerts("health", "--ping", HEALTHCHECK_URL=desk.url).returncode == 0
    assert alerts("health", "--ping", "--status", "8", HEALTHCHECK_URL=desk.url).returncode == 0
    broken = alerts("health", "--ping", HEALTHCHECK_URL=desk.url, MONGODB_URI="mongodb://u:geheim@127.0.0.1:9/")
    assert broken.returncode == 1
    assert [path for _, path, _ in desk.got] == [f"/{SECRET}", f"/{SECRET}/fail", f"/{SECRET}/fail"]
    assert all("portals: " in body for _, _, body in desk.got[:2])
    assert desk.got[2][2].startswith("no night report")
    assert "geheim" not in desk.got[2][2]
    desk.status = 500
    refused = alerts("health", "--ping", HEALTHCHECK_URL=desk.url)
    assert (refused.returncode, SECRET in refused.stdout + refused.stderr) == (1, False)
    unset = alerts("health", "--ping", HEALTHCHECK_URL="")
    assert (unset.returncode, "HEALTHCHECK_URL is not set" in unset.stderr) == (0, True)
