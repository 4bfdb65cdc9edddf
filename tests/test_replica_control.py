# ruff: noqa: S310 -- every address asked for is the replica's, on loopback
"""The replica is driven over HTTP, fast enough, and started from the command line."""

import http.client
import json
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from opendata_spiders.register import Portal, load
from opendata_spiders.register.load import FAMILIES
from tests.replica import PortalSpec, Replica, World
from tests.replica.__main__ import main

ROOT = Path(__file__).parent.parent


@pytest.fixture
def replica() -> Iterator[Replica]:
    world = World([PortalSpec("jinan", "inspur_oportal", "济南", "370100", "/jinan", datasets=45)])
    with Replica(world) as running:
        yield running


def fetch(url: str, body: object = None) -> tuple[int, bytes]:
    data = None if body is None else json.dumps(body).encode()
    try:
        with urllib.request.urlopen(url, data, timeout=10) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def test_control_over_http(replica: Replica) -> None:
    def call(path: str, body: object = None, method: str | None = None) -> Any:
        request = urllib.request.Request(
            replica.control_url + path, None if body is None else json.dumps(body).encode(), method=method
        )
        with urllib.request.urlopen(request, timeout=10) as response:
            return json.loads(response.read())

    assert call("portals")["jinan"]["base_url"] == replica.url("jinan")
    assert call("night", {"night": 4}) == {"night": 4, "now": "2026-03-06T02:15:00+08:00"}
    assert replica.night == call("night")["night"] == 4
    call("incidents", {"portal": "jinan", "kind": "deletes", "first": 2, "count": 2})
    assert [each["kind"] for each in call("incidents")["jinan"]] == ["deletes"]
    told = call("truth?portal=jinan&from=0&to=4")
    assert [each["kind"] for each in told["must"]] == ["dataset.removed"] * 2
    fetch(f"{replica.url('jinan')}/jinan/catalog/index?page=1")
    assert call("log")["portals"] == {"jinan": {"list": 1}}
    assert call("log", method="DELETE")["paths"] == {}
    assert call("incidents", method="DELETE")["jinan"] == []


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [("nothing", None, 404), ("night", {"day": 1}, 400), ("incidents", {"portal": "x", "kind": "stops", "first": 1}, 400),
     ("incidents", {"portal": "jinan", "kind": "unheard", "first": 1}, 400)],
)  # fmt: skip
def test_control_says_what_is_wrong(replica: Replica, path: str, body: object, status: int) -> None:
    got, answer = fetch(replica.control_url + path, body)
    assert got == status
    assert json.loads(answer)["error"]


def test_three_hundred_requests_a_second(replica: Replica) -> None:
    connection = http.client.HTTPConnection(replica.url("jinan").removeprefix("http://"), timeout=10)

    def seconds() -> float:
        began = time.monotonic()
        for number in range(300):
            connection.request("GET", f"/jinan/catalog/index?page={number % 5 + 1}")
            connection.getresponse().read()
        return time.monotonic() - began

    assert min(seconds() for _ in range(3)) < 1  # the best of three: other tests may run beside this one
    connection.close()


def test_the_command_serves_and_says_how_to_crawl() -> None:
    command = [sys.executable, "-m", "tests.replica", "--port", "0", "--portals", "guiyang,jinan", "--datasets", "20"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        lines = [process.stdout.readline() for _ in range(4)]
        url = re.search(r"scrapy crawl jinan -a base_url=(\S+)", "".join(lines))
        assert url
        assert fetch(f"{url[1]}/jinan/catalog/index?page=2")[0] == 200
    finally:
        process.terminate()
        process.communicate(timeout=10)


def unknown_family() -> Portal:
    """A portal of the register whose family has no module."""
    return next(portal for portal in load().portals.values() if not (FAMILIES / f"{portal.family}.py").exists())


@pytest.mark.parametrize(
    ("slug", "said"),
    [(unknown_family().slug, unknown_family().family), ("nowhere_at_all", "nowhere_at_all")],
)
def test_the_command_says_which_portal_it_cannot_play(slug: str, said: str) -> None:
    result = CliRunner().invoke(main, ["--portals", slug])
    assert result.exit_code == 2
    assert said in result.output


def test_the_command_says_that_a_port_is_taken() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        result = CliRunner().invoke(main, ["--port", str(taken.getsockname()[1]), "--datasets", "9"])
    assert result.exit_code == 1
    assert "--port 0" in result.output
