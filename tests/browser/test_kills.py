"""Crawls that end in every way at any moment: no process of their browsers is left."""

import json
import os
import random
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pytest

from opendata_spiders.browser import leash
from tests.browser.opening import Visit, chromium_processes
from tests.browser.servers import serving
from tests.commands import start_module

pytestmark = pytest.mark.slow

KILLS = 50
AT_ONCE = 5
PATIENCE = 20.0
"""Seconds within which everything is to be gone."""


def start(url: str, data_dir: Path, until: str = ".") -> ForkServerProcess:
    """Start a crawl that opens pages until it is stopped, and wait until a file of its browser's folder is there."""
    given = json.dumps([[asdict(Visit(url, step="wait"))] * 50, {}, {}])
    env = {"PATH": os.environ["PATH"], "DATA_DIR": str(data_dir), "PYTHONUTF8": "1"}
    crawl = start_module("tests.browser.opening", given, env=env)
    deadline = time.monotonic() + 60
    while not (data_dir / "browser" / "0" / until).exists():
        assert time.monotonic() < deadline
        assert crawl.is_alive()
        time.sleep(0.02)
    return crawl


def stop(crawl: ForkServerProcess, number: int) -> None:
    """Kill a crawl; every fifth is asked to end."""
    os.kill(crawl.pid, signal.SIGTERM if number % 5 == 0 else signal.SIGKILL)
    crawl.join(60)
    assert crawl.exitcode is not None


def stopped_after(url: str, data_dir: Path, number: int, seconds: float) -> int:
    """Stop a crawl at a moment of its start, of Chromium's or while pages are open; how many processes ran by then."""
    crawl = start(url, data_dir, "." if number % 3 == 0 else leash.PID)
    time.sleep(seconds)
    running = len(chromium_processes(str(data_dir)))
    stop(crawl, number)
    return running


@pytest.mark.timeout(600)  # on a busy machine
def test_nothing_is_left_of_the_browsers_of_fifty_crawls_stopped_at_random_moments(tmp_path: Path) -> None:
    draw = random.Random(7)
    moments = [draw.uniform(0, 2) for _ in range(KILLS)]
    with (
        serving({"/": "<p>page<script>fetch('/api')</script>", "/api": "{}"}) as server,
        ThreadPoolExecutor(AT_ONCE) as pool,
    ):
        folders = [tmp_path / f"{number}" for number in range(KILLS)]
        urls = [server.url] * KILLS
        running = list(pool.map(stopped_after, urls, folders, range(KILLS), moments))
    deadline = time.monotonic() + PATIENCE
    while (left := chromium_processes(str(tmp_path))) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert left == []
    assert sum(count > 2 for count in running) > KILLS / 2, "too few crawls were stopped while their browser ran"


def test_the_place_and_the_files_of_a_killed_crawl_are_free_for_the_next_one(tmp_path: Path) -> None:
    with serving({"/": "<p>page"}) as server:
        for number in (1, 2, 5):
            before = len(server.asked)
            crawl = start(server.url, tmp_path)
            deadline = time.monotonic() + 60
            while len(server.asked) == before and time.monotonic() < deadline:
                time.sleep(0.1)
            stop(crawl, number)
            assert len(server.asked) > before
    assert not (tmp_path / "browser" / "0").exists()
    assert chromium_processes(str(tmp_path)) == []
