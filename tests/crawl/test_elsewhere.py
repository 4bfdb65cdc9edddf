"""A reading of a portal at another address is never the portal's own: not its baseline, not its view, not its news."""

import pytest

from opendata_spiders.store.models import Verdict
from tests.crawl.conftest import Desk
from tests.replica import PortalSpec, Replica, World

GUIYANG = PortalSpec("guiyang", "guizhou_api", "贵阳", "520100", division="520100", datasets=30)
OWN, APART = "520100.1", "x.guiyang_elsewhere"


@pytest.fixture
def world() -> World:
    return World([GUIYANG], seed=5)


@pytest.fixture
def at_home(desk: Desk):
    """The portal itself: another catalogue, at the address that the register has of it."""
    with Replica(World([GUIYANG], seed=6)) as portal:
        desk.stand_at({"guiyang": portal.url("guiyang")})
        yield portal


def elsewhere(desk: Desk, *args: str):
    return desk.command("scrapy", "crawl", "guiyang", "-a", f"base_url={desk.replica.url('guiyang')}", *args)


def runs(desk: Desk) -> list[tuple[str, Verdict, bool]]:
    """Portal, verdict and whether an earlier run was its measure, of each run."""
    with desk.store() as store:
        return [(run.portal, run.verdict, "against" in run.stats) for run in store.runs(None)]


@pytest.mark.parametrize("first", ["trial", "own"])
def test_a_trial_elsewhere_neither_is_the_portal_s_baseline_nor_meets_it(desk, at_home, first: str):
    def read(done) -> None:
        assert done.returncode == 0, done.stderr

    own, trial = lambda: read(desk.command("scrapy", "crawl", "guiyang")), lambda: read(elsewhere(desk))
    for crawl in (trial, own) if first == "trial" else (own, trial):
        crawl()
    read(desk.command("alerts", "diff"))
    assert sorted(runs(desk)) == [(OWN, Verdict.COMPLETE, False), (APART, Verdict.COMPLETE, False)]
    own()
    read(desk.command("alerts", "diff"))
    assert sorted(runs(desk))[1] == (OWN, Verdict.COMPLETE, True)
    with desk.store() as store:
        assert list(store.db.events.find({"portal": OWN})) == []
        views = {portal: store.db.datasets.count_documents({"portal": portal}) for portal in (OWN, APART)}
    assert views == {OWN: 30, APART: 30}


def test_the_crawl_says_where_it_is_recorded(desk):
    assert f"recorded as {APART}" in elsewhere(desk).stderr


def test_another_tenant_of_the_host_is_not_the_portal(desk, at_home):
    desk.command("scrapy", "crawl", "guiyang", "-a", "tenant=divisionId=520300")
    assert [portal for portal, _, _ in runs(desk)] == [APART]


def test_nights_that_are_replayed_take_place_where_they_are_played(desk):
    assert desk.crawl("guiyang", 0).run.portal == OWN
