"""The shard keys of docs/cluster.md fit the indexes and the writes of the code; no router was there to run it with."""

import re
from pathlib import Path

from opendata_spiders.store import collections

ROOT = Path(__file__).parents[2]
INDEXES = {**collections.OF_THE_CRAWL, **collections.OF_ALERTS}
SHARDED = dict(
    re.findall(r'sh\.shardCollection\("opendata\.(\w+)", \{(\w+): ', (ROOT / "docs" / "cluster.md").read_text("utf-8"))
)
SOURCES = [path.read_text("utf-8") for room in ("opendata_spiders", "alerts") for path in (ROOT / room).rglob("*.py")]


def test_each_sharded_collection_is_one_of_ours() -> None:
    assert SHARDED
    assert SHARDED.keys() <= INDEXES.keys()


def test_unique_indexes_of_sharded_collections_begin_with_the_shard_key() -> None:
    for name, key in SHARDED.items():
        for index in INDEXES[name]:
            first = next(iter(index.document["key"]))
            assert not index.document.get("unique") or first == key, f"{name}: unique by {first}, sharded by {key}"


def test_single_documents_of_sharded_collections_are_changed_by_id_alone() -> None:
    change = re.compile(
        r'\.(?:db\.|db\[")?(\w+)(?:"\])?\.(?:update_one|replace_one|find_one_and_\w+|delete_one)\(\s*(\{[^}]*\}|\w+)'
    )
    found = [(name, wanted) for source in SOURCES for name, wanted in change.findall(source) if name in SHARDED]
    assert found
    assert [(name, wanted) for name, wanted in found if '"_id"' not in wanted] == []
    assert "runs" not in {name for name, _ in found}, "a run is inserted and never changed"


def test_nothing_joins_collections_on_the_server() -> None:
    assert [
        word for source in SOURCES for word in ("$lookup", "$graphLookup", "$out", "$merge") if word in source
    ] == []
