"""`scrapy checknational` as a user runs it, against a server that answers as the national register is said to."""

import json
import os
import signal
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from opendata_spiders.exits import Exit
from opendata_spiders.national.policy import national_policy
from opendata_spiders.register import load
from opendata_spiders.store import leases, national, views
from opendata_spiders.store.models import Entry, LookResult, Run, Verdict
from tests.commands import start_module
from tests.replica import PortalSpec, World

JINAN = load().get("jinan")
PLATFORMS = [{"provinceCode": "370000", "platformName": "山东"}, {"provinceCode": "520000", "platformName": "贵州"}]
ROW = {"dataRegistCode": "SJ370000-0007", "dataName": "学校名录"}
PRODUCT = {"dataRegistCode": "CP370000-0009", "productName": "医院名录"}


@pytest.fixture
def world() -> World:
    """A clock: the register is played by the server below."""
    return World([PortalSpec("guiyang", "guizhou_api", "贵阳", "520100", datasets=1)])


class Played:
    """The national register on the loopback; `known` titles are found once among the open data, `products` among these."""

    def __init__(self, known=("学校名录",), products=(), *, status=200):
        self.asked, self.status = [], status
        self.answers = None
        """How many answers are sent before all others are refused; None: all are sent."""
        played = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                wanted = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                played.asked.append((self.path.rsplit("/", 1)[-1], wanted))
                if self.path.endswith("queryPlatform"):
                    said = {"code": 200, "data": PLATFORMS}
                elif wanted["keyword"]:
                    titles, row = {2: (products, PRODUCT), 3: (known, ROW)}[wanted["dataRegistType"]]
                    found = wanted["keyword"] in titles
                    said = {"total": int(found), "rows": [row] if found else []}
                else:
                    said = {"total": 1000 * wanted["dataRegistType"], "rows": [ROW]}
                refused = played.answers is not None and len(played.asked) > played.answers
                self._send(403 if refused else played.status, json.dumps(said).encode())

            def do_GET(self):
                self._send(404, b"")

            def _send(self, status, body):
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
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


