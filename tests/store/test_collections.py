import re
from pathlib import Path

import pytest

from alerts.model.events import Severity
from opendata_spiders.store import collections
from opendata_spiders.store.connect import Store

ROOT = Path(__file__).parents[2]
USED = re.compile(
    r"""\bdb(?:\["(\w+)"\]|\.(\w+)\.(?:find|insert|update|replace|delete|bulk|count|distinct|aggregate))"""
)
NAMES = {*collections.OF_THE_CRAWL, *collections.OF_ALERTS}


def test_every_collection_that_is_used_is_named() -> None:
    sources = [path for room in ("opendata_spiders", "alerts") for path in (ROOT / room).rglob("*.py")]
    used = {item or attribute for path in sources for item, attribute in USED.findall(path.read_text("utf-8"))}
    assert used - NAMES == set()
    assert {"runs", "events", "deliveries", "datasets"} <= used


def test_the_events_that_are_shown_are_all_but_the_quiet_ones() -> None:
    assert set(collections.SHOWN["severity"]["$in"]) == {*Severity} - {Severity.QUIET}


def test_every_collection_is_explained() -> None:
    page = (ROOT / "docs" / "store.md").read_text("utf-8")
    explained = "\n".join(line for line in page.splitlines() if line.startswith("| `"))
    assert [name for name in NAMES if f"`{name}`" not in explained] == []


@pytest.mark.parametrize("which", [collections.OF_THE_CRAWL, collections.OF_ALERTS])
def test_making_them_twice_is_harmless(store: Store, which: collections.Indexes) -> None:
    for _ in range(2):
        collections.create(store.db, which)
    assert set(which) <= set(store.db.list_collection_names())
    for name, indexes in which.items():
        assert len(store.db[name].index_information()) == 1 + len(indexes)
