import json
import random
from datetime import UTC, datetime

import bson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opendata_spiders.items import Resource
from opendata_spiders.store.content import (
    batches,
    canonical,
    digest,
    list_fingerprint,
    ordered,
    pack,
    read_canonical,
    storable,
    unpack,
    version_id,
)

hostile = st.text(st.characters(exclude_categories=()))
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | hostile
jsons = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(hostile, inner), max_leaves=20)
contents = st.fixed_dictionaries(
    {"title": hostile, "office": hostile},
    optional={
        "tags": st.lists(hostile),
        "resources": st.lists(st.dictionaries(st.sampled_from(["name", "format", "id"]), hostile)),
        "description": scalars,
    },
)


def shuffled(values: dict, seed: int) -> dict:
    rng = random.Random(seed)
    names = rng.sample(sorted(values), len(values))
    return {
        name: rng.sample(values[name], len(values[name])) if isinstance(values[name], list) else values[name]
        for name in names
    }


@given(jsons)
def test_canonical_comes_back(value) -> None:
    assert read_canonical(canonical(value)) == value
    assert unpack(pack(canonical(value))) == canonical(value)


@given(contents, st.integers(0, 1000))
def test_order_of_fields_and_of_many_valued_lists_means_nothing(content, seed) -> None:
    other = shuffled(content, seed)
    assert version_id("p", "d", content) == version_id("p", "d", other)
    assert list_fingerprint(content) == list_fingerprint(other)
    assert canonical(ordered(content)) == canonical(ordered(other))


@given(contents, contents)
def test_different_content_has_a_different_id(one, other) -> None:
    same = canonical(ordered(one)) == canonical(ordered(other))
    assert (version_id("p", "d", one) == version_id("p", "d", other)) is same


def test_the_id_is_the_same_for_ever() -> None:
    """Stored ids must outlive every version of this code."""
    content = {"title": "道路名录", "tags": ["b", "a"], "updated": "2026-01-01", "views": "7"}
    assert canonical({"b": "道", "a": [1, None]}) == '{"a":[1,null],"b":"道"}'.encode()
    expected = digest(
        json.dumps(
            ["p", "d", {"tags": ["a", "b"], "title": "道路名录"}], ensure_ascii=False, separators=(",", ":")
        ).encode()
    )
    assert version_id("p", "d", content) == expected == "40ada74f9f52cf5f8642d2546f2874b8"
    assert list_fingerprint(content) == "55729cab978ddd8fce28a75b8a6a0ab0"


def test_roles_decide_what_is_hashed() -> None:
    base = {"title": "a"}
    assert version_id("p", "d", base | {"updated": "x", "rows": "1", "views": "2"}) == version_id("p", "d", base)
    assert version_id("p", "d", base) != version_id("p", "e", base) != version_id("q", "d", base)
    assert list_fingerprint(base | {"rows": "1", "views": "2"}) == list_fingerprint(base)
    assert list_fingerprint(base | {"updated": "x"}) != list_fingerprint(base)
    with pytest.raises(KeyError):
        version_id("p", "d", {"nonsense": 1})


def test_resources_are_sorted_as_whole_rows() -> None:
    rows = [{"name": "b", "format": "csv"}, {"name": "a", "format": "xls"}]
    assert (
        ordered({"resources": rows})["resources"]
        == [rows[0], rows[1]]
        == ordered({"resources": rows[::-1]})["resources"]
    )


@given(jsons)
def test_hostile_values_fit_a_document(value) -> None:
    encoded = bson.encode({"value": storable(value)})
    assert "value" in bson.decode(encoded)


def test_storable_keeps_what_it_can() -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    resource = {"name": "文件", "format": None, "id": None}
    assert storable({"a": (1, moment), "r": Resource("文件")}) == {"a": [1, moment], "r": resource}
    assert storable([2**70, "\ud800x", {"k\0": 1}, "\ud83d\ude00"]) == [str(2**70), "\ufffdx", {"k\ufffd": 1}, "😀"]
    deep: list = []
    for _ in range(200):
        deep = [deep]
    assert bson.encode({"deep": storable(deep)})


def test_batches() -> None:
    assert list(batches(range(5), 2)) == [[0, 1], [2, 3], [4]]
    assert list(batches([], 2)) == []
