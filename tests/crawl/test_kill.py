"""kill -9 of a crawl at many moments: nothing lost, nothing claimed twice, and the next run just works."""

import os
import signal
import subprocess
import sys
import time

import pytest

from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.models import Verdict
from tests.crawl.conftest import ROOT
from tests.replica import PortalSpec, World
from tests.replica.incidents import Incident, Kind

GUIYANG = PortalSpec("guiyang", "guizhou_api", "贵阳", "520100", division="520100", datasets=180)


@pytest.fixture
def store_config(fresh_config: StoreConfig) -> StoreConfig:
    """A database of its own: what a killed process leaves behind must not hold up another test."""
    return fresh_config


@pytest.fixture
def world():
    world = World([GUIYANG], seed=5)
    world.script("guiyang", Incident(Kind.STOPS, 0))
    return world


def killed_after(desk, night, seconds):
    """Start a crawl and kill it after so many seconds; return its status (negative: it was killed)."""
    desk.replica.night = night
    command = [sys.executable, "-m", "scrapy", "crawl", "guiyang", "-a", f"base_url={desk.replica.url('guiyang')}"]
    process = subprocess.Popen(
        command, cwd=ROOT, env=desk.env(night), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.kill(process.pid, signal.SIGKILL)
    return process.wait(timeout=30)


def timed(desk, night):
    began = time.monotonic()
    desk.crawl("guiyang", night)
    return time.monotonic() - began


def check(desk, last):
    truth = {record.id for record in desk.replica.world.night("guiyang", 0)}
    assert last.run.verdict is Verdict.COMPLETE, last.log
    with desk.store() as store:
        runs = list(store.runs(last.run.portal))
        entries = store.entries(last.run.manifest)
        assert set(entries) == truth
        assert [run.seq for run in runs] == list(range(1, len(runs) + 1))
        assert len(store.versions([entry.version for entry in entries.values()])) == len(entries)
        assert store.db.versions.count_documents({}) == len(truth), "a version is written once, whoever died"
        assert store.db.leases.count_documents({}) == 0
        assert all(run.verdict is Verdict.COMPLETE or "abandoned" in run.reason for run in runs)
        assert all(run.manifest is None for run in runs if run.verdict is Verdict.FAILED)


def play(desk, moments):
    died = 0
    for night, seconds in enumerate(moments):
        died += killed_after(desk, night, seconds) < 0
    check(desk, desk.crawl("guiyang", len(moments)))
    return died


def test_a_crawl_killed_early_and_late(desk):
    assert play(desk, [1.0, 1.8]) >= 1


@pytest.mark.slow
def test_a_crawl_killed_at_many_moments(desk):
    # The quicker of two: the first crawl of a checkout compiles, and a busy machine may be less so a minute later.
    whole = min(timed(desk, night) for night in (0, 1))
    moments = [0.0, *(whole * step / 14 for step in range(4, 15))]
    died = 0
    for night, seconds in enumerate(moments, start=2):
        died += killed_after(desk, night, seconds) < 0
    check(desk, desk.crawl("guiyang", len(moments) + 2))
    assert died >= 6, "too few of the crawls were still alive when they were killed"
