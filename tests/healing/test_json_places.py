"""Where lists, entries and counts lie in an answer, as paths by which a declaration finds them again."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from opendata_spiders.healing.json_places import last_key, leaves, numbers, object_lists, objects
from opendata_spiders.pages.json_values import search

ROWS = [{"a": 1}, {"a": 2}]


def found(answer) -> dict[tuple[str, str], int]:
    return {(one.inside, one.rows): len(one.entries) for one in object_lists(answer)}


def test_lists_of_objects_are_found_at_any_depth():
    answer = {"code": 200, "data": {"page": {"list": ROWS}, "menu": ["a"], "empty": [], "odd key": [{"b": 1}]}}
    assert found(answer) == {("", "data.page.list"): 2, ("", 'data."odd key"'): 1}
    assert all(search(one.rows, one.holder) == list(one.entries) for one in object_lists(answer))


def test_json_inside_a_text_is_opened():
    answer = {"data": json.dumps({"list": ROWS, "total": 2}), "note": "{no json at all, but long enough}"}
    assert found(answer) == {("data", "list"): 2}


def test_what_is_no_object_holds_no_list():
    assert found([ROWS]) == found("x") == found(None) == {}


def test_values_are_found_within_an_entry():
    entry = {
        "t": "a",
        "org": {"name": "b", "no": None},
        "files": [{"fmt": "csv"}, {"fmt": "xls", "of": {}}],
        "tags": ["x"],
    }
    read = leaves(entry)
    assert read == {
        "t": "a", "org.name": "b", "org.no": None, "files[].fmt": ["csv", "xls"], "files[0].fmt": "csv", "tags": ["x"],
    }  # fmt: skip
    assert all(search(path, entry) == value for path, value in read.items())


@settings(max_examples=40)
@given(st.dictionaries(st.text(min_size=1), st.dictionaries(st.text(min_size=1), st.text() | st.integers())))
def test_every_path_leads_back_to_its_value_whatever_keys_are_called(entry: dict[str, dict[str, object]]):
    assert {path: search(path, entry) for path in leaves(entry)} == dict(leaves(entry))


def test_counts_are_read_outside_the_list():
    holder = {"data": {"list": [{"n": 5}], "total": "共 64 条", "pages": 7, "ok": True}, "took": 0.5}
    assert numbers(holder, "data.list") == {"data.total": 64, "data.pages": 7}


def test_objects_come_from_the_outside_in():
    assert [path for path, _ in objects({"data": {"info": {"a": 1}}})] == ["", "data", "data.info"]


def test_the_innermost_key_is_the_one_that_has_a_meaning():
    assert [last_key(path) for path in ("a.b", "files[].fmt", 'x."更新 时间"')] == ["b", "fmt", "更新 时间"]
