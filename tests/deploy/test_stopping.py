"""Ctrl-C and SIGTERM, at any moment: a sentence, what was read is kept, status 130, no traceback."""

import os
import signal
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from opendata_spiders.exits import Exit
from opendata_spiders.store.models import Verdict
from tests.commands import ROOT
from tests.crawl.conftest import desk
from tests.replica import PortalSpec, World
from tests.replica.incidents import Incident, Kind

__all__ = ["desk"]

pytestmark = pytest.mark.slow
SIGNALS = (signal.SIGINT, signal.SIGTERM)
STOPPED = {Exit.INTERRUPTED, -signal.SIGINT}
"""As a shell sees them both are 130."""


@pytest.fixture
def world():
    return World([PortalSpec("guiyang", "guizhou_api", "贵阳", "520100", division="520100", datasets=200)], seed=11)


@pytest.fixture
def slow(desk):
    """The desk of somebody whose one portal takes half a second for each answer."""
    desk.stand_at({"guiyang": desk.replica.url("guiyang")})
    desk.replica.script("guiyang", Incident(Kind.SLOW, 0, seconds=0.5))
    return desk


def start(desk, *command, **env):
    return subprocess.Popen(
        command, cwd=ROOT, env=desk.env(0) | env, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True
    )  # fmt: skip


def when_asked(desk, process, requests):
    """Wait until the portal was sent so many requests."""
    ends = time.monotonic() + 90
    while desk.replica.log.count() < requests and process.poll() is None and time.monotonic() < ends:
        time.sleep(0.02)
    assert process.poll() is None


@pytest.mark.parametrize("number", SIGNALS)
def test_a_night_ends_once_the_running_step_has_stored_what_it_read(slow, number):
    night = start(slow, "scripts/nightly.sh", ONLY="guiyang")
    when_asked(slow, night, 4)
    if number == signal.SIGINT:
        os.killpg(night.pid, number)  # as a terminal does
    else:
        night.send_signal(number)  # as systemd and a container do
    said, _ = night.communicate(timeout=90)
    assert (night.returncode, "Traceback" in said) == (Exit.INTERRUPTED, False), said
    assert 'nightly: stopped in "scrapy crawlall"' in said
    run = slow.last_run("guiyang")
    assert (run.verdict, "stopped by the operator" in run.reason) == (Verdict.PARTIAL, True)


def test_a_container_begins_a_night_at_its_time_and_stops_it_in_order(slow):
    soon = datetime.now(UTC) + timedelta(seconds=15)
    container = start(
        slow, "deploy/docker/every-night.sh", ONLY="guiyang", TZ="UTC", NIGHT_AT=f"{soon:%H:%M:%S}", SEND_SECONDS="1"
    )
    when_asked(slow, container, 4)
    container.terminate()
    said, _ = container.communicate(timeout=90)
    assert (container.returncode, "Traceback" in said) == (0, False), said
    assert 'nightly: stopped in "scrapy crawlall"' in said
    assert slow.last_run("guiyang").verdict is Verdict.PARTIAL


@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize(
    "words",
    [
        ("doctor", "guiyang", "--base-url", "{}"),
        ("checkterms", "guiyang", "--base-url", "{}"),
        ("probe", "{}"),
        ("crawl", "guiyang", "-a", "base_url={}"),
    ],
    ids=lambda words: words[0],
)
def test_a_command_of_scrapy_that_waits_for_an_answer(desk, words, number):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(90)
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        command = start(desk, sys.executable, "-m", "scrapy", *(word.format(address) for word in words))
        with silent.accept()[0]:
            command.send_signal(number)
            said, _ = command.communicate(timeout=90)
    assert (command.returncode in STOPPED, "Traceback" in said) == (True, False), said
    assert "stopped" in said


def when_it_listens(process):
    """Wait until the command's own code has begun: before that Python is starting, and knows nothing of signals."""
    caught, ends = 1 << (signal.SIGTERM - 1), time.monotonic() + 60
    while time.monotonic() < ends:
        line = next(one for one in Path(f"/proc/{process.pid}/status").read_text().splitlines() if "SigCgt" in one)
        if int(line.split()[1], 16) & caught:
            return
        time.sleep(0.005)
    pytest.fail("the command never listened to SIGTERM")


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize(
    ("words", "tenths"),
    [(("alerts", "diff"), (0, 1, 3, 6, 10, 15, 20)), (("opendata_spiders", "checkall"), (0, 0.5, 1, 2, 4, 8))],
    ids=lambda words: words[0],
)
def test_a_command_at_any_moment(slow, words, tenths, number):
    for tenth in tenths:
        command = start(slow, sys.executable, "-m", *words)
        when_it_listens(command)
        time.sleep(tenth / 10)  # moments of its imports, its work and its end
        command.send_signal(number)
        said, _ = command.communicate(timeout=60)
        assert (command.returncode in {*STOPPED, 0}, "Traceback" in said) == (True, False), said
        assert command.returncode == 0 or said.splitlines()[-1].startswith("stopped: "), said
