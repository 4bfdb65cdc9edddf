"""Commands at a terminal: closed pipes, Ctrl-C, settings that make no sense."""

import contextlib
import os
import pty
import re
import signal
import subprocess
import sys
import time

import pytest

from opendata_spiders.store.models import Verdict
from opendata_spiders.terminal import SafeRecord, safe
from tests.replica import PortalSpec, World
from tests.replica.incidents import Incident, Kind

GUIYANG = PortalSpec("guiyang", "guizhou_api", "贵阳", "520100", division="520100", datasets=120)


@pytest.fixture
def world():
    return World([GUIYANG], seed=11)


def start(desk, *args, **more):
    return subprocess.Popen(
        [sys.executable, "-m", *args], cwd=desk.root, env=desk.env(0), text=True, stderr=subprocess.PIPE, **more
    )


def to_nobody(desk, *args, night=0):
    """Run a command whose reader has gone before it says a word."""
    process = start(desk, *args, stdout=subprocess.PIPE)
    with process:
        process.stdout.close()
        said = process.stderr.read()
    return process.returncode, said


@pytest.mark.parametrize(
    "args",
    [("scrapy", "list"), ("scrapy", "checkfiles"), ("scrapy", "crawlall", "--dry-run"), ("scrapy", "crawl", "-h")],
)
def test_a_command_whose_reader_has_gone_ends_as_ever(desk, args):
    status, said = to_nobody(desk, *args)
    assert (status, "Error" in said, "Traceback" in said) == (0, False, False), said


@pytest.mark.parametrize("args", [("alerts", "kinds"), ("alerts", "events", "--json"), ("alerts", "states")])
def test_a_report_that_nobody_reads_ends_quietly(desk, args):
    status, said = to_nobody(desk, *args)
    assert status in {0, 1}
    assert [line for line in said.splitlines() if "holds no run" not in line] == []


def test_a_crawl_whose_log_nobody_reads_is_kept(desk):
    process = subprocess.Popen([sys.executable, "-m", "scrapy", "crawl", "guiyang", "-a", f"base_url={desk.replica.url('guiyang')}"], cwd=desk.root,
                               env=desk.env(0), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)  # fmt: skip
    process.stdout.close()
    assert process.wait(timeout=120) == 0
    assert desk.last_run("guiyang").verdict is Verdict.COMPLETE


def test_a_crawl_says_nothing_of_scrapy_unless_it_is_asked_to(desk):
    lines = desk.crawl("guiyang", 0, "-s", "PROGRESS_SECONDS=0.2").log.splitlines()
    assert all(re.match(r"[-0-9]{10} [:0-9]{8} INFO: guiyang: |  (\w+) +\S", line) for line in lines), lines
    assert "[scrapy.core.engine] INFO: Spider opened" in desk.crawl("guiyang", 1, "-L", "INFO").log


def test_a_terminal_shows_one_line_of_progress_and_then_the_card(desk):
    desk.replica.script("guiyang", Incident(Kind.SLOW, 0, seconds=0.3))
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "scrapy", "crawl", "guiyang", "-a", f"base_url={desk.replica.url('guiyang')}"],
        cwd=desk.root, env=desk.env(0), stdout=subprocess.DEVNULL, stderr=theirs,
    )  # fmt: skip
    os.close(theirs)
    said = b""
    with contextlib.suppress(OSError):  # Linux says so when the other end is closed
        while part := os.read(ours, 4096):
            said += part
    os.close(ours)
    assert process.wait(timeout=60) == 0
    shown, _, card = said.decode().rpartition("\r\x1b[2K")
    assert re.search(r"guiyang: list page \d+ of 1\d, \d+ of 120 datasets", shown)
    assert "\n" not in shown
    assert card.startswith("  verdict   COMPLETE")


def interrupted(desk, process):
    """Wait until the portal is being read, then press Ctrl-C."""
    ends = time.monotonic() + 60
    while desk.replica.log.count() < 3 and time.monotonic() < ends:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    return process.returncode, said


def test_ctrl_c_keeps_what_a_crawl_has_read(desk):
    desk.replica.script("guiyang", Incident(Kind.SLOW, 0, seconds=0.3))
    process = start(desk, "scrapy", "crawl", "guiyang", "-a", f"base_url={desk.replica.url('guiyang')}")
    status, said = interrupted(desk, process)
    assert status == Verdict.PARTIAL.exit_status, said
    assert "Traceback" not in said
    run = desk.last_run("guiyang")
    assert (run.verdict, "stopped by the operator" in run.reason) == (Verdict.PARTIAL, True)


@pytest.mark.parametrize(
    ("args", "value"),
    [
        (("crawl", "guiyang"), "not json"),
        (("crawlall", "--dry-run"), "[]"),
        (("checkfiles",), '{"data.guizhou.gov.cn": 3128}'),
        (("doctor", "guiyang"), '{"data.guizhou.gov.cn": "proxy:3128"}'),
    ],
)
def test_proxies_that_make_no_sense_are_one_sentence(desk, args, value):
    done = desk.command("scrapy", *args, "-s", f"PROXIES={value}", night=0)
    assert done.returncode == 2, done.stderr
    assert "PROXIES" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
    assert desk.replica.log.count() == 0


def test_a_night_in_the_year_9999_is_refused_in_a_sentence(desk):
    env = desk.env
    desk.env = lambda night: {**env(night), "WATCH_NOW": "9999-12-31T00:00:00Z"}
    for args in (("scrapy", "crawl", "guiyang", "-a", f"base_url={desk.replica.url('guiyang')}"), ("alerts", "diff")):
        done = desk.command(*args, night=0)
        assert done.returncode == 1
        assert "outside the years 2000 to 2099" in done.stderr
        assert "Traceback" not in done.stdout + done.stderr


def test_portal_text_in_a_log_line_obeys_nobody():
    record = SafeRecord(
        "x", 20, "f", 1, "look at %s: %r\nnext", ("a\x1b[2J\u202eb\r\n2026-01-01 [root] ERROR: forged", "\x00"), None
    )
    assert record.getMessage() == "look at a\\u001b[2J\\u202eb\n  2026-01-01 [root] ERROR: forged: '\\x00'\n  next"
    record.exc_text = "ValueError: \x9b31m"
    assert record.exc_text == "ValueError: \\u009b31m"
    assert safe("贵阳 café\t1") == "贵阳 café\t1"
