"""The links of a page tell the shape of a dataset's page."""

import pytest

from opendata_spiders.healing.dataset_links import DatasetLinks
from tests.healing.known import datasets

BASE = "https://data.example.gov.cn"
KNOWN = datasets(6)
IDS = [(one, f"4/{place}") for place, one in enumerate(KNOWN, 11)]


@pytest.mark.parametrize(("written", "shape"), [
    ("/d?id={quoted}", "/d?id={id}"),
    ("/#/d/{id}/view", "/#/d/{id}/view"),
    ("/d?a={braces}&id={quoted}", "/d?a={{x}}&id={id}"),
    ("/d?id=1{quoted}", ""),
])  # fmt: skip
def test_the_shape_is_that_of_all_links(written: str, shape: str):
    links = [
        (known.title, BASE + written.format(id=id_, quoted=id_.replace("/", "%2F"), braces="{x}")) for known, id_ in IDS
    ]
    found = DatasetLinks(((" ", f"{BASE}/"), ("首页", f"{BASE}/index"), *links))
    assert found.human_page(IDS, BASE) == shape
    assert found.of(KNOWN[0]) == links[0][1]


def test_links_of_several_shapes_or_of_other_hosts_tell_nothing():
    mixed = DatasetLinks(tuple((known.title, f"{BASE}/{place % 2}?id={id_}") for place, (known, id_) in enumerate(IDS)))
    elsewhere = DatasetLinks(tuple((known.title, f"https://other.example/?id={id_}") for known, id_ in IDS))
    assert mixed.human_page(IDS, BASE) == elsewhere.human_page(IDS, BASE) == DatasetLinks().human_page(IDS, BASE) == ""
