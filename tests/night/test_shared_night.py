"""A night that several machines read, as one of them reads it."""

from datetime import UTC, datetime, timedelta

import pytest

from opendata_spiders.night import shared_night
from opendata_spiders.night.crawl_plan import NightPlan, plan_crawls
from opendata_spiders.night.shared_night import SharedNight
from opendata_spiders.register import packaged
from opendata_spiders.store import leases, shared_work
from opendata_spiders.store.connect import Store
from opendata_spiders.store.models import Run, Verdict

AT = datetime(2026, 11, 23, 18, 15, tzinfo=UTC)
HOST = "data.guizhou.gov.cn"


@pytest.fixture
def plan() -> NightPlan:
    portals = [portal for portal in packaged().crawlable() if portal.slug in {"guiyang", "zunyi", "jinan"}]
    return plan_crawls(portals, lambda _: None, delay=1.0, budget=100)


@pytest.fixture
def night(store: Store, plan: NightPlan) -> SharedNight:
    return shared_night.begin(store, plan, at=AT)


def items(store: Store, night: SharedNight) -> dict[str, shared_work.WorkItem]:
    return {one.task["host"]: one for one in shared_work.batch_of(store, night.batch)}


def read(store: Store, night: SharedNight, host: str) -> None:
    """Read a unit with a worker that may start no crawl."""

    def logs(_: datetime):
        raise AssertionError("a portal would be read")

    item = items(store, night)[host]
    shared_night.read_item(store, item.id, logs, machine="here", stopped=lambda: False)


def was_read(store: Store, slug: str, verdict: Verdict, started: datetime) -> None:
    portal = next(one for one in packaged().crawlable() if one.slug == slug)
    with store.begin(portal.id, slug, at=AT) as lease:
        end = started + timedelta(seconds=5)
        store.commit(Run(lease.run_id, portal.id, slug, "f", "e", 0, AT, started, end, verdict, "said"), [])


def test_a_night_that_was_broken_off_is_gone_on_with_until_it_is_recorded(store: Store, plan: NightPlan) -> None:
    first = shared_night.begin(store, plan, at=AT)
    again = shared_night.begin(store, plan, at=AT + timedelta(hours=3))
    assert again == first
    other = NightPlan(plan.groups[:1])
    assert shared_night.begin(store, other, at=AT) != first
    first.record(store, shared_work.batch_of(store, first.batch), packaged())
    assert shared_night.begin(store, plan, at=AT) != first


def test_a_portal_that_was_read_since_the_night_began_is_not_read_again(store: Store, night: SharedNight) -> None:
    was_read(store, "guiyang", Verdict.COMPLETE, night.begun + timedelta(seconds=1))
    was_read(store, "zunyi", Verdict.BLOCKED, night.begun + timedelta(seconds=1))
    read(store, night, HOST)
    read(store, night, HOST)
    item = items(store, night)[HOST]
    assert {one["slug"]: one["verdict"] for one in item.results} == {"guiyang": "complete", "zunyi": "blocked"}
    assert item.ended is not None
    recorded = night.record(store, [item], packaged())
    assert not recorded.uplink_suspect(shared_night.results_of([item]))
    assert store.db.nights.find_one()["verdicts"] == {"guiyang": "complete", "zunyi": "blocked"}


def test_a_portal_read_before_the_night_is_due(store: Store, night: SharedNight) -> None:
    was_read(store, "jinan", Verdict.COMPLETE, night.begun - timedelta(seconds=10))
    host = next(host for host in items(store, night) if host != HOST)
    with pytest.raises(AssertionError, match="would be read"):
        read(store, night, host)
    assert items(store, night)[host].losses == 1


def test_a_host_that_somebody_else_asks_is_given_back(store: Store, night: SharedNight) -> None:
    with store.begin("x.other", "other", at=AT, host_group=HOST):
        read(store, night, HOST)
        assert items(store, night)[HOST].ended is None
    assert not items(store, night)[HOST].is_held


def test_a_host_whose_files_are_being_looked_at_is_given_back(store: Store, night: SharedNight) -> None:
    with leases.hold_host(store.db, HOST, "guiyang", "asked for its files"):
        read(store, night, HOST)
        assert items(store, night)[HOST].ended is None
    assert not items(store, night)[HOST].is_held


def test_a_unit_that_costs_one_worker_after_another_is_given_up(store: Store, night: SharedNight) -> None:
    was_read(store, "guiyang", Verdict.COMPLETE, night.begun + timedelta(seconds=1))
    store.db.shared_work.update_one({"_id": items(store, night)[HOST].id}, {"$set": {"losses": shared_work.LOSSES}})
    read(store, night, HOST)
    item = items(store, night)[HOST]
    assert {one["slug"]: one["verdict"] for one in item.results} == {"guiyang": "complete", "zunyi": "failed"}
    assert item.ended is not None
