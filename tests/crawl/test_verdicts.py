"""Every way a portal can misbehave, and the verdict, exit status and memory that a crawl ends with."""

import json
import uuid

import pytest

from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.models import Verdict
from tests.crawl.conftest import Desk
from tests.replica import PortalSpec, World
from tests.replica.incidents import Incident, Kind
from tests.replica.server import Replica

GUIYANG = PortalSpec("guiyang", "guizhou_api", "贵阳", "520100", division="520100", datasets=60)
JINAN = PortalSpec("jinan", "inspur_oportal", "济南", "370100", context_path="/jinan", datasets=60)
DETAILS = ("detail",)


def invented() -> World:
    return World([GUIYANG, JINAN], seed=11)


@pytest.fixture
def world():
    return invented()


@pytest.fixture(scope="module")
def first_night(mongo_uri, client, tmp_path_factory):
    """A desk at which both portals were read whole once; its database is copied, never written to again."""
    config = StoreConfig(uri=mongo_uri, database=f"test_{uuid.uuid4().hex[:16]}")
    with Replica(invented()) as replica:
        desk = Desk(replica, config, tmp_path_factory.mktemp("first night"))
        assert [desk.crawl(slug, 0).status for slug in ("guiyang", "jinan")] == [0, 0]
        yield desk
    client.drop_database(config.database)


@pytest.fixture
def second_night(first_night, store_config):
    """A desk in the morning after the first night, with a copy of its database."""
    first_night.replica.show(invented())
    with first_night.store() as store:
        for name in store.db.list_collection_names():
            store.db[name].aggregate([{"$out": {"db": store_config.database, "coll": name}}])
    return Desk(first_night.replica, store_config, first_night.tmp_path)


def incident(kind, first=1, **more):
    return Incident(Kind(kind), first, **more)


@pytest.mark.parametrize("slug", ["guiyang", "jinan"])
def test_a_healthy_portal_is_complete_and_every_dataset_and_field_is_kept(desk, slug):
    feed = desk.tmp_path / "out.jsonl"
    crawled = desk.crawl(slug, 0, "-O", str(feed))
    assert (crawled.status, crawled.run.verdict) == (0, Verdict.COMPLETE), crawled.log
    assert list(crawled.card) == ["verdict", "seen", "newest", "promises", "changes", "next"]
    lines = [json.loads(line) for line in feed.read_text("utf-8").splitlines()]
    truth = {record.id: record for record in desk.replica.world.night(slug, 0)}
    assert {line["id"] for line in lines} == set(truth)
    assert len(lines) == len(truth) == crawled.run.seen
    for line in lines:
        record = truth[line["id"]]
        assert (line["title"], line["office"]) == (record.title, record.office)
        assert line["frequency_raw"]
        assert line["rows"] == record.rows
        assert line["detailed"]
    with desk.store() as store:
        entries = store.entries(crawled.run.manifest)
        assert set(entries) == set(truth)
        versions = store.versions([entry.version for entry in entries.values()])
        assert all(version.list_body and version.detail_body for version in versions.values())


