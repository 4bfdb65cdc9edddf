"""Every family as it is run: `scrapy crawl` of one of its portals against a server that answers with its golden pages.

This holds the way from the register row to the request and from the answer to the stored dataset; what the pages say is
held by the golden tests.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest

from opendata_spiders.crawl.spider import PortalSpider
from opendata_spiders.store.models import Verdict
from tests.families.goldens import Case, cases, loader
from tests.replica import PortalSpec, World

REGISTER = loader().register
PLAIN = {
    case.family: case
    for case in cases()
    if case.path.name == "list_plain"
    and case.meta["slug"] in REGISTER.portals
    and REGISTER.get(case.meta["slug"]).crawlable
}
Asked = tuple[str, str, bytes]
"""Method, path with query, body."""


def asked_of(request) -> Asked:
    parts = urlsplit(request.url)
    return request.method, f"{parts.path}?{parts.query}".rstrip("?"), request.body


def sibling(case: Case, name: str) -> Case | None:
    found = Case(case.path.with_name(name))
    return found if found.path.is_dir() else None


def answers(spider: PortalSpider, plain: Case) -> dict[Asked, Case]:
    """What is answered to what: the plain page first, a page past the end after it, a plain detail to every id.

    Where the list is cut into parts, the page that names them comes before. The list of a whole host shows nothing:
    what selects the portal is obeyed.
    """
    first = spider.first_page
    known: dict[Asked, Case] = {}
    if parts := sibling(plain, "list_parts"):
        known[asked_of(spider.list_request(first))] = parts
        spider.parse_list(parts.response)
        first += 1
    if past := sibling(plain, "list_past_end"):
        at_once = [asked_of(spider.list_request(first + page)) for page in range(1, 4)]
        spider.parse_list(plain.response)
        later = [asked_of(spider.list_request(first + page)) for page in range(1, 400)]
        spider.reader = SimpleNamespace(page_size=len(plain.page.rows))  # offsets follow the rows that were served
        shorter = [asked_of(spider.list_request(first + page)) for page in range(1, 400)]
        spider.reader = None
        known |= dict.fromkeys([*at_once, *later, *shorter], past)
        if spider.neighbours:
            known[asked_of(spider.of_whole_host().list_request(first))] = past
    known[asked_of(spider.list_request(first))] = plain
    if spider.has_details and (detail := sibling(plain, "detail_plain")):
        known |= {asked_of(spider.detail_request(row["id"])): detail for row in plain.expected["rows"]}
    return known


@contextmanager
def playing(plain: Case) -> Iterator[tuple[str, list[Asked]]]:
    """A server on the loopback that plays the portal; yields its address and what nobody knew an answer to."""
    unknown: list[Asked] = []
    known: dict[Asked, Case] = {}

    class Portal(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            asked = (self.command, self.path.rstrip("?"), body)
            case = known.get(asked)
            if case is None and self.path != "/robots.txt":
                unknown.append(asked)
            said = case.body if case else b""
            self.send_response(200 if case else 404)
            kind = case.response.headers["Content-Type"].decode() if case else "text/plain"
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        do_GET = do_POST = _answer  # noqa: N815 -- the names that the server calls

        def log_message(self, *_arguments) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Portal) as server:
        url = f"http://127.0.0.1:{server.server_port}"
        spider = loader().spider_class(REGISTER.get(plain.meta["slug"]))(base_url=url)
        known.update(answers(spider, plain))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield url, unknown
        server.shutdown()


@pytest.fixture
def world() -> World:
    """A clock: the portals are played by the server above."""
    return World([PortalSpec("guiyang", "guizhou_api", "贵阳", "520100", datasets=1)])


def test_every_family_that_is_read_has_a_plain_list():
    assert {portal.family for portal in REGISTER.crawlable()} - PLAIN.keys() == set()


@pytest.mark.slow
@pytest.mark.parametrize("family", sorted(PLAIN.keys() - {"inspur_oportal"}))
def test_a_portal_of_the_family_is_read(family: str, desk, tmp_path):
    plain = PLAIN[family]
    with playing(plain) as (url, unknown):
        feed = tmp_path / "feed.jsonl"
        done = desk.command("scrapy", "crawl", plain.meta["slug"], "-a", f"base_url={url}", "-O", str(feed), night=0)
    run = desk.last_run(plain.meta["slug"])
    assert run is not None, done.stdout + done.stderr
    assert run.verdict in (Verdict.COMPLETE, Verdict.PARTIAL), f"{run.verdict}: {run.reason}"
    assert unknown == []
    read = [json.loads(line) for line in feed.read_text("utf-8").splitlines()]
    assert [one["id"] for one in read] == [row["id"] for row in plain.expected["rows"]]
