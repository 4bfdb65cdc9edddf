"""Which servers belong to a portal, however their address is written."""

import pytest
from twisted.internet.error import DNSLookupError

from opendata_spiders.fetching.addresses import host_group, is_local, literal, place_of
from opendata_spiders.fetching.resolver import checked
from opendata_spiders.loader import RegisterSpiderLoader

CITY = host_group(
    "g", "https://data.example-city.gov.cn", ["http://kf.example-city.gov.cn", "http://10.0.0.8", "http://intranet"]
)
PORTED = host_group("g", "http://124.165.206.18:25012")
REPLICA = host_group("g", "http://127.0.0.1:8099", ["https://data.example-city.gov.cn"])


@pytest.mark.parametrize("url", [
    "https://data.example-city.gov.cn/a?b=c", "http://data.example-city.gov.cn/", "https://www.data.example-city.gov.cn:443/x",
    "http://DATA.Example-City.gov.cn.:80/", "http://kf.example-city.gov.cn/", "https://kf.example-city.gov.cn/",
])  # fmt: skip
def test_within(url):
    assert CITY.holds(url)


@pytest.mark.parametrize("url", [
    "https://example-city.gov.cn/", "https://data.example-city.gov.cn.evil.cn/", "http://data.example-city.gov.cn:8080/",
    "http://10.0.0.8/", "http://intranet/", "http://127.0.0.1/", "http://2130706433/", "http://0x7f000001/", "http://0177.1/",
    "http://[::1]/", "http://[::ffff:127.0.0.1]/", "http://[fd00::1]/", "http://169.254.169.254/latest/meta-data",
    "http://data.example-city.gov.cn@127.0.0.1/", "http://data.example-city.gov.cn\\@127.0.0.1/", "http://127.0.0.1#@data.example-city.gov.cn/",
    "http://user:pw@data.example-city.gov.cn/", "ftp://data.example-city.gov.cn/", "file:///etc/passwd", "javascript:alert(1)",
    "http:///x", "http://data.example-city.gov.cn:0/", "http://data.example-city.gov.cn:99999/", "http://[half", "", "//data.example-city.gov.cn/",
    "http://data.example-city.gov.cn%2eevil.cn/",
])  # fmt: skip
def test_outside(url):
    assert not CITY.holds(url)


def test_another_port_is_another_server_unless_both_are_the_usual_ones():
    assert PORTED.holds("https://124.165.206.18:25012/x")
    assert not PORTED.holds("http://124.165.206.18/")
    assert not PORTED.holds("http://124.165.206.18:25013/")


def test_a_replica_is_that_port_alone():
    assert REPLICA.holds("http://127.0.0.1:8099/x")
    for url in (
        "http://127.0.0.1:8098/",
        "http://127.0.0.1/",
        "http://127.1:8099/",
        "http://localhost:8099/",
        "https://data.example-city.gov.cn/",
    ):
        assert not REPLICA.holds(url)


@pytest.mark.parametrize("host", [
    "127.0.0.1", "127.1", "2130706433", "0x7f.1", "017700000001", "10.9.8.7", "172.16.0.1", "192.168.1.1", "169.254.0.1", "100.64.0.1",
    "0.0.0.0", "224.0.0.1", "255.255.255.255", "::1", "fd12::1", "fe80::1", "::ffff:10.0.0.1", "2002:7f00:1::", "64:ff9b::10.0.0.1",
    "localhost", "a.localhost", "printer.local", "db.internal", "replica",
])  # fmt: skip
def test_near_us(host):
    assert is_local(host)


@pytest.mark.parametrize(
    "host", ["data.gov.cn", "124.165.206.18", "2606:4700::1111", "localhost.evil.cn", "127.0.0.1.nip.io"]
)
def test_of_the_public_network(host):
    assert not is_local(host)


@pytest.mark.parametrize(("url", "place"), [("http://A.cn", ("a.cn", 80)), ("https://a.cn.:8443/", ("a.cn", 8443)),
                                            ("http://[::1]:5/", ("::1", 5)), ("http://数据.cn/", ("xn--4gq85i.cn", 80))])  # fmt: skip
def test_place(url, place):
    if "数据" in url:
        place = ("数据.cn".encode("idna").decode(), 80)
    assert place_of(url) == place


@pytest.mark.parametrize(("name", "answer"), [("data.gov.cn", "124.165.206.18"), ("replica", "10.0.0.2"), ("localhost", "127.0.0.1"),
                                              ("127.0.0.1", "127.0.0.1"), ("data.gov.cn", "198.18.0.7")])  # fmt: skip
def test_answers_of_the_dns_that_are_taken(name, answer):
    assert checked(answer, name) == answer


@pytest.mark.parametrize("answer", ["127.0.0.1", "10.0.0.2", "192.168.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0"])
def test_a_public_name_never_stands_for_an_address_near_us(answer):
    with pytest.raises(DNSLookupError, match=answer):
        checked(answer, "rebound.gov.cn")


def test_portals_of_one_host_group_may_send_to_each_other():
    loader = RegisterSpiderLoader({})
    jinan = loader.load("jinan")()
    others = [one for one in loader.register.portals.values() if one.host_group == jinan.target.host_group]
    assert {one.base_url for one in others} == set(jinan.known_addresses)
    assert all(jinan.host_group.holds(f"{one.base_url}/x") for one in others)
    assert not loader.load("guiyang")().host_group.holds(others[0].base_url)


def test_literal_is_no_resolver():
    assert literal("data.gov.cn") is None
    assert literal("1.2.3.4.5") is None
