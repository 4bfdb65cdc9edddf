"""Spider arguments: what points where, and what is refused in one sentence."""

import pytest

from opendata_spiders.crawl.extractor import epoch_of
from opendata_spiders.crawl.target import SpiderArgumentError, target_from_arguments
from opendata_spiders.families.gddata import GddataSpider
from opendata_spiders.fetching.addresses import is_loopback
from opendata_spiders.register import load

REGISTER = load()


def target(slug="jinan", **arguments):
    return target_from_arguments(REGISTER.get(slug), REGISTER.get(slug).family, arguments)


def test_a_row_points_at_its_own_address():
    jinan = target()
    assert (jinan.base_url, jinan.context_path, jinan.portal_id) == ("http://data.jinan.gov.cn", "/jinan", "370100.1")


@pytest.mark.parametrize("url", ["http://127.0.0.1:8099", "http://127.0.0.1:8099/", "http://127.0.0.1:8099/jinan/"])
def test_the_same_portal_at_another_address(url):
    assert (target(base_url=url).base_url, target(base_url=url).context_path) == ("http://127.0.0.1:8099", "/jinan")


def test_a_replica_is_the_same_epoch_a_new_host_is_another():
    epoch = target().epoch("inspur_oportal", 1)
    assert target(base_url="http://127.0.0.1:1").epoch("inspur_oportal", 1) == epoch
    assert target(base_url="http://localhost:2").epoch("inspur_oportal", 1) == epoch
    assert target(base_url="https://new.jinan.gov.cn").epoch("inspur_oportal", 1) != epoch
    assert target().epoch("inspur_oportal", 2) != epoch
    assert target().epoch("inspur_oportal_v2", 1) != epoch


def test_a_newer_family_continues_the_epoch_of_the_one_whose_ids_it_keeps():
    class Newer(GddataSpider):
        family = "gddata_v2"

    class Continuing(Newer):
        ids_of = "gddata"

    at = {"slug": "x", "base_url": "https://data.example.gov.cn"}
    old, continuing, newer = (
        epoch_of(made, made.target) for made in (GddataSpider(**at), Continuing(**at), Newer(**at))
    )
    assert old == continuing != newer


def test_a_portal_the_register_does_not_know():
    given = {
        "slug": "atlantis",
        "base_url": "https://data.atlantis.gov.cn",
        "context_path": "/oportal",
        "tenant": "a=1&b=",
    }
    unknown = target_from_arguments(None, "inspur_oportal", given)
    assert (unknown.portal_id, unknown.tenant) == ("x.atlantis", {"a": "1", "b": ""})


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ({"base_url": "ftp://x"}, "base_url"),
        ({"base_url": "http://x/?a=1"}, "base_url"),
        ({"base_url": "127.0.0.1:80"}, "base_url"),
        ({"context_path": "oportal"}, "context_path"),
        ({"tenant": "nonsense"}, "tenant"),
        ({"timezone": "Mars/Base"}, "timezone"),
        ({"charset": "klingon"}, "charset"),
        ({"bas_url": "http://x"}, "bas_url"),
    ],
)
def test_nonsense_is_refused_by_name(arguments, word):
    with pytest.raises(SpiderArgumentError, match=word):
        target(**arguments)


@pytest.mark.parametrize(
    "arguments", [{}, {"slug": "a"}, {"base_url": "http://x"}, {"slug": "Á", "base_url": "http://x"}]
)
def test_a_family_alone_is_no_portal(arguments):
    with pytest.raises(SpiderArgumentError, match=r"slug|base_url"):
        target_from_arguments(None, "inspur_oportal", arguments)


def test_a_slug_that_contradicts_the_row_is_refused():
    row = REGISTER.get("jinan")
    with pytest.raises(SpiderArgumentError, match="contradicts"):
        target_from_arguments(row, row.family, {"slug": "qingdao"})


def test_only_addresses_of_this_machine_are_loopback():
    assert all(map(is_loopback, ["http://127.0.0.1:1", "http://127.9.9.9", "http://[::1]:5", "http://localhost"]))
    assert not any(
        map(is_loopback, ["http://localhost.evil.cn", "http://10.0.0.1", "http://127.0.0.1.nip.io", "http://x"])
    )
