"""`scrapy checkterms` as a user runs it, against a server that stands in for a portal's pages."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from opendata_spiders.register import load
from opendata_spiders.store import leases
from opendata_spiders.store.terms import last_terms_looks, terms_texts
from opendata_spiders.terms.policy import terms_policy
from tests.replica import PortalSpec, World
from tests.terms.pages import CLAUSES, HOME, terms_page

GUIYANG = load().get("guiyang")
CHANGED = terms_page(*CLAUSES[:-1])


@pytest.fixture
def world() -> World:
    """A clock: the portal is played by the server below."""
    return World([PortalSpec("guiyang", "guizhou_api", "贵阳", "520100", datasets=1)])


class Site:
    """A portal's pages on the loopback, by path: text, or a status with no text."""

    def __init__(self):
        self.pages: dict[str, str | int] = {"/": HOME, "/terms": terms_page(), "/disclaimer": 404}
        self.asked: list[str] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                if self.path != "/robots.txt":
                    site.asked.append(self.path)
                said = site.pages.get(self.path, 404)
                body = said.encode() if isinstance(said, str) else b""
                self.send_response(200 if isinstance(said, str) else said)
                self.send_header(
                    "Content-Type", "text/html; charset=utf-8" if self.path != "/robots.txt" else "text/plain"
                )
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_arguments):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_error):
        self.server.shutdown()
        self.server.server_close()


class Reader:
    def __init__(self, desk, site):
        self.desk, self.site = desk, site

    def __call__(self, night, *args):
        self.site.asked.clear()
        done = self.desk.command(
            "scrapy", "checkterms", "guiyang", "--base-url", self.site.url, "-s", "DOWNLOAD_DELAY=0",
            "-s", "RETRY_TIMES=0", *args, night=night,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def kept(self):
        with self.desk.store() as store:
            return terms_texts(store.db, GUIYANG.id)

    def look(self):
        with self.desk.store() as store:
            return last_terms_looks(store.db, [GUIYANG.id])[GUIYANG.id]


@pytest.fixture
def read(desk):
    with Site() as site:
        yield Reader(desk, site)


def test_terms_are_found_once_read_monthly_and_a_change_is_read_again_the_next_night(read):
    assert "new" in read(0)
    assert read.site.asked == ["/", "/terms"], "the best link on the portal's own servers"
    (text,) = read.kept()
    assert (text.document, text.found, text.url) == ("使用条款", "平台 使用条款", read.site.url + "/terms")
    assert CLAUSES[0] in text.text
    read.site.pages["/terms"] = terms_page(visits=5)
    assert "as on" in read(1)
    assert read.site.asked == ["/terms"]
    assert "nothing to ask" in read(2)
    month = 1 + terms_policy().again_days
    read.site.pages["/terms"] = CHANGED
    read(month)
    assert [(one.stretches[-1].confirmed_at is not None) for one in read.kept()] == [True, False]
    read(month + 1)
    assert [(one.stretches[-1].confirmed_at is not None) for one in read.kept()] == [True, True]
    assert "nothing to ask" in read(month + 2)


@pytest.mark.parametrize("wrong", [403, 500, HOME, "<html><body>系统维护中</body></html>"])
def test_what_cannot_be_read_changes_nothing_and_is_asked_again_in_a_week(read, wrong):
    read(0)
    before = read.kept()
    read.site.pages |= {"/terms": wrong}
    said = json.loads(read(1, "--json"))
    assert ("/" in read.site.asked) == (wrong not in {403, 500}), "a wall, or no answer, is no reason to ask elsewhere"
    assert said[0]["why"]
    assert not said[0]["text"]
    assert read.kept() == before
    assert "nothing to ask" in read(2)
    read.site.pages["/terms"] = terms_page()
    assert "as on" in read(1 + terms_policy().retry_days)


def test_a_portal_without_a_link_is_said_to_have_none(read):
    read.site.pages["/"] = "<html><body><div id='app'></div></body></html>"
    assert "no_link" in read(0)
    assert read.look().why == "no_link"
    assert read.kept() == []


@pytest.mark.slow
def test_a_host_that_another_process_asks_is_left_alone_until_the_time_is_up(read):
    with read.desk.store(0) as store, leases.hold_host(store.db, read.site.url.removeprefix("http://"), "x", "read"):
        assert "1 portals were not begun" in read(0, "--until", "0.001h")
    assert read.site.asked == []
    assert "new" in read(0)


def test_robots_txt_is_obeyed(read):
    read.site.pages["/robots.txt"] = "User-agent: *\nDisallow: /terms\n"
    read(0)
    assert "/terms" not in read.site.asked
    assert read.kept() == []


def test_another_address_with_the_same_text_is_no_change(read):
    read(0)
    read.site.pages |= {
        "/terms": 404,
        "/": HOME.replace('/terms">平台', '/rules">平台'),
        "/rules": terms_page(visits=3),
    }
    read(1)
    (text,) = read.kept()
    assert text.stretches[-1].confirmed_at is not None


def test_wrong_use_and_replayed_nights(desk):
    done = desk.command("scrapy", "checkterms", night=0)
    assert (done.returncode, "are not asked for" in " ".join(done.stdout.split())) == (0, True), done.stderr
    assert desk.command("scrapy", "checkterms", "guiyangg", night=0).returncode == 2
    assert desk.command("scrapy", "checkterms", "--base-url", "http://127.0.0.1:9", night=0).returncode == 2
