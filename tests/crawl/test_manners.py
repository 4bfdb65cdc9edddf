"""What a server says of being read: robots.txt and Retry-After, obeyed by a real crawl."""

import json
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from opendata_spiders.store.models import Verdict
from tests.replica import PortalSpec, World


@pytest.fixture
def world():
    return World([PortalSpec("guiyang", "guizhou_api", "贵阳", "520100", division="520100", datasets=5)], seed=1)


@pytest.fixture
def server():
    """A portal of three datasets whose answers to robots.txt and to its list can be set: (status, body, headers)."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.server.asked.append(self.path)
            self._send(*self.server.robots)

        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            self.server.asked.append("list" if "List" in self.path else "detail")
            if self.server.before:
                self._send(*self.server.before.pop(0))
                return
            rows = [{"id": f"d{n}", "name": f"数据{n}"} for n in range(3)]
            self._send(200, json.dumps({"total": 3, "data": rows} if "List" in self.path else {"data": rows[0]}))

        def _send(self, status, body="", headers=()):
            self.send_response(status)
            for name, value in (*headers, ("Content-Length", str(len(body.encode())))):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.asked, server.robots, server.before = [], (404,), []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def crawl(desk, server):
    desk.stand_at({"guizhou": f"http://127.0.0.1:{server.server_address[1]}"})
    done = desk.command("scrapy", "crawl", "guizhou")
    assert "Traceback" not in done.stderr
    return desk.last_run("guizhou")


RULES = "User-agent: *\nDisallow: /api/\n"


@pytest.mark.parametrize(
    "robots",
    [(404,), (403,), (501,), (200, "<html>首页</html>"), (200, "User-agent: *\nDisallow: /admin"), (302, "", [("Location", "http://127.0.0.1:9/robots.txt")]),
     (302, "", [("Location", "/robots.txt")])],
    ids=["404", "403", "501", "a page", "something else", "elsewhere", "in circles"],
)  # fmt: skip
def test_permission(desk, server, robots):
    server.robots = robots
    run = crawl(desk, server)
    assert (run.verdict, run.seen) == (Verdict.COMPLETE, 3), run.reason


@pytest.mark.parametrize(
    ("robots", "verdict", "words"),
    [((200, RULES), Verdict.BLOCKED, "robots.txt asks us not to read /api/"), ((500,), Verdict.UNREACHABLE, "no permission"),
     ((503,), Verdict.UNREACHABLE, "no permission"), ((521,), Verdict.BLOCKED, "no permission"),
     ((503, "", [("Retry-After", "7200")]), Verdict.BLOCKED, "not to be asked again before"),
     ((302, "", [("Location", "/forbidden")]), Verdict.BLOCKED, "robots.txt asks us not to read")],
    ids=["forbidden", "500", "503", "521", "patience", "behind a redirect"],
)  # fmt: skip
def test_no_permission(desk, server, robots, verdict, words):
    server.robots = robots
    if robots[0] == 302:
        do_get = server.RequestHandlerClass.do_GET

        def redirected(handler):
            handler.server.robots = robots if handler.path == "/robots.txt" else (200, RULES)
            do_get(handler)

        server.RequestHandlerClass.do_GET = redirected
    run = crawl(desk, server)
    assert (run.verdict, words in run.reason) == (verdict, True), run.reason
    assert "list" not in server.asked


@pytest.mark.slow
def test_each_portal_of_a_host_asks_anew_for_a_robots_txt_that_cannot_be_fetched(desk, server):
    server.robots = (503,)
    slugs = ("guizhou", "zunyi")
    desk.stand_at(dict.fromkeys(slugs, f"http://127.0.0.1:{server.server_address[1]}"))
    done = desk.command("scrapy", "crawlall", "--only", ",".join(slugs), "-s", "RETRY_TIMES=0")
    assert done.returncode == 0, done.stdout + done.stderr
    assert [desk.last_run(slug).verdict for slug in slugs] == [Verdict.UNREACHABLE] * 2
    assert server.asked == ["/robots.txt"] * 2


@pytest.mark.parametrize(("path", "verdict"), [("/api/", Verdict.COMPLETE), ("/other/", Verdict.BLOCKED)])
def test_a_permission_of_the_operator_counts_for_its_path_and_host_group(desk, server, path, verdict):
    server.robots = (200, RULES)
    group = f"127.0.0.1:{server.server_address[1]}"
    folder = desk.stand_at({"guizhou": f"http://{group}"})
    rows = f"host_group,path,reason,allowed_by,since\n{group},{path},consent by letter,A. Example,2026-01-01\n"
    (folder / "robots_permissions.csv").write_text(rows, "utf-8")
    run = crawl(desk, server)
    assert run.verdict is verdict, run.reason


FORMS = ("%a, %d %b %Y %H:%M:%S GMT", "%a, %d %b %Y %H:%M:%S", "%Y-%m-%dT%H:%M:%S")


def answer(status, seconds, form):
    """An answer that asks for so much patience; form "": in seconds."""
    after = (datetime.now(UTC) + timedelta(seconds=seconds)).strftime(form) if form else str(seconds)
    return status, "", [("Retry-After", after)]


@pytest.mark.parametrize(("status", "seconds", "form"), [(429, 1, ""), (503, -60, FORMS[1])])
def test_a_short_wait_is_waited_for(desk, server, status, seconds, form):
    server.before = [answer(status, seconds, form)]
    run = crawl(desk, server)
    assert (run.verdict, run.seen) == (Verdict.COMPLETE, 3), run.reason


@pytest.mark.parametrize(
    ("status", "seconds", "form"), [(429, 3600, ""), (503, 86_400, FORMS[0]), (429, 86_400, FORMS[2])]
)
def test_a_long_wait_ends_the_run_and_nobody_asks_again(desk, server, status, seconds, form):
    server.before = [answer(status, seconds, form)] * 9
    run = crawl(desk, server)
    assert (run.verdict, "before 20" in run.reason) == (Verdict.BLOCKED, True), run.reason
    assert server.asked.count("list") == 1
    assert "robots" not in run.reason