def ask(desk, played, night, *args):
    done = desk.command(
        "scrapy", "checknational", "--base-url", played.url, "-s", "DOWNLOAD_DELAY=0", *args, night=night
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def lost(desk, night, **titles):
    """A run of Jinan that misses these datasets, of which its view knows the titles."""
    at = desk.replica.world.moment(night)
    look = dict.fromkeys(titles, LookResult.GONE)
    run = Run(f"r{night}", JINAN.id, "jinan", JINAN.family, "e", 0, at, at, at, Verdict.COMPLETE, "x", look=look)
    with desk.store() as store:
        store.commit(run, [Entry("kept", "h", "v", {}, {}, None)])
        for id_, title in titles.items():
            view = {"_id": views.key(JINAN.id, id_), "id": id_, "portal": JINAN.id, "title": title, "listed": False}
            store.db.datasets.replace_one({"_id": view["_id"]}, view, upsert=True)


def test_totals_are_read_once_a_month_and_what_is_missing_every_night(desk):
    with Played(products=("医院名录",)) as played:
        printed = ask(desk, played, 0)
        assert "3,000" in printed
        assert [what for what, _ in played.asked] == ["queryPlatform"] + ["getRegisterInfoSingleList"] * 6
        with desk.store() as store:
            read = national.last_totals(store.db)
        assert [(one.province, one.kind, one.total) for one in read.totals] == [
            (code, kind, 1000 * kind) for code in ("370000", "520000") for kind in (1, 2, 3)
        ]
        played.asked.clear()
        lost(desk, 1, a="学校名录", b="医院名录")
        printed = ask(desk, played, 1)
        assert "SJ370000-0007" in printed
        questions = sorted((wanted["keyword"], wanted["dataRegistType"]) for _, wanted in played.asked)
        assert questions == [("医院名录", 2), ("医院名录", 3), ("学校名录", 2), ("学校名录", 3)]
        assert {wanted["provinceCode"] for _, wanted in played.asked} == {"370000"}
        at = desk.replica.world.moment(1)
        with desk.store() as store:
            looks = national.last_looks(store.db, JINAN.id, {"a": at, "b": at}, at)
        assert {id_: (look.entries, look.codes) for id_, look in looks.items()} == {
            "a": (1, ("SJ370000-0007",)),
            "b": (0, ()),
        }
        assert {id_: (look.products, look.product_codes) for id_, look in looks.items()} == {
            "a": (0, ()),
            "b": (1, ("CP370000-0009",)),
        }
        played.asked.clear()
        assert "nothing to ask" in ask(desk, played, 4), "its last run is days old"
        assert played.asked == []
        ask(desk, played, national_policy().totals_days)
        assert played.asked[0][0] == "queryPlatform"


def test_a_register_that_does_not_answer_fails_no_night_and_says_nothing_of_a_dataset(desk):
    with Played() as played:
        ask(desk, played, 0)
        lost(desk, 1, a="学校名录")
        played.status = 403
        assert "not everything was answered; last: blocked" in " ".join(ask(desk, played, 1).split())
    at = desk.replica.world.moment(1)
    with desk.store() as store:
        assert not national.last_looks(store.db, JINAN.id, {"a": at}, at), "no answer is not «not listed»"
        assert [look["why"] for look in store.db.national_looks.find()] == ["blocked"]


def test_what_is_missing_for_longer_is_asked_for_weekly_and_then_no_more(desk):
    policy = national_policy()
    with Played() as played:
        ask(desk, played, 0)
        lost(desk, 1, a="学校名录")
        ask(desk, played, 1)
        with desk.store() as store:
            store.db.datasets.update_one({"id": "a"}, {"$set": {"missing_since": desk.replica.world.moment(1)}})

        def asked(night):
            played.asked.clear()
            lost(desk, night)
            ask(desk, played, night)
            return [wanted["dataRegistType"] for _, wanted in played.asked if wanted.get("keyword")]

        assert asked(1 + policy.again_days - 1) == []
        assert asked(1 + policy.again_days) == [3, 2]
        assert asked(1 + policy.asked_days + 1) == []


@pytest.mark.slow
@pytest.mark.parametrize("stops", [False, True])
def test_it_waits_for_its_turn(desk, stops):
    err = desk.tmp_path / "err"
    with Played() as played, desk.store(0) as store:
        lease = leases.hold_host(store.db, played.url.removeprefix("http://"), "national", "asked")
        words = ("scrapy", "checknational", "--base-url", played.url, "-s", "DOWNLOAD_DELAY=0")
        waiting = start_module(*words, env=desk.env(0), err=err)
        end = time.monotonic() + 60
        while "waits for its turn: national is being asked by process" not in (err.read_text() if err.exists() else ""):
            assert time.monotonic() < end
            time.sleep(0.05)
        assert played.asked == []
        if stops:
            os.kill(waiting.pid, signal.SIGINT)
        else:
            lease.release()
        waiting.join(60)
        assert waiting.exitcode == (Exit.INTERRUPTED if stops else Exit.DONE)
        assert bool(played.asked) is not stops


@pytest.mark.slow
def test_totals_that_broke_off_are_read_again_the_next_night(desk):
    with Played() as played:
        played.answers = 2
        assert "not everything was answered" in " ".join(ask(desk, played, 0).split())
        with desk.store() as store:
            assert national.last_totals(store.db) is None
        played.answers = None
        assert "3,000" in ask(desk, played, 1)


def test_nights_that_are_replayed_ask_nobody(desk):
    ask_nobody = desk.command("scrapy", "checknational", night=0)
    assert ask_nobody.returncode == 0, ask_nobody.stderr
    assert "is not asked" in ask_nobody.stdout
    assert desk.command("scrapy", "checknational", "jinann", night=0).returncode == 2
