"""What a night costs, what it remembers, and what it refuses."""

import json
from datetime import UTC

import pytest

from opendata_spiders.register import load
from opendata_spiders.store.models import LookResult, Verdict
from tests.replica import PortalSpec, World
from tests.replica.incidents import Incident, Kind

GUIYANG = PortalSpec("guiyang", "guizhou_api", "贵阳", "520100", division="520100", datasets=240)


@pytest.fixture
def world():
    quiet = Incident(Kind.STOPS, 0)
    world = World([GUIYANG], seed=5)
    world.script("guiyang", quiet)
    return world


def counts(desk):
    with desk.store() as store:
        names = sorted(store.db.list_collection_names())
        return {name: store.db[name].count_documents({}) for name in names}


def test_an_unchanged_night_costs_the_list_and_a_thirtieth_and_writes_one_run(desk):
    desk.crawl("guiyang", 0)
    before = counts(desk)
    asked = []
    for night in (1, 2, 3):
        crawled = desk.crawl("guiyang", night)
        assert crawled.run.verdict is Verdict.COMPLETE
        asked.append(
            (desk.replica.log.count("guiyang", "list", night), desk.replica.log.count("guiyang", "detail", night))
        )
    after = counts(desk)
    written = {name: after[name] - before.get(name, 0) for name in after if after[name] != before.get(name, 0)}
    weeks = {desk.replica.world.moment(night).astimezone(UTC).isocalendar()[:2] for night in range(4)}
    assert written == {"runs": 3} | ({"counters": len(weeks) - 1} if len(weeks) > 1 else {})
    assert all(lists == 21 for lists, _ in asked), "240 datasets at twelve a page, and one look past the full last page"
    assert all(2 <= details <= 18 for _, details in asked), f"about a thirtieth of 240: {asked}"


def test_details_fill_over_nights_within_the_budget(desk):
    shares = [desk.crawl("guiyang", night, "-s", "DETAIL_BUDGET=100").run.detailed for night in range(3)]
    assert shares == [100, 200, 240]
    assert desk.replica.log.count("guiyang", "detail", 0) == 100


def test_carried_details_stay_in_the_feed_on_nights_that_do_not_read_them(desk):
    desk.crawl("guiyang", 0)
    feed = desk.tmp_path / "second.jsonl"
    desk.crawl("guiyang", 1, "-O", str(feed))
    lines = [json.loads(line) for line in feed.read_text("utf-8").splitlines()]
    assert len(lines) == 240
    assert all(line["industry"] and line["rows"] is not None for line in lines)


def test_the_look_at_what_is_missing_is_taken_on_both_nights(desk):
    desk.crawl("guiyang", 0)
    gone = [record.id for record in desk.replica.world.night("guiyang", 0)][:3]
    hidden = [record.id for record in desk.replica.world.night("guiyang", 0)][5:7]
    desk.replica.script("guiyang", Incident(Kind.DELETES, 1, ids=tuple(gone), how="404"),
                        Incident(Kind.UNLISTS, 1, ids=tuple(hidden)))  # fmt: skip
    expected = {**dict.fromkeys(gone, LookResult.GONE), **dict.fromkeys(hidden, LookResult.OPEN)}
    assert desk.crawl("guiyang", 1).run.look == expected
    assert desk.crawl("guiyang", 2).run.look == expected
    assert desk.crawl("guiyang", 3).run.look == {}


def test_a_night_cannot_be_read_twice_or_backwards_in_a_replayed_store(desk):
    desk.crawl("guiyang", 3)
    again = desk.crawl("guiyang", 3)
    assert again.status == 1
    assert "not later" in again.log
    assert "Traceback" not in again.log


def test_watch_now_is_refused_on_a_store_that_lives_in_real_time(desk):
    desk.replica.night = 0
    base_url = f"base_url={desk.replica.url('guiyang')}"
    assert desk.command("scrapy", "crawl", "guiyang", "-a", base_url).returncode == 0
    refused = desk.crawl("guiyang", 1)
    assert refused.status == 1
    assert "WATCH_NOW" in refused.log
    assert "Traceback" not in refused.log


def test_without_a_store_the_feed_is_still_written(desk):
    feed = desk.tmp_path / "out.jsonl"
    crawled = desk.crawl("guiyang", 0, "-s", "STORE_ENABLED=0", "-O", str(feed))
    assert crawled.status == 0
    assert len(feed.read_text("utf-8").splitlines()) == 240
    assert crawled.run is None
    assert crawled.card["next"] == "nothing was recorded: this crawl ran without the store"


def test_no_database_to_be_had_is_one_sentence(desk):
    desk.config = type(desk.config)(uri="mongodb://127.0.0.1:9/?serverSelectionTimeoutMS=500", database="x")
    done = desk.command("scrapy", "crawl", "guiyang", "-a", f"base_url={desk.replica.url('guiyang')}")
    assert done.returncode == 1
    assert "MONGODB_URI" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_planned_portal_cannot_be_crawled_by_mistake(desk):
    planned = next(portal.slug for portal in load().portals.values() if not portal.crawlable)
    done = desk.command("scrapy", "crawl", planned)
    assert done.returncode == 2
    assert "planned" in done.stderr


def test_a_portal_the_register_does_not_know(desk):
    desk.replica.night = 0
    done = desk.command("scrapy", "crawl", "guizhou_api", "-a", "slug=atlantis", "-a", f"base_url={desk.replica.url('guiyang')}",
                        "-a", "tenant=divisionId=520100")  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert desk.last_run("atlantis").seen == 240


def test_details_read_on_a_partial_first_night_are_not_read_again(desk):
    desk.replica.script("guiyang", Incident(Kind.ENDS_EARLY, 0, 0, count=3), Incident(Kind.MISCOUNTS, 0, 0, value="+900"),
                        Incident(Kind.HOLE, 0, 0, first_page=2, last_page=2))  # fmt: skip
    first = desk.crawl("guiyang", 0)
    assert first.run.verdict is Verdict.PARTIAL
    assert first.run.detailed == first.run.seen > 0
    second = desk.crawl("guiyang", 1)
    assert (second.run.verdict, second.run.detailed) == (Verdict.COMPLETE, 240)
    assert desk.replica.log.count("guiyang", "detail", 1) < 240 - first.run.seen + 20
