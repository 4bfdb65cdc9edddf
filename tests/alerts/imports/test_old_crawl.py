"""Rows of a file, columns to fields, and the portal that a file fits."""

from datetime import UTC, datetime

import pytest

from alerts.imports.file_rows import file_rows
from alerts.imports.limits import ImportRefusedError, limits
from alerts.imports.old_crawl import OldCrawl, columns_of, portal_of_file, read_crawl, refuse_other
from opendata_spiders.register import packaged

REGISTER = packaged()
GUIYANG = REGISTER.get("guiyang")
AS_OF = datetime(2023, 7, 1, tzinfo=UTC)
GOOD = "标题,提供方,更新时间,详情页网址\n学校名录,教育局,2023-05-01,https://data.guizhou.gov.cn/a?id=1\n"


def crawl(content: str | bytes, **given: str) -> OldCrawl:
    rows = file_rows(content.encode() if isinstance(content, str) else content)
    columns, unread = columns_of(rows, given)
    return read_crawl(rows, GUIYANG, AS_OF, columns, unread)


def test_csv_and_json_lines_are_read_alike() -> None:
    lines = '{"标题": "学校名录", "提供方": "教育局", "更新时间": "2023-05-01", "详情页网址": "https://data.guizhou.gov.cn/a?id=1"}\n'
    one, other = crawl(GOOD), crawl(lines)
    assert one.entries == other.entries
    assert one.columns == {"标题": "title", "提供方": "office", "更新时间": "updated", "详情页网址": "page_url"}
    assert one.entries[0].clocks == {"updated": "2023-05-01"}
    assert one.versions[0].content == {"title": "学校名录", "office": "教育局"}
    assert crawl(GOOD.encode("gb18030")).entries == one.entries


def test_imported_content_never_shares_an_address_with_our_own() -> None:
    (version,) = crawl(GOOD).versions
    assert (version.portal, version.family) == (f"{GUIYANG.id}@20230701", "import")


def test_columns_are_given_or_known_and_the_others_are_named() -> None:
    rows = file_rows("题目,标题,颜色,更新日期,最后更新\n甲,乙,红,2023-01-02,2023-01-03\n".encode())
    assert columns_of(rows, {}) == ({"标题": "title", "更新日期": "updated"}, ("题目", "颜色", "最后更新"))
    given, unread = columns_of(rows, {"题目": "title", "最后更新": "updated"})
    assert (given, unread) == ({"题目": "title", "最后更新": "updated"}, ("标题", "颜色", "更新日期"))


@pytest.mark.parametrize(
    ("given", "said"), [({"没有": "title"}, "no column '没有'"), ({"题目": "titel"}, "no field 'titel'"), ({}, "--map")]
)
def test_a_mapping_that_fits_nothing_is_refused(given: dict[str, str], said: str) -> None:
    with pytest.raises(ImportRefusedError, match=said):
        columns_of(file_rows("题目\n甲\n".encode()), given)


def test_bad_rows_are_named_by_line_and_field_and_stop_no_other() -> None:
    told = crawl(
        "id,标题,更新时间,发布时间\n1,甲,2023-05-01,\n,乙,2023-05-01,\n2,,2023-05-01,\n1,丙,,\n3,丁\n4,戊,待定日期1,2022-01-01\n"
    )
    assert [entry.id for entry in told.entries] == ["1", "4"]
    assert told.faults == [
        "line 3, id: empty",
        "line 4, title: empty",
        "line 5, id: the same as on line 2",
        "line 6, the whole row: 2 cells under a header of 4",
        "line 7, updated: no date that can be read; the row is taken without it",
    ]
    assert (told.bad, told.odd) == (4, 1)
    assert told.entries[1].clocks["updated"] == "待定日期1", "the raw value is kept"


def test_bad_lines_of_json() -> None:
    told = crawl('{"title": "甲", "id": 1}\n{"title": \n[1]\n{"title": "乙", "id": 2}\n')
    assert [entry.id for entry in told.entries] == ["1", "2"]
    assert [fault.partition(":")[0] for fault in told.faults] == ["line 2, the whole row", "line 3, the whole row"]


def test_many_bad_rows_are_counted_and_few_named() -> None:
    told = crawl("id,标题\n1,甲\n" + ",乙\n" * 100)
    assert (told.bad, len(told.faults)) == (100, limits().faults)


def test_without_an_id_the_title_and_office_tell_datasets_apart() -> None:
    told = crawl("标题,提供方\n甲,教育局\n甲,卫生局\n甲,教育局\n")
    assert (told.keyed_by, len(told.entries), told.bad) == ("title and office", 2, 1)


@pytest.mark.parametrize("content", ["", "\n\n", "标题\n", "标题,标题\n甲,乙\n", "id,标题\n,甲\n"])
def test_a_file_of_which_nothing_can_be_taken_is_refused(content: str) -> None:
    with pytest.raises(ImportRefusedError):
        crawl(content)


def portal(content: str) -> str:
    rows = file_rows(content.encode())
    return portal_of_file(REGISTER, rows, columns_of(rows, {})[0]).slug


def test_the_portal_is_that_on_whose_servers_the_pages_lie() -> None:
    assert (
        portal("标题,url\n甲,http://data.yinchuan.gov.cn/odweb/x?id=1\n乙,http://data.yinchuan.gov.cn/y\n")
        == "yinchuan"
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("标题,url\n甲,https://data.nowhere.example/1\n", "of no portal we know"),
        ("标题,url\n甲,https://data.guizhou.gov.cn/1\n", "of several portals"),
        ("标题\n甲\n", "names no page"),
        ("标题,url\n甲,javascript:alert(1)\n", "names no page"),
    ],
)
def test_a_file_that_fits_no_portal_is_refused(content: str, said: str) -> None:
    with pytest.raises(ImportRefusedError, match=said):
        portal(content)


def test_a_file_of_another_portal_is_refused_even_if_one_is_named() -> None:
    rows = file_rows("标题,url\n甲,http://data.yinchuan.gov.cn/1\n".encode())
    columns, _ = columns_of(rows, {})
    refuse_other(REGISTER.get("yinchuan"), rows, columns)
    with pytest.raises(ImportRefusedError, match="--moved"):
        refuse_other(GUIYANG, rows, columns)


def test_whatever_a_row_holds_it_stops_no_other() -> None:
    odd = [
        '{"title": {"a": [1]}, "id": 1}', '{"title": ["甲", "乙"], "id": 2, "theme": ["交通", 3, null]}', '{"title": true, "id": 3}',
        '{"title": "半\\ud800", "id": 4}', '{"title": "长", "id": "%s"}' % ("x" * 2000), '{"title": "戊", "id": {"a": 1}}',
        '{"title": "己", "id": 5, "updated": [2023, 5, 1]}', '{"title": null, "id": 6}', '{"title": "庚", "id": "null"}',
    ]  # fmt: skip
    told = crawl("\n".join([*odd, '{"title": "好", "id": 9}']))
    assert told.entries[-1].id == "9"
    assert told.bad + len(told.entries) == len(odd) + 1
    assert {fault.partition(":")[0] for fault in told.faults} >= {"line 5, id", "line 8, title"}
