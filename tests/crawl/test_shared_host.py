"""A host of several portals that stops obeying the tenant: no run is believed, no city is reported for it."""

import pytest

from opendata_spiders.crawl.shared_host import IGNORED
from opendata_spiders.register import load
from opendata_spiders.store.models import Verdict
from tests.replica import Incident, Kind, World
from tests.replica.declared.portals import declared_spec

CAST = ("fujian", "putian", "sanming")


@pytest.fixture
def world() -> World:
    register = load()
    return World([declared_spec(register.get(slug), datasets=23) for slug in CAST], seed=3)


def lists(desk, night: int) -> int:
    return desk.replica.log.count(None, "list", night)


def test_only_a_first_reading_and_a_jump_are_checked_at_one_request(desk):
    first = desk.crawl("putian", 0)
    assert (first.status, first.run.seen, lists(desk, 0)) == (0, 23, 4)
    second = desk.crawl("putian", 1)
    assert (second.status, lists(desk, 1)) == (0, 3)
    desk.replica.script("putian", Incident(Kind.IGNORES, 2, 2, on=("list",)))
    third = desk.crawl("putian", 2)
    assert (third.run.verdict, third.run.seen, lists(desk, 2)) == (Verdict.DRIFTED, 69, 8)
    assert "its whole list under currentTab=city&cityCode=350300000000" in third.run.reason
    assert [finding.code for finding in third.run.findings if finding.code == IGNORED]
    assert desk.crawl("putian", 3).run.seen == 23


def test_a_host_that_shows_another_portal_is_found_out_without_a_request(desk):
    assert desk.crawl("putian", 0).status == 0
    desk.replica.script("sanming", Incident(Kind.IGNORES, 0, value="putian", on=("list",)))
    asked = lists(desk, 0)
    other = desk.crawl("sanming", 0)
    assert (other.run.verdict, lists(desk, 0) - asked) == (Verdict.DRIFTED, 3)
    assert "the datasets of Putian under" in other.run.reason


def test_the_whole_host_itself_is_not_checked(desk):
    province = desk.crawl("fujian", 0)
    assert (province.status, province.run.seen, lists(desk, 0)) == (0, 69, 7)
