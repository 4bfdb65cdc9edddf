"""A portal that runs other software is recognised from the page that could not be read, at no further request."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from opendata_spiders.store.connect import Store
from opendata_spiders.store.models import Verdict
from tests.commands import run_module
from tests.crawl.conftest import lay_register

FIXTURES = Path(__file__).parents[2] / "fixtures"
PAGE = (FIXTURES / "inspur_oportal" / "detail_home" / "body.html").read_bytes()
JSON = (FIXTURES / "guizhou_api" / "list_plain" / "body.json").read_bytes()
PLAIN = "<html><head><title>维护中</title></head><body><p>平台升级,请稍后再来。</p></body></html>".encode()


class Portal:
    """Answers everything with one page."""

    def __init__(self, body: bytes, kind: str) -> None:
        self.body, self.kind = body, kind
        self.asked: list[str] = []
        self.port = 0


@pytest.fixture
def serve() -> Iterator[Any]:
    servers = []

    def start(body: bytes, kind: str = "text/html; charset=utf-8") -> Portal:
        portal = Portal(body, kind)

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                portal.asked.append(self.path)
                robots = self.path == "/robots.txt"
                self.send_response(404 if robots else 200)
                self.send_header("Content-Type", portal.kind)
                self.end_headers()
                self.wfile.write(b"" if robots else portal.body)

            do_POST = do_GET  # noqa: N815

            def log_message(self, *_args: Any) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        portal.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return portal

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def environment(environment: dict[str, str], tmp_path: Path) -> dict[str, str]:
    return {**environment, "REGISTER_DIR": str(tmp_path)}


def crawl(slug: str, portal: Portal, environment: dict[str, str]) -> None:
    lay_register(Path(environment["REGISTER_DIR"]), {slug: f"http://127.0.0.1:{portal.port}"})
    done = run_module("scrapy", "crawl", slug, env=environment)
    assert "Traceback" not in done.stderr + done.stdout, done.stderr


def test_the_family_that_fits_is_named(store: Store, serve: Any, environment: dict[str, str], alerts: Any) -> None:
    portal = serve(PAGE)
    crawl("guiyang", portal, environment)
    (run,) = store.runs(None)
    assert run.verdict is Verdict.BLOCKED
    assert [one.detail for one in run.findings if one.code == "platform.looks_like"] == ["inspur_oportal"]
    assert len([path for path in portal.asked if path != "/robots.txt"]) == 1
    crawl("guiyang", portal, environment)
    stated = [one for one in json.loads(alerts("diff", "--json").stdout) if one["kind"] == "platform.software_changed"]
    assert [(one["slug"], one["evidence"]["looks_like"]) for one in stated] == [("guiyang", ["inspur_oportal"])]


@pytest.mark.parametrize(("slug", "body"), [("guiyang", PLAIN), ("jinan", PLAIN)])
def test_a_page_of_nobody_names_nobody(
    store: Store, serve: Any, environment: dict[str, str], slug: str, body: bytes
) -> None:
    crawl(slug, serve(body), environment)
    (run,) = store.runs(None)
    assert run.verdict is not Verdict.COMPLETE
    assert [one for one in run.findings if one.code == "platform.looks_like"] == []


def test_an_interface_where_pages_were(store: Store, serve: Any, environment: dict[str, str]) -> None:
    crawl("jinan", serve(JSON, "application/json"), environment)
    (run,) = store.runs(None)
    assert [one.detail for one in run.findings if one.code == "platform.looks_like"] == ["guizhou_api"]
