"""One night at a time reads a database."""

import os
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest

from opendata_spiders.exits import Exit
from opendata_spiders.store.clock import real_now
from opendata_spiders.store.errors import NightRunningError
from opendata_spiders.store.night_lease import NIGHT, night_lease
from tests.replica import PortalSpec, World

AT = datetime(2026, 11, 30, tzinfo=UTC)


@pytest.fixture
def world():
    return World([PortalSpec("guiyang", "guizhou_api", "贵阳", "520100", division="520100", datasets=12)], seed=11)


def nobody() -> None:
    pytest.fail("nobody took the lease")


def test_a_second_night_is_told_who_runs_and_since_when(store):
    with (
        night_lease(store.db, "scrapy crawlall", at=AT, lost=nobody),
        pytest.raises(NightRunningError, match=f"scrapy crawlall runs on .* \\(process {os.getpid()}\\) since 20"),
        night_lease(store.db, "scrapy checkfiles", at=AT, lost=nobody),
    ):
        pass
    assert store.db.leases.count_documents({}) == 0
    with night_lease(store.db, "scrapy checkfiles", at=AT, lost=nobody):
        assert store.db.leases.find_one()["slug"] == "scrapy checkfiles"


def test_the_lease_of_a_night_whose_process_is_gone_is_taken_over(store):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    with night_lease(store.db, "scrapy crawlall", at=AT, lost=nobody):
        store.db.leases.update_one({"_id": NIGHT}, {"$set": {"pid": gone.pid}})
        with night_lease(store.db, "scrapy crawlall", at=AT, lost=nobody):
            assert store.db.leases.find_one()["pid"] == os.getpid()


def test_that_of_another_machine_once_it_is_silent(store):
    with night_lease(store.db, "scrapy crawlall", at=AT, lost=nobody):
        elsewhere = {"machine": "another", "host": "another"}
        store.db.leases.update_one({"_id": NIGHT}, {"$set": {**elsewhere, "beat": real_now() - timedelta(minutes=9)}})
        with pytest.raises(NightRunningError, match="on another"), night_lease(store.db, "x", at=AT, lost=nobody):
            pass
        store.db.leases.update_one({"_id": NIGHT}, {"$set": {"beat": real_now() - timedelta(minutes=11)}})
        with night_lease(store.db, "x", at=AT, lost=nobody):
            pass


def test_it_is_renewed_and_its_loss_is_told(store):
    lost = threading.Event()
    with night_lease(store.db, "scrapy crawlall", at=AT, lost=lost.set, beat_seconds=0.05):
        first = store.db.leases.find_one()["beat"]
        end = time.monotonic() + 20
        while store.db.leases.find_one()["beat"] == first and time.monotonic() < end:
            time.sleep(0.02)
        assert store.db.leases.find_one()["beat"] > first
        assert not lost.is_set()
        store.db.leases.update_one({"_id": NIGHT}, {"$set": {"run": "of another night"}})
        assert lost.wait(20)
    assert store.db.leases.find_one()["run"] == "of another night"


def test_commands_end_with_a_status_of_their_own_and_ask_nothing(desk, store):
    with night_lease(store.db, "scrapy crawlall", at=AT, lost=nobody):
        for words in (("crawlall", "--only", "guiyang"), ("checkfiles", "guiyang")):
            done = desk.command("scrapy", *words)
            assert (done.returncode, "scrapy crawlall runs on" in done.stderr) == (Exit.RUNNING, True), done.stderr
    assert desk.replica.log.count() == 0
