"""A field that a portal empties for good, and dates that it prints in a notation nobody can read: crawl and diff, night by night."""

import json

import pytest

from opendata_spiders.policy import policy
from opendata_spiders.store.models import Verdict
from tests.replica import PortalSpec, World
from tests.replica.incidents import Incident, Kind

GUIYANG = PortalSpec("guiyang", "guizhou_api", "贵阳", "520100", division="520100", datasets=36)
NIGHTS = policy().shape_nights
LATE = {"updated", "due", "overdue", "delinquent"}


@pytest.fixture
def world():
    return World([GUIYANG], seed=5)


def events(desk, night):
    done = desk.command("alerts", "diff", night=night)
    assert done.returncode == 0, done.stderr
    listed = json.loads(desk.command("alerts", "events", "--json", night=night).stdout)
    return [event for event in listed if event["kind"].split(".")[1] not in LATE]


def state(desk, night):
    return json.loads(desk.command("alerts", "states", "--json", night=night).stdout)[0]


def verdicts(desk, nights):
    return [desk.crawl("guiyang", night).run.verdict for night in nights]


@pytest.mark.slow
def test_a_publisher_emptied_for_good_is_told_once_and_the_rest_goes_on(desk):
    desk.replica.script("guiyang", Incident(Kind.EDITS, 1, field="office", value=""), Incident(Kind.STOPS, 0))
    assert verdicts(desk, range(NIGHTS + 1)) == [Verdict.COMPLETE] + [Verdict.DRIFTED] * NIGHTS
    gone = desk.replica.world.night("guiyang", 0)[0]
    desk.replica.script("guiyang", Incident(Kind.DELETES, NIGHTS + 2, ids=(gone.id,), how="404"))
    assert set(verdicts(desk, range(NIGHTS + 1, NIGHTS + 5))) == {Verdict.COMPLETE}
    run = desk.last_run("guiyang")
    assert run.lost == ("office",)
    assert "office" not in run.fields
    told = events(desk, NIGHTS + 4)
    assert [event["kind"] for event in told] == [
        "ops.drifted", "ops.partial_streak", "platform.fields_lost", "dataset.removed"
    ]  # fmt: skip
    assert "office is filled in 0% of entries, was 100%" in told[0]["evidence"]["reason"]
    assert told[2]["evidence"]["fields"] == ["office"]
    assert state(desk, NIGHTS + 4)["state"] == "live"


@pytest.mark.slow
def test_dates_that_nobody_can_read_hold_the_citys_clock_and_are_told_once(desk):
    dates = Incident(Kind.REWRITES, 1, field=r'"updateTime": ?\d+', value='"updateTime": "4/12/20 23:18"')
    desk.replica.script("guiyang", dates, Incident(Kind.STOPS, 1))
    assert verdicts(desk, range(NIGHTS + 1)) == [Verdict.COMPLETE] + [Verdict.DRIFTED] * NIGHTS
    before = state(desk, NIGHTS) if events(desk, NIGHTS) else {}
    assert before["reach"] == "drifted"
    assert verdicts(desk, (NIGHTS + 1, NIGHTS + 2, 400)) == [Verdict.COMPLETE] * 3
    told = events(desk, 400)
    assert [event["kind"] for event in told] == ["ops.drifted", "ops.partial_streak", "platform.undated"]
    assert "'4/12/20 23:18'" in told[0]["evidence"]["reason"]
    assert told[2]["evidence"]["sample"] == "4/12/20 23:18"
    after = state(desk, 400)
    assert (after["state"], after["days_silent"], after["counts"]["overdue"]) == ("undated", None, 0)
    desk.replica.script("guiyang", Incident(Kind.REWRITES, 401, field="4/12/20", value="2020-12-04"))
    assert desk.crawl("guiyang", 401).run.lost == ()
    assert "city.stopped" in [event["kind"] for event in events(desk, 401)]
