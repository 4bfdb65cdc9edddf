"""Small parts of a night: its end, what is left of one that was broken off, what its processes tell each other."""

import logging
from contextvars import copy_context
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from opendata_spiders.night.crawl_plan import NightGroup, NightPlan, plan_crawls
from opendata_spiders.night.crawl_run import Night, broken_night
from opendata_spiders.night.deadline import deadline
from opendata_spiders.night.messages import EndAll, FailPortal, PortalEnded, ReadingNow, ReadPortal, WorkerAlive
from opendata_spiders.night.messages import from_line as received
from opendata_spiders.night.messages import to_line as sent
from opendata_spiders.night.portal_logs import PortalLogs
from opendata_spiders.night.values import Result
from opendata_spiders.register import packaged
from opendata_spiders.store.models import Verdict

NOW = datetime(2026, 11, 30, 22, 15, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("23:00", datetime(2026, 11, 30, 23, 0, tzinfo=UTC)),
        ("6:30", datetime(2026, 12, 1, 6, 30, tzinfo=UTC)),
        ("22:15", datetime(2026, 12, 1, 22, 15, tzinfo=UTC)),
        ("8h", NOW + timedelta(hours=8)),
        ("1.5", NOW + timedelta(minutes=90)),
        ("0h", NOW),
    ],
)
def test_a_night_ends_at_a_time_of_day_or_after_hours(text, due):
    assert deadline(text, NOW) == due


@pytest.mark.parametrize("text", ["", "24:00", "12:60", "soon", "-1h", "06:30:00", "h", "٦:30x"])
def test_any_other_end_is_refused_with_what_would_be_right(text):
    with pytest.raises(ValueError, match="write 06:30, or 8h"):
        deadline(text, NOW)


def plan() -> NightPlan:
    rows = [one for one in packaged().crawlable() if one.slug in {"guiyang", "zunyi", "jinan"}]
    return plan_crawls(rows, lambda _: None, delay=1.0, budget=100)


def test_the_host_that_takes_longest_is_first():
    minutes = [
        group.minutes for group in plan_crawls(packaged().crawlable(), lambda _: None, delay=1.0, budget=100).groups
    ]
    assert minutes == sorted(minutes, reverse=True)
    assert minutes[0] > minutes[-1]


def test_minutes_left_are_those_of_the_slowest_host_or_of_all_hosts_shared_out():
    portal = packaged().crawlable()[0]
    pair = (replace(portal, slug="a"), replace(portal, slug="b"))
    groups = NightPlan(
        (NightGroup("long", pair, 1, 60.0, 1), NightGroup("short", (replace(portal, slug="c"),), 1, 20.0, 1))
    )
    assert groups.minutes(2, {"a", "b", "c"}) == 60
    assert groups.minutes(1, {"a", "b", "c"}) == 80
    assert groups.minutes(2, {"b"}) == 30
    assert groups.minutes(2, ()) == 0


def record(verdicts, planned=("guiyang", "zunyi", "jinan"), at=NOW):
    return {"_id": "n", "at": at, "started": at, "finished": at, "planned": list(planned), "verdicts": verdicts}


def test_a_night_that_was_broken_off_is_gone_on_with(tmp_path):
    before = broken_night(record({"jinan": "blocked"}), plan(), now=NOW + timedelta(hours=1))
    assert before is not None
    night = Night(plan(), tmp_path, at=NOW + timedelta(hours=1), before=before)
    assert [portal.slug for portal in night.left.portals] == ["guiyang", "zunyi"]
    half = broken_night(record({"jinan": "blocked", "zunyi": "complete"}), plan(), now=NOW).rest(plan())
    (whole,), (left,) = night.left.groups, half.groups
    assert (left.requests, left.minutes) == (whole.requests / 2, whole.minutes / 2), "of a host read by half"
    kept = night.record([Result("guiyang", "h", Verdict.COMPLETE, 1.0, tmp_path)])
    assert (kept["_id"], kept["at"], kept["verdicts"]) == ("n", NOW, {"jinan": "blocked", "guiyang": "complete"})
    assert set(kept["planned"]) == {"guiyang", "zunyi", "jinan"}


@pytest.mark.parametrize(
    "last",
    [
        None,
        record(dict.fromkeys(("guiyang", "zunyi", "jinan"), "complete")),
        record({}, planned=("guiyang",)),
        record({}, at=NOW - timedelta(hours=13)),
        record({}, at=NOW + timedelta(hours=2)),
        {name: value for name, value in record({}).items() if name != "planned"},
    ],
    ids=["none", "whole", "other portals", "too old", "of the future", "of an older version"],
)
def test_any_other_night_is_not(last):
    assert broken_night(last, plan(), now=NOW + timedelta(hours=1)) is None


@pytest.mark.parametrize(
    "message",
    [
        ReadPortal("guiyang", "data.guizhou.gov.cn", 30, "/logs/贵阳.log"),
        FailPortal("guiyang", "it took\nmore"),
        EndAll(),
        WorkerAlive((ReadingNow("guiyang", 3, None, 4, 0.5),)),
        PortalEnded("guiyang", "complete", 1.5),
    ],
)
def test_a_message_is_one_line(message):
    line = sent(message)
    assert line.endswith("\n")
    assert line.count("\n") == 1
    assert received(line) == message


def test_each_line_goes_into_the_log_of_its_portal(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    logs, log = PortalLogs("INFO", "%(levelname)s %(message)s", None), logging.getLogger("tests of portal logs")
    log.propagate, log.level = False, logging.INFO
    log.addHandler(logs)
    with logs.into(tmp_path / "one.log"):
        of_one = copy_context()
        log.info("to one")
    with logs.into(tmp_path / "two.log"):
        log.info("to two")
        of_one.run(log.info, "to one, from a callback of its crawl")
    log.warning("to nobody")
    assert (tmp_path / "one.log").read_text() == "INFO to one\nINFO to one, from a callback of its crawl\n"
    assert (tmp_path / "two.log").read_text() == "INFO to two\n"
    assert capsys.readouterr().err == "WARNING to nobody\n"
