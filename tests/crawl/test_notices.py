"""A notice that the portal has moved, inside a 200: the run says where to, and it is neither live nor blocked."""

import json

import pytest

from opendata_spiders.store.models import Verdict
from tests.replica import Incident, Kind, PortalSpec, World

LIST = ("list",)
ELSEWHERE = "https://data.elsewhere.example.cn/new"


@pytest.fixture
def world() -> World:
    return World([
        PortalSpec("guiyang", "guizhou_api", "贵阳", "520100", division="520100", datasets=20),
        PortalSpec("jinan", "inspur_oportal", "济南", "370100", "/jinan", datasets=20),
    ])  # fmt: skip


def noticed(desk, slug: str, target: str, seconds: float):
    desk.replica.script(slug, Incident(Kind.NOTIFIES, 0, value=target, seconds=seconds, on=LIST))
    crawled = desk.crawl(slug, 0)
    return crawled.run, [one.detail for one in crawled.run.findings if one.code == "platform.redirects"]


@pytest.mark.parametrize("slug", ["guiyang", "jinan"])
@pytest.mark.parametrize("seconds", [0, 30])
def test_a_notice_to_another_host_is_a_move(desk, slug, seconds):
    run, moves = noticed(desk, slug, ELSEWHERE, seconds)
    assert (run.verdict, run.seen, moves) == (Verdict.DRIFTED, 0, [ELSEWHERE])
    assert "data.elsewhere.example.cn/new" in run.reason


@pytest.mark.parametrize("slug", ["guiyang", "jinan"])
@pytest.mark.parametrize("seconds", [3, 30])
def test_a_notice_to_a_path_that_is_no_catalogue_is_a_move(desk, slug, seconds):
    target = f"{desk.replica.url(slug)}/notice/moved.html"
    run, moves = noticed(desk, slug, "/notice/moved.html", seconds)
    assert (run.verdict, moves) == (Verdict.DRIFTED, [target])
    assert "which is no list of this portal" in run.reason


def test_a_notice_to_the_home_page_is_a_move(desk):
    run, moves = noticed(desk, "guiyang", "/", 0)
    assert (run.verdict, moves) == (Verdict.DRIFTED, [f"{desk.replica.url('guiyang')}/"])


@pytest.mark.parametrize(("slug", "verdict"), [("guiyang", Verdict.BLOCKED), ("jinan", Verdict.DRIFTED)])
@pytest.mark.parametrize("target", ["", "#top"])
def test_a_page_that_only_loads_itself_again_is_no_move(desk, slug, verdict, target):
    run, moves = noticed(desk, slug, target, 30)
    assert (run.verdict, moves) == (verdict, [])


def test_the_doctor_says_that_a_portal_has_moved(desk):
    desk.replica.script("guiyang", Incident(Kind.NOTIFIES, 0, value="/notice/moved.html", seconds=15, on=LIST))
    done = desk.command("scrapy", "doctor", "guiyang", "--base-url", desk.replica.url("guiyang"), "--json", night=0)
    (found,) = json.loads(done.stdout)
    assert (done.returncode, found["says"]) == (1, "moved")
    assert "/notice/moved.html" in found["detail"]
