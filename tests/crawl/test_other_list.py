"""A list that lies at the family's other known address is found; one that lies nowhere is drifted, at one request more."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from opendata_spiders.store.models import Verdict
from tests.replica import PortalSpec, World

NAMES = ("getDataListByParams", "getDataDirectoryListByParams")


@pytest.fixture
def world():
    return World([PortalSpec("guiyang", "guizhou_api", "贵阳", "520100", division="520100", datasets=5)], seed=1)


@pytest.fixture
def old_server():
    """The interface as it was in 2023: the list under its older name, no details."""

    class Handler(BaseHTTPRequestHandler):
        asked = []

        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            action = self.path.rsplit("/", 1)[-1]
            self.asked.append(action)
            known = action == self.server.list_name
            rows = [{"id": f"d{n}", "name": f"数据{n}", "orgName": "统计局"} for n in range(3)]
            body = json.dumps({"total": 3, "data": rows}).encode() if known else b"not found"
            self.send_response(200 if known else 404)
            self.send_header("Content-Type", "application/json" if known else "text/plain")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.list_name, server.asked = NAMES[1], Handler.asked
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def crawl(desk, server):
    desk.stand_at({"guizhou": f"http://127.0.0.1:{server.server_address[1]}"})
    done = desk.command("scrapy", "crawl", "guizhou")
    return done.returncode, desk.last_run("guizhou")


def test_the_older_name_of_the_list_is_tried(desk, old_server):
    status, run = crawl(desk, old_server)
    assert (status, run.verdict, run.seen) == (0, Verdict.COMPLETE, 3)


def test_a_list_that_lies_nowhere_is_drifted(desk, old_server):
    old_server.list_name = "nowhere"
    status, run = crawl(desk, old_server)
    assert (status, run.verdict) == (5, Verdict.DRIFTED)
    assert [name for name in old_server.asked if name in NAMES] == list(NAMES)
