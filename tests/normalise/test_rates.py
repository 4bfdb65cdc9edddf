"""`python -m opendata_spiders.normalise` over catalogues as somebody might have them."""

import json

import pytest
from click.testing import CliRunner

from opendata_spiders.normalise.__main__ import main

NIGHT = {"WATCH_NOW": "2026-11-23T02:15:00+08:00"}
ROWS = [
    {"标题": "名录", "更新周期": "每年", "开放条件": "无条件共享", "更新时间": "2023-6-16", "领域": "教育文化"},
    {"标题": "小学", "更新周期": "充电器", "开放条件": "", "更新时间": "2023年第二季度", "领域": "教育文化"},
    {"标题": "小学", "更新周期": "充电器", "开放条件": None, "更新时间": "", "领域": "其他"},
]
COLUMNS = ("标题=title", "更新周期=frequency", "开放条件=open_type", "更新时间=updated", "领域=theme")


def run(body, *args, **env):
    return CliRunner().invoke(main, args, input=body, env={**NIGHT, **env})


def measured(body, *args):
    done = run(body, "-", *args, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.output)


def lines(rows):
    return "\n".join(json.dumps(row, ensure_ascii=False) for row in rows).encode()


def test_rates_count_what_says_something_and_list_what_is_odd():
    found = measured(lines(ROWS), *COLUMNS)
    fields = found["fields"]
    assert found["rows"] == 3
    assert {name: (one["filled"], one["understood"]) for name, one in fields.items()} == {
        "frequency": (3, 1),
        "open_type": (1, 1),
        "updated": (2, 1),
        "theme": (2, 1),
    }
    assert fields["frequency"]["odd"] == [{"text": "充电器", "finding": "field.frequency_unknown", "count": 2}]
    assert fields["open_type"]["odd"] == [{"text": "无条件共享", "finding": "field.open_type_sharing", "count": 1}]
    assert fields["theme"]["odd"] == [{"text": "教育文化", "finding": "field.theme_undecided", "count": 1}]
    assert fields["frequency"]["share"] == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    "body",
    [
        lines(ROWS),
        json.dumps(ROWS).encode(),
        "更新周期,页\n每年,1\n充电器,2\n充电器,3\n".encode("utf-8-sig"),
        "更新周期,页\n每年,1\n充电器,2\n充电器,3\n".encode("gb18030"),
    ],
    ids=["json lines", "a json list", "csv", "csv in gbk"],
)
def test_every_way_of_keeping_a_catalogue(body):
    field = measured(body, "更新周期=frequency")["fields"]["frequency"]
    assert (field["filled"], field["understood"]) == (3, 1)


def test_codes_are_read_by_their_family_and_columns_by_their_own_name():
    body = b"frequency\n5\n"
    assert measured(body)["fields"]["frequency"]["understood"] == 0
    assert measured(body, "--family", "gddata")["fields"]["frequency"]["understood"] == 1


def test_for_people_a_table_that_no_string_can_colour():
    done = run(lines([{"frequency": "[red]充电器[/red]\x1b[31m"}]), "-")
    assert done.exit_code == 0
    assert "0.0%" in done.output
    assert "[red]充电器[/red]" in done.output
    assert "\x1b" not in done.output


@pytest.mark.parametrize(
    ("body", "args", "said"),
    [
        (b"a,b\n1,2\n", (), "say what the columns hold, as COLUMN=FIELD; the file has: a, b"),
        (b"a,b\n1,2\n", ("c=frequency",), "the file has no column 'c', only: a, b"),
        (b"a,b\n1,2\n", ("a=colour",), "'a=colour' is not COLUMN=FIELD"),
        (b'{"a": 1}\n{"a":\n', ("a=frequency",), "line 2 is no JSON"),
        (b'{"a": 1}\n[1]\n', ("a=frequency",), "line 2 holds something else than objects"),
        (b"\xff\xff", (), "neither UTF-8 nor GB 18030"),
        (b"frequency\n1\n", ("--zone", "Nowhere"), "no zone is called 'Nowhere'"),
    ],
)
def test_what_cannot_be_measured_says_what_to_do(body, args, said):
    done = run(body, "-", *args)
    assert done.exit_code != 0
    assert said in done.output
