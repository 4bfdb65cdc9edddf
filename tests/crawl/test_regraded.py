"""A person's word on a verdict holds for the next nights too: they are held against what that person believes."""

import pytest

from opendata_spiders.store.models import Verdict
from tests.replica import PortalSpec, World
from tests.replica.incidents import Incident, Kind

GUIYANG = PortalSpec("guiyang", "guizhou_api", "贵阳", "520100", division="520100", datasets=60)


@pytest.fixture
def world():
    return World([GUIYANG], seed=11)


def regrade(desk, run, verdict, night):
    done = desk.command("alerts", "regrade", run.id, "--verdict", verdict, "--why", "looked at it", night=night)
    assert done.returncode == 0, done.stderr


def verdicts(desk, *nights):
    return [str(desk.crawl("guiyang", night).run.verdict) for night in nights]


def test_a_total_that_is_wrong_for_good_is_accepted_by_a_person_once(desk):
    desk.replica.script("guiyang", Incident(Kind.MISCOUNTS, 1, value="+30"))
    assert verdicts(desk, 0, 1, 2) == ["complete", "partial", "partial"]
    regrade(desk, desk.last_run("guiyang"), "complete", night=2)
    assert verdicts(desk, 3, 4) == ["complete", "complete"]
    desk.replica.script("guiyang", Incident(Kind.ENDS_EARLY, 5, 5, count=2))
    assert verdicts(desk, 5) == ["partial"], "what the total allows for was learnt, and no more"


def test_a_list_that_was_believed_wrongly_is_no_measure_any_more(desk):
    assert verdicts(desk, 0, 1) == ["complete", "complete"]
    regrade(desk, desk.last_run("guiyang"), "partial", night=1)
    with desk.store() as store:
        trusted = store.previous(desk.last_run("guiyang").portal)
    assert trusted.run.seq == 1
    assert trusted.run.verdict is Verdict.COMPLETE


def test_a_first_list_that_ends_early_waits_for_a_person(desk):
    desk.replica.script("guiyang", Incident(Kind.ENDS_EARLY, 0, count=3))
    crawled = desk.crawl("guiyang", 0)
    assert (crawled.status, crawled.run.verdict) == (3, Verdict.PARTIAL)
    assert f"alerts regrade {crawled.run.id} --verdict complete" in crawled.card["next"]
    regrade(desk, crawled.run, "complete", night=0)
    assert verdicts(desk, 1) == ["complete"]
