"""JSON lists that are printed while they are read; tables on wide and narrow terminals."""

import json
from datetime import UTC, datetime

import pytest

from alerts.cli.output import print_json, print_json_list, print_table

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


EVENTS = (
    ("id", "at (Asia/Shanghai)", "event", "dataset"),
    [
        ["bb6216ad37b58ab05af50fdb", "2026-04-13 02:15", "dataset.removed", "青岛市高新区个体工商户注销统计表"],
        ["a0d6c6f9bc883292708d8af6", "2026-04-14 02:15", "city.stopped", None],
    ],
)


@pytest.mark.parametrize("wide", [40, 60, 80, 200])
def test_no_terminal_is_too_narrow_for_an_id_or_a_title(wide, monkeypatch, capsys):
    monkeypatch.setenv("FORCE_COLOR", "1")  # a terminal, to rich
    monkeypatch.setenv("COLUMNS", str(wide))
    print_table("Events", *EVENTS)
    shown = capsys.readouterr().out
    for row in EVENTS[1]:
        assert all(word in shown for value in row if value for word in value.split())
    assert ("─" in shown) is (wide == 200), "a table where it fits, else a paragraph a row"
    assert len(shown.splitlines()) < 14


def test_a_pipe_gets_a_table(capsys):
    print_table("Events", *EVENTS)
    assert "─" in capsys.readouterr().out