@pytest.mark.parametrize("slug", ["guiyang", "jinan"])
@pytest.mark.parametrize(
    ("name", "incidents", "verdict", "word"),
    [
        ("refused", [incident("refuses", status=403)], Verdict.BLOCKED, "403"),
        ("412", [incident("refuses", status=412)], Verdict.BLOCKED, "412"),
        ("521", [incident("refuses", status=521)], Verdict.BLOCKED, "521"),
        ("challenge", [incident("challenges")], Verdict.BLOCKED, ""),
        ("server error", [incident("refuses", status=500)], Verdict.UNREACHABLE, "500"),
        ("not there", [incident("refuses", status=404)], Verdict.DRIFTED, "404"),
        ("reset", [incident("resets")], Verdict.UNREACHABLE, ""),
        ("silent", [incident("hangs", seconds=6)], Verdict.UNREACHABLE, ""),
        ("redesigned", [incident("redesign")], Verdict.DRIFTED, ""),
        ("cut", [incident("cuts")], Verdict.UNREACHABLE, ""),
        ("ends early", [incident("ends_early", count=3)], Verdict.PARTIAL, "ended early twice"),
        ("hole", [incident("hole", first_page=2, last_page=3)], Verdict.PARTIAL, "2–3"),
        ("total too high", [incident("miscounts", value="+30")], Verdict.PARTIAL, "60 of 90"),
        ("total too low", [incident("miscounts", value="-20")], Verdict.COMPLETE, "60 of 40"),
        ("no total", [incident("miscounts", value="")], Verdict.COMPLETE, "undeclared"),
        ("drift that calms", [incident("drifts", passes=2)], Verdict.COMPLETE, "60 of 60"),
        ("gbk", [incident("gbk")], Verdict.COMPLETE, "60 of 60"),
        ("slow", [incident("slow", seconds=0.05)], Verdict.COMPLETE, "60 of 60"),
    ],
)  # fmt: skip
def test_a_second_night_that_goes_wrong(second_night, slug, name, incidents, verdict, word):
    second_night.replica.script(slug, *incidents)
    crawled = second_night.crawl(slug, 1)
    assert (crawled.run.verdict, crawled.status) == (verdict, verdict.exit_status), crawled.log
    assert word in crawled.run.reason
    assert verdict.upper() in crawled.card["verdict"]
    assert (f"scrapy heal {slug}" in crawled.card["next"]) is (verdict is Verdict.DRIFTED)
    assert ("newest" in crawled.card) is bool(crawled.run.seen), "nothing is told of datasets where none was read"
    if not crawled.run.seen:
        assert crawled.card["changes"] == "nothing was read, so nothing can be compared"
    elif verdict is Verdict.PARTIAL:
        assert "not in what was read of the list" in crawled.card["changes"]
    assert "Traceback" not in crawled.log
    with second_night.store() as store:
        assert len(store.known(crawled.run.portal)) == 60


def test_an_error_code_inside_a_200_is_no_data(desk):
    desk.replica.script("guiyang", incident("errs", first=0))
    crawled = desk.crawl("guiyang", 0)
    assert crawled.run.verdict is Verdict.UNREACHABLE
    assert "inside HTTP 200" in crawled.run.reason


def test_html_where_json_is_due_is_a_wall(desk):
    desk.replica.script("guiyang", incident("html", first=0))
    assert desk.crawl("guiyang", 0).run.verdict is Verdict.BLOCKED


def test_an_empty_catalogue_is_empty_not_complete(desk):
    desk.replica.script("guiyang", incident("deletes", first=0))
    crawled = desk.crawl("guiyang", 0)
    assert (crawled.run.verdict, crawled.status) == (Verdict.EMPTY, 6), crawled.log


def test_hostile_entries_are_kept_whole(desk):
    desk.replica.script("jinan", incident("hostile", first=0, count=8), incident("slashes", first=0, count=5),
                        incident("misdates", first=0, count=4, value="2099-01-01"))  # fmt: skip
    desk.replica.script("guiyang", incident("hostile", first=0, count=8), incident("slashes", first=0, count=5),
                        incident("misdates", first=0, count=4, value="1900-01-01"))  # fmt: skip
    for slug, odd in (("jinan", "field.date_future"), ("guiyang", "field.date_ancient")):
        crawled = desk.crawl(slug, 0)
        assert (crawled.status, crawled.run.seen, crawled.run.detailed) == (0, 60, 60), crawled.log
        assert {one.code: one.count for one in crawled.run.findings}[odd] == 4
        assert not any(ord(char) < 32 and char not in "\n\t" for char in crawled.log)


def test_details_that_are_refused_leave_the_list_complete_and_are_read_later(desk):
    desk.replica.script("jinan", incident("refuses", first=0, last=0, on=DETAILS))
    first = desk.crawl("jinan", 0)
    assert (first.status, first.run.detailed, first.run.seen) == (0, 0, 60)
    assert any(one.code == "detail.failed" for one in first.run.findings)
    second = desk.crawl("jinan", 1)
    assert (second.status, second.run.detailed) == (0, 60)


def test_a_redesign_of_the_details_alone_leaves_the_list_believed_and_the_old_details_kept(desk):
    desk.crawl("jinan", 0)
    desk.replica.script("jinan", incident("redesign", on=DETAILS))
    crawled = desk.crawl("jinan", 30)
    assert (crawled.run.verdict, crawled.run.detailed) == (Verdict.COMPLETE, 60)
    assert any(one.code == "detail.failed" for one in crawled.run.findings)
    assert crawled.card["next"].startswith("none of the details asked for could be read (")
