"""What portals show of a table without a download: `scrapy checkfiles` against a server that answers with golden pages.

This holds the way from the family's calls to the round, and on to the events that follow from it.
"""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest
from scrapy import Request

from opendata_spiders.store import file_checks, views
from opendata_spiders.store.file_checks import PREVIEW, FileOutcome
from opendata_spiders.store.models import Entry, Run, Verdict
from tests.families.goldens import FIXTURES, Case, loader
from tests.replica import Incident, Kind, PortalSpec, Replica, World
from tests.replica.__main__ import spec_of

SHOWN = {
    "fujian_openportal": (("preview_columns", "preview_rows"), ("学校名称", "地址", "OPENED"), 1284),
    "shenzhen_dataset": (("preview_plain",), ("企业名称", "统一社会信用代码", "成立日期", "BZ"), None),
    "inspur_oportal": (("preview_plain",), ("名称", "地址", "lxdh"), 4711),
}
NO_FILES = b'{"code": 0, "object": {"total": 0, "records": []}}'


@pytest.fixture
def world() -> World:
    """A clock: the portals are played by the server below."""
    return World([PortalSpec("guiyang", "guizhou_api", "贵阳", "520100", datasets=1)])


def asked_of(request: Request) -> tuple[str, str, bytes]:
    parts = urlsplit(request.url)
    return request.method, f"{parts.path}?{parts.query}".rstrip("?"), request.body


class Player:
    """A portal on the loopback: one body for each call, and what nobody knew an answer to."""

    def __init__(self, case: Case):
        self.known, self.unknown = {}, []
        self.portal = loader().register.get(case.meta["slug"])
        self.id = case.meta["id"]
        player = self

        class Handler(BaseHTTPRequestHandler):
            def _answer(self):
                asked = self.command, self.path, self.rfile.read(int(self.headers.get("Content-Length") or 0))
                body = player.known.get(asked)
                if body is None and self.path != "/robots.txt":
                    player.unknown.append(asked)
                self.send_response(404 if body is None else 200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body or b"")))
                self.end_headers()
                self.wfile.write(body or b"")

            do_GET = do_POST = _answer  # noqa: N815 -- the names that the server calls

            def log_message(self, *_arguments):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.spider = loader().spider_class(self.portal)(base_url=self.url)
        if listing := self.spider.files_request(self.id, 1):
            self.known[asked_of(listing)] = NO_FILES

    def show(self, *bodies: bytes) -> None:
        requests = self.spider.preview_requests(self.id)
        self.known |= {asked_of(one): body for one, body in zip(requests, bodies, strict=True)}

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_error):
        self.server.shutdown()
        self.server.server_close()


def golden(family: str, name: str) -> Case:
    return Case(FIXTURES / family / name)


def watch(desk, player: Player) -> None:
    view = {"id": player.id, "portal": player.portal.id, "title": "名录", "listed": True, "open_type_raw": "无条件开放"}
    with desk.store() as store:
        store.db.datasets.insert_one({"_id": views.key(player.portal.id, player.id), **view})
        store.db.watches.insert_one({"subscriber": "s", "portal": player.portal.id, "dataset": player.id})


def read(desk, player: Player) -> None:
    """The portal as one whole reading has left it: rounds are compared for portals that have been read."""
    at = desk.replica.world.moment(0)
    portal = player.portal
    seen = Entry(player.id, "h", "v", {}, {}, None)
    run = Run(
        "r1", portal.id, portal.slug, portal.family, "e1", 0, at, at, at, Verdict.COMPLETE, "read", seen=1, rows=1
    )
    with desk.store() as store:
        store.commit(run, [seen])


