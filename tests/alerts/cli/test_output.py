"""JSON lists that are printed while they are read."""

import json
from datetime import UTC, datetime

import pytest

from alerts.cli.output import print_json, print_json_list

ROWS = [{"a": [1, {"b": "两行\n\x1b[1m"}]}, {}, "text", None, datetime(2026, 3, 1, tzinfo=UTC), []]


@pytest.mark.parametrize("rows", [[], ROWS[:1], ROWS])
def test_a_list_that_is_printed_element_by_element_is_the_same_document(rows, capsys):
    print_json(rows)
    whole = capsys.readouterr().out
    print_json_list(iter(rows))
    listed = capsys.readouterr().out
    assert json.loads(listed) == json.loads(whole)
    assert len(json.loads(whole)) == len(rows)
    assert len(listed.splitlines()) == (len(rows) + 2 if rows else 1), "each element has a line of its own"


def test_an_element_is_printed_before_the_next_is_read(capsys):
    def rows():
        for number in range(3):
            assert capsys.readouterr().out.count("row") == min(number, 1), "what came before is printed already"
            yield f"row {number}"

    print_json_list(rows())
