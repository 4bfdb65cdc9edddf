"""A turn at the servers of a host group, on real leases."""

import asyncio
import subprocess
import sys
import time
from datetime import UTC, datetime

import pytest

from opendata_spiders.fetching.addresses import host_group
from opendata_spiders.fetching.host_turn import turn_at
from opendata_spiders.store import leases
from opendata_spiders.store.errors import HostHeldError, LeaseLostError

GROUP = host_group("data.example.gov.cn", "https://data.example.gov.cn")


AT = datetime(2026, 11, 30, tzinfo=UTC)


def turn(store, *, is_over=lambda: False, **more):
    return turn_at(store.db, GROUP, "guiyang", "asked for its files", is_over=is_over, **more)


def read(store, slug):
    return store.begin(f"{slug}.1", slug, at=AT, host_group=GROUP.lease)


def test_nobody_else_asks_while_it_lasts_and_it_is_given_back(store):
    async def hold():
        async with turn(store):
            with pytest.raises(HostHeldError, match="guiyang is being asked for its files by process"):
                read(store, "zunyi")
            with pytest.raises(HostHeldError):
                leases.hold_host(store.db, GROUP.lease, "guiyang", "asked for its files")

    asyncio.run(hold())
    assert store.db.leases.count_documents({}) == 0


def test_it_waits_for_the_reader_of_any_portal_of_the_group_until_nobody_waits_any_more(store):
    lease = read(store, "zunyi")

    async def nobody_waits():
        async with turn(store, is_over=lambda: True):
            pytest.fail("the host is held")

    async def wait():
        asyncio.get_running_loop().call_later(0.2, lease.release)
        async with turn(store):
            return time.monotonic()

    with pytest.raises(HostHeldError, match="zunyi is being read"):
        asyncio.run(nobody_waits())
    began = time.monotonic()
    assert asyncio.run(wait()) - began > 0.2


def test_an_error_of_what_is_asked_is_that_error_and_ends_the_turn(store):
    async def fail():
        async with turn(store):
            raise ValueError("of the block")

    with pytest.raises(ValueError, match="of the block"):
        asyncio.run(fail())
    assert store.db.leases.count_documents({}) == 0


def test_a_turn_that_was_taken_over_ends_what_is_asked(store):
    async def lose():
        async with turn(store, beat_seconds=0.05):
            store.db.leases.update_one({}, {"$set": {"run": "of another process"}})
            await asyncio.sleep(60)

    with pytest.raises(LeaseLostError, match="declared abandoned"):
        asyncio.run(lose())
    assert store.db.leases.find_one()["run"] == "of another process"


def test_it_is_renewed(store):
    def renewed(first):
        end = time.monotonic() + 60
        while store.db.leases.find_one()["beat"] == first and time.monotonic() < end:
            time.sleep(0.02)
        return store.db.leases.find_one()["beat"] > first

    async def hold():
        async with turn(store, beat_seconds=0.02):
            return await asyncio.to_thread(renewed, store.db.leases.find_one()["beat"])

    assert asyncio.run(hold())


def test_one_whose_process_is_gone_is_taken_over_without_a_trace(store):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    leases.hold_host(store.db, GROUP.lease, "guiyang", "asked")
    store.db.leases.update_one({}, {"$set": {"pid": gone.pid}})
    read(store, "zunyi")
    assert store.db.leases.find_one()["purpose"] == leases.READING
    assert store.db.runs.count_documents({}) == 0
