"""A firewall that judges by the TLS handshake: passed where the portal's row names a browser, and nowhere else."""

import subprocess
import sys
from datetime import UTC, datetime
from ipaddress import ip_address
from urllib.parse import urlsplit

import pytest
from scrapy.http import Headers

from opendata_spiders.fetching.addresses import host_group
from opendata_spiders.fetching.impersonation import _check
from opendata_spiders.pages.contract import PageTooLargeError, PageUnreachableError
from opendata_spiders.store.models import Verdict
from tests.families.goldens import loader
from tests.replica import Replica, World
from tests.replica.__main__ import spec_of
from tests.replica.certificates import server_tls
from tests.replica.crawls import Task, crawl_all
from tests.replica.handshake_gate import handshake_gate

NOW = datetime(2026, 3, 2, 2, tzinfo=UTC)
SLUG = "shenzhen"


def test_a_server_that_wants_a_browsers_handshake_is_read_where_its_row_names_one():
    register = loader().register
    world = World([spec_of(register.get(SLUG), register, 40)], seed=5)
    with Replica(world, tls=server_tls()) as replica:
        parts = urlsplit(replica.url(SLUG))
        with handshake_gate(parts.port) as (url, seen):
            quick = {"RETRY_ENABLED": False}
            plain, browser = crawl_all(
                [Task(SLUG, url, quick), Task(SLUG, url, quick, arguments={"impersonate": "chrome"})], NOW
            )
    assert plain.verdict is Verdict.UNREACHABLE
    assert (browser.verdict, len(browser.titles)) == (Verdict.COMPLETE, 40), browser.reason
    assert {False, True} == set(seen)


def test_without_the_extra_the_reason_says_what_to_install(monkeypatch):
    code = (
        "import sys; sys.modules['scrapy_download_handlers_incubator'] = None\n"
        "from scrapy.utils.test import get_crawler\n"
        "from opendata_spiders.fetching.handler import PortalHandler\n"
        "handler = PortalHandler.__new__(PortalHandler); handler._impersonator = None; handler._crawler = None\n"
        "try: handler._as_browser()\n"
        "except Exception as error: print(type(error).__name__, error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "PageError" in done.stdout
    assert "pip install '.[impersonate]'" in done.stdout


class Answer:
    """What of a response is looked at."""

    def __init__(self, url, address, headers=b"Server: x"):
        self.url, self.ip_address, self.headers = url, ip_address(address), Headers({"X": headers})


def test_a_public_name_of_a_private_address_is_refused():
    with pytest.raises(PageUnreachableError, match="no address of the public network"):
        _check(Answer("https://data.example.cn:8443/list", "10.0.0.1"))
    _check(Answer("https://127.0.0.1:8443/list", "127.0.0.1"))
    _check(Answer("https://data.example.cn/list", "1.2.3.4"))


def test_long_headers_are_refused():
    with pytest.raises(PageTooLargeError, match="headers"):
        _check(Answer("https://data.example.cn/", "1.2.3.4", b"x" * 70_000))


@pytest.mark.parametrize("value", ["netscape", "yes"])
def test_the_argument_names_a_browser(value):
    with pytest.raises(ValueError, match=r"impersonate=.* is not one of chrome, edge, firefox, safari"):
        loader().spider_class(loader().register.get(SLUG))(impersonate=value)


def test_the_group_carries_the_browser_of_its_row():
    assert host_group("x", "https://data.example.cn", impersonate="chrome").impersonate == "chrome"
