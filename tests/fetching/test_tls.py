"""TLS of old servers: talked to where the portal's row says so, else refused with what to do."""

import json
import os
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from opendata_spiders.store.models import Verdict
from tests.commands import run_module
from tests.families.goldens import loader
from tests.replica import Replica, World
from tests.replica.__main__ import spec_of
from tests.replica.certificates import odd_cipher_tls, old_server_tls, server_tls
from tests.replica.crawls import Outcome, Task, crawl_all

NOW = datetime(2026, 3, 2, 2, tzinfo=UTC)
MARKED, UNMARKED = "guangxi", "shenzhen"
WHAT_TO_DO = "write yes into the column old_tls of its register row"
SERVER_HELLO = bytes.fromhex(f"160303002a 02000026 0303 {'11' * 32} 00 c02f 00")
"""TLS 1.2 with a usual cipher, and without the extension for secure renegotiation."""


def test_the_register_marks_servers_that_are_known_to_be_old():
    assert [one.slug for one in loader().register.portals.values() if one.old_tls] == [MARKED]


def test_an_old_server_is_read_where_its_row_says_so_and_nowhere_else():
    register = loader().register
    world = World([spec_of(register.get(slug), register, 40) for slug in (MARKED, UNMARKED)], seed=5)
    with Replica(world, tls=old_server_tls()) as old, Replica(world, tls=server_tls()) as of_today:
        tasks = [
            Task(MARKED, old.url(MARKED)),
            Task(MARKED, of_today.url(MARKED)),
            Task(MARKED, old.url(MARKED), arguments={"old_tls": "no"}),
            Task(UNMARKED, old.url(UNMARKED), arguments={"old_tls": "yes"}),
            Task(UNMARKED, of_today.url(UNMARKED)),
            Task(UNMARKED, old.url(UNMARKED)),
        ]
        outcomes = crawl_all(tasks, NOW)
    for task, outcome in zip(tasks, outcomes, strict=True):
        if task in (tasks[2], tasks[5]):
            assert_refused(outcome, "tlsv1 alert protocol version")
        else:
            assert (outcome.verdict, len(outcome.titles)) == (Verdict.COMPLETE, 40), outcome.reason


def test_a_server_of_odd_ciphers_is_read_where_its_row_says_so():
    register = loader().register
    world = World([spec_of(register.get(UNMARKED), register, 12)], seed=5)
    with Replica(world, tls=odd_cipher_tls()) as replica:
        url = replica.url(UNMARKED)
        strict, lax = crawl_all([Task(UNMARKED, url), Task(UNMARKED, url, arguments={"old_tls": "yes"})], NOW)
    assert_refused(strict, "alert handshake failure")
    assert lax.verdict is Verdict.COMPLETE


def assert_refused(outcome: Outcome, reason: str) -> None:
    assert outcome.verdict is Verdict.UNREACHABLE
    assert reason in outcome.reason
    assert WHAT_TO_DO in outcome.reason


@pytest.mark.parametrize("slug", [MARKED, UNMARKED])
def test_doctor_and_probe_follow_row_and_option(slug):
    register = loader().register
    portal = register.get(slug)
    world = World([spec_of(portal, register, 12)], seed=5)
    with Replica(world, tls=old_server_tls()) as old:
        doctor = run("scrapy", "doctor", slug, "--base-url", old.url(slug), "--json")
        probe = ("scrapy", "probe", old.url(slug), "--family", portal.family, "--json")
        plain, lax = run(*probe), run(*probe, "--old-tls")
    (diagnosis,) = json.loads(doctor.stdout)
    assert diagnosis["says"] == ("answers" if slug == MARKED else "unreachable")
    assert (WHAT_TO_DO in diagnosis["detail"]) == (slug == UNMARKED)
    assert (plain.returncode, WHAT_TO_DO in json.loads(plain.stdout)["said"]) == (7, True)
    said = json.loads(lax.stdout)
    assert (said["family"], said["confirmed"]) == (portal.family, True)
    assert "--old-tls" in said["command"]


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return run_module(*words, env={"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], "PYTHONUTF8": "1"})


@contextmanager
def without_secure_renegotiation() -> Iterator[str]:
    """A server that begins a handshake as servers before RFC 5746 do, and hangs up; yields its address."""

    def answer() -> None:
        while True:
            try:
                client, _ = server.accept()
            except OSError:
                return
            with client:
                client.recv(4096)
                client.sendall(SERVER_HELLO)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        yield f"https://127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)
    thread.join(timeout=5)


def test_a_server_without_secure_renegotiation_is_refused_unless_its_row_marks_it():
    quick = {"RETRY_ENABLED": False}
    with without_secure_renegotiation() as url:
        marked, unmarked = crawl_all([Task(MARKED, url, quick), Task(UNMARKED, url, quick)], NOW)
    assert_refused(unmarked, "unsafe legacy renegotiation disabled")
    assert marked.verdict is Verdict.UNREACHABLE  # the handshake went on, and was never finished
    assert "renegotiation" not in marked.reason
    assert WHAT_TO_DO not in marked.reason


@pytest.mark.parametrize("value", ["maybe", "old"])
def test_the_argument_is_yes_or_no(value):
    with pytest.raises(ValueError, match=r"old_tls=.* is not one of yes, no"):
        loader().spider_class(loader().register.get(UNMARKED))(old_tls=value)
