"""`scrapy crawlall --trial`: what each portal said, politely asked, and nothing recorded."""

import json
from collections import Counter
from contextlib import ExitStack

import pytest

from tests.crawl.test_declared_families import PLAIN, playing
from tests.replica import PortalSpec, World
from tests.replica.incidents import Incident, Kind

SPECS = [
    PortalSpec("guiyang", "guizhou_api", "贵阳", "520100", division="520100", datasets=30),
    PortalSpec("zunyi", "guizhou_api", "遵义", "520300", division="520300", datasets=30),
    PortalSpec("jinan", "inspur_oportal", "济南", "370100", context_path="/jinan", datasets=30),
    PortalSpec("qingdao", "inspur_oportal", "青岛", "370200", context_path="/qingdao", datasets=30),
    PortalSpec("weihai", "inspur_oportal", "威海", "371000", context_path="/weihai", datasets=30),
]
SLUGS = [spec.slug for spec in SPECS]


@pytest.fixture
def world() -> World:
    return World(SPECS, seed=11)


@pytest.fixture
def tried(desk):
    """Try the portals where they stand on this machine; the report by slug, and how the command ended."""
    desk.stand_at({slug: desk.replica.url(slug) for slug in SLUGS})

    def run(*args: str):
        command = ("scrapy", "crawlall", "--trial", "--only", ",".join(SLUGS), "-s", "DOWNLOAD_TIMEOUT=2", *args)
        done = desk.command(*command, "--json")
        report = json.loads(done.stdout)
        return {one["portal"]: one for one in report["portals"]}, report, done

    return run


def test_every_portal_gets_its_standing_and_three_requests_at_most(desk, tried):
    script = desk.replica.script
    script("zunyi", Incident(Kind.REFUSES, 0, status=412))
    script("jinan", Incident(Kind.REDIRECTS, 0, status=302, value="http://data.elsewhere.example/"))
    script("qingdao", Incident(Kind.REDESIGN, 0))
    script("weihai", Incident(Kind.RESETS, 0))
    portals, report, done = tried("-s", "RETRY_ENABLED=0")
    found = {slug: (one["standing"], one["part"]) for slug, one in portals.items()}
    assert found == {
        "guiyang": ("reads", ""),
        "zunyi": ("walled", "list"),
        "jinan": ("moved", "list"),
        "qingdao": ("drifted", "list"),
        "weihai": ("dead", "list"),
    }
    assert report["families"]["guizhou_api"] == {"reads": 1, "walled": 1}
    assert (report["not_tried"], report["uplink_suspect"], done.returncode) == ([], False, 0)
    assert portals["guiyang"]["record"] == "scrapy record guiyang"
    assert portals["zunyi"]["record"] == ""
    asked = Counter(one.slug for one in desk.replica.log.requests if one.what in {"list", "detail"})
    assert asked["guiyang"] == 2
    assert all(count <= 2 for count in asked.values())


def test_a_trial_records_nothing(desk, tried):
    tried()
    with desk.store() as store:
        assert {name: count for name in store.db.list_collection_names() if (count := store.db[name].count_documents({}))} == {
            "meta": 1
        }  # fmt: skip


def test_when_most_hosts_give_no_answer_it_is_our_own_line(desk, tried):
    for slug in SLUGS:
        desk.replica.script(slug, Incident(Kind.REFUSES, 0, status=403))
    assert tried()[2].returncode == 8


def test_robots_are_obeyed_and_other_portals_go_on(desk, tried):
    portals, _, _ = tried("-s", "ROBOTSTXT_OBEY=1")
    assert {one["standing"] for one in portals.values()} == {"reads"}
    assert sum(count for path, count in desk.replica.log.by_path().items() if path.endswith("robots.txt")) == 4


def test_for_people_the_report_is_two_tables(desk):
    desk.stand_at({slug: desk.replica.url(slug) for slug in SLUGS})
    env = desk.env
    desk.env = lambda night: {**env(night), "COLUMNS": "200"}
    done = desk.command("scrapy", "crawlall", "--trial", "--only", "guiyang,jinan")
    assert done.returncode == 0, done.stderr
    assert "scrapy record jinan" in done.stdout
    assert "guizhou_api" in done.stdout


def test_options_that_do_not_go_together_are_wrong_use(desk):
    done = desk.command("scrapy", "crawlall", "--trial", "--dry-run", "--again", "--processes", "3")
    assert (done.returncode, "leave out --dry-run, --again, --processes" in done.stderr) == (2, True), done.stderr


def test_when_its_time_is_up_nobody_is_asked_any_more(desk, tried):
    portals, report, done = tried("--until", "0h")
    assert (done.returncode, portals, sorted(report["not_tried"])) == (0, {}, sorted(SLUGS))
    assert f"{len(SLUGS)} portals were not begun" in done.stderr
    assert desk.replica.log.count() == 0


def test_every_family_that_is_read_is_tried_as_it_is_declared(desk):
    """Each family's portal is a server that answers with its golden pages, all of them at once; Inspur's are above."""
    played = {family: case for family, case in PLAIN.items() if family != "inspur_oportal"}
    with ExitStack() as stack:
        urls = {case.meta["slug"]: stack.enter_context(playing(case))[0] for case in played.values()}
        desk.stand_at(urls)
        done = desk.command("scrapy", "crawlall", "--trial", "--json", "--hosts", "16", "--only", ",".join(urls))
    portals = {one["family"]: one for one in json.loads(done.stdout)["portals"]}
    assert portals.keys() == played.keys()
    failed = {
        family: (one["standing"], one["part"], one["said"])
        for family, one in portals.items()
        if one["standing"] != "reads"
    }
    assert failed == {}
