"""Crawls that are started at once: the servers of one host group have one reader."""

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from opendata_spiders.store.models import Verdict
from tests.commands import start_module
from tests.replica import PortalSpec, World
from tests.replica.incidents import Incident, Kind

SLUGS = ("guiyang", "zunyi")


@pytest.fixture
def world():
    adcodes = dict(zip(SLUGS, ("520100", "520300"), strict=True))
    specs = [PortalSpec(slug, "guizhou_api", slug, code, division=code, datasets=8) for slug, code in adcodes.items()]
    return World(specs, seed=5)


@pytest.fixture
def standing(desk):
    """The desk of somebody at whose machine both portals stand."""
    desk.stand_at({slug: desk.replica.url(slug) for slug in SLUGS})
    return desk


@pytest.mark.slow
def test_the_second_crawl_of_a_host_waits_for_the_first(standing):
    standing.replica.script("*", Incident(Kind.SLOW, 0, seconds=0.4))
    with ThreadPoolExecutor() as pool:
        done = list(pool.map(lambda slug: standing.command("scrapy", "crawl", slug, night=0), SLUGS))
    assert [one.returncode for one in done] == [0, 0], [one.stderr for one in done]
    with standing.store() as store:
        first, second = sorted(store.runs(None), key=lambda run: run.finished)
        assert first.finished <= second.finished
        assert (first.verdict, second.verdict) == (Verdict.COMPLETE, Verdict.COMPLETE)
    details = [asked.slug for asked in standing.replica.log.requests if asked.what == "detail"]
    assert details == sorted(details) or details == sorted(details, reverse=True)


def test_ctrl_c_ends_a_crawl_that_waits(standing, tmp_path):
    with standing.store() as store, store.begin("x.other", "other", at=standing.replica.world.moment(0),
                                                host_group=standing.replica.url("guiyang").removeprefix("http://")):  # fmt: skip
        waiting = start_module("scrapy", "crawl", "guiyang", env=standing.env(None), err=tmp_path / "err")
        end = time.monotonic() + 60
        while "waits for its turn" not in ((tmp_path / "err").read_text() if (tmp_path / "err").exists() else ""):
            assert time.monotonic() < end
            time.sleep(0.05)
        os.kill(waiting.pid, signal.SIGINT)
        waiting.join(30)
        assert waiting.exitcode == Verdict.FAILED.exit_status
    assert standing.replica.log.count() == 0
