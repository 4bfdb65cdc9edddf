import pytest

from opendata_spiders.pages import records
from opendata_spiders.pages.contract import PageUnreachableError

KEYS = {"name": "title", "label": "tags", "updated": "updated"}


def test_a_missing_key_is_left_out_and_null_is_empty():
    assert records.values_of({"name": None, "label": ["a", 1], "other": "x"}, KEYS) == {"title": "", "tags": ["a", 1]}


def test_a_record_without_an_id_is_counted():
    entries = [{"id": 7, "name": "a"}, {"name": "b"}, "c", {"id": True}]
    page = records.list_page(entries, KEYS, "4", ["odd"])
    assert [(row.id, row.values, row.body) for row in page.rows] == [("7", {"title": "a"}, '{"id": 7, "name": "a"}')]
    assert (page.declared, page.without_id, page.oddities) == (4, 3, ("odd",))
    assert records.list_page([{"code": "x"}], KEYS, None, (), id_key="code").rows[0].id == "x"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"a": 1, "b": 2}, "the answer has no key 'data', only: a, b"),
        ({}, "the answer has no key 'data', only: nothing"),
        ({"data": None}, "the key 'data' holds null where a list is due"),
        ({"data": {}}, "the key 'data' holds a JSON dict where a list is due"),
    ],
)
def test_another_shape_is_named(answer, said):
    assert str(records.drifted("data", answer, "a list")) == said


def test_an_error_code_is_no_answer(answer):
    with pytest.raises(PageUnreachableError):
        records.answer_of(answer('{"code": 500}', header="application/json"), None)
    assert records.answer_of(answer('{"code": 200, "data": []}'), None) == ({"code": 200, "data": []}, ())