def look(desk, player: Player, night: int):
    done = desk.command(
        "scrapy", "checkfiles", player.portal.slug, "--base-url", player.url, "-s", "DOWNLOAD_DELAY=0", night=night
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert player.unknown == []
    with desk.store() as store:
        last = file_checks.last_round(store.db, player.portal.id)
    return next(check for check in last.checks if check.file == PREVIEW), done.stdout


@pytest.mark.parametrize("family", sorted(SHOWN))
def test_columns_and_rows_are_read_without_a_file(family, desk):
    names, columns, rows = SHOWN[family]
    cases = [golden(family, name) for name in names]
    with Player(cases[0]) as player:
        player.show(*(case.body for case in cases))
        watch(desk, player)
        check, printed = look(desk, player, 0)
    assert (check.outcome, check.status, check.columns, check.rows) == (FileOutcome.OK, 200, columns, rows)
    assert check.url.startswith(player.url)
    assert f"preview: {len(columns)} columns" in " ".join(printed.split())


@pytest.mark.slow
def test_fields_that_change_and_rows_that_go_are_told_of_a_dataset_without_files(desk):
    """One night as it was, two nights otherwise: told on the second of them."""
    plain = golden("inspur_oportal", "preview_plain")
    other = json.loads(plain.body)
    other["recordsTotal"], other["items"] = 600, other["items"][:2]
    told = []
    with Player(plain) as player:
        watch(desk, player)
        for night, body in enumerate([plain.body, *[json.dumps(other).encode()] * 2]):
            player.show(body)
            look(desk, player, night)
            if night == 0:
                read(desk, player)
            done = desk.command("alerts", "diff", "--json", night=night)
            assert done.returncode == 0, done.stdout + done.stderr
            told += [(night, event["kind"], event["dataset"]) for event in json.loads(done.stdout) if event["dataset"]]
    assert sorted(told) == [(2, "dataset.schema_changed", player.id), (2, "dataset.shrunk", player.id)]


TOLD = {
    "fujian": {"dataset.schema_changed", "dataset.shrunk"},
    "guangdong": {"dataset.shrunk"},
    "jinan": {"dataset.schema_changed", "dataset.shrunk"},
    "shenzhen": {"dataset.schema_changed", "dataset.shrunk"},
}
"""By portal; Guangdong's shows no columns, and of Shenzhen's and its datasets the list prints the rows."""


@pytest.mark.slow
def test_nights_tell_what_portals_of_four_families_show_of_a_table(desk):
    """Crawled, looked at and compared on three nights; on the second, one dataset of each portal is another table."""
    register = loader().register
    portals = {slug: register.get(slug) for slug in TOLD}
    world = World([spec_of(portal, register, 12) for portal in portals.values()], seed=3)
    watched = {slug: next(one.id for one in world.listed(slug, 0) if not one.conditional) for slug in portals}
    for slug, id_ in watched.items():
        before = {"formats": "", "rows": "5000"}
        for night, changes in ((-1, before), (1, {"columns": "编号,名称", "rows": "600"})):
            for field, value in changes.items():
                world.script(slug, Incident(Kind.EDITS, night, ids=(id_,), field=field, value=value))
    with desk.store() as store:
        for slug, id_ in watched.items():
            store.db.watches.insert_one({"subscriber": "s", "portal": portals[slug].id, "dataset": id_})
    told: dict[str, set[str]] = {}
    with Replica(world) as replica:
        desk.stand_at({slug: replica.url(slug) for slug in portals})
        for night in range(3):
            replica.night = night
            for command in (("scrapy", "crawlall", "--only", ",".join(portals)), ("scrapy", "checkfiles")):
                done = desk.command(*command, night=night)
                assert done.returncode == 0, done.stdout + done.stderr
            done = desk.command("alerts", "diff", "--json", night=night)
            for event in json.loads(done.stdout):
                if event["kind"] in ("dataset.schema_changed", "dataset.shrunk"):
                    assert (night > 0, event["dataset"]) == (True, watched[event["slug"]])
                    told.setdefault(event["slug"], set()).add(event["kind"])
    assert told == TOLD
    assert {one.path for one in replica.log.requests if not one.what} == {"/robots.txt"}, "what no portal knows"
