"""The header of a table, whatever stands above it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opendata_spiders.files.parse.file_reading import read

BUS = ("线路", "站点", "首班车", "配车数")
ROWS = ["1路,火车站,06:30,12", "2路,大十字,06:40,8", "3路,花果园,06:00,31", "4路,,06:10,-"]


def columns(*lines: str) -> tuple[str, ...]:
    return read("\r\n".join(lines).encode("gb18030"), "csv").columns


@pytest.mark.parametrize(
    "above",
    [
        [],
        ["全市公交线路一览,,,"],
        ["全市公交线路一览,,,", "填报单位：市交通委,统计日期：2026年10月31日,,"],
        ["填报单位：市交通委,填报人：赵,电话：0851-1234567,日期：2026-10-31"],
        ["填报单位：,市交通委,统计日期：,2026年10月31日"],
        ["填报单位,市交通委,统计日期,2026年10月31日"],
        ["本表由市交通委编制,数据截至十月底,不含郊区线路,仅供参考"],
        ['"说明：一、本表按季更新；二、如有疑问，请联系市交通委。"'],
        [",,,单位：辆"],
        ["（一）,（二）,（三）,（四）"],
        ["version,2.0,,", ""],
        [f"说明{number}：第{number}条" for number in range(15)],
        ["xl,zd,sbc,pcs"],
    ],
    ids=str,
)
def test_what_stands_above_the_header_is_none(above):
    assert columns(*above, ",".join(BUS), *ROWS) == BUS


@pytest.mark.parametrize(
    ("lines", "header"),
    [
        (["全市人口（万人）", "区县,2021,2022,2023", "云岩,96,97,98", "南明,80,81,82"], ("区县", "2021", "2022", "2023")),
        (["区县,人口,,产值,", ",总数,城镇,总额,增速", "云岩,1,2,3,4", "南明,1,2,3,5"], ("区县", "总数", "城镇", "总额", "增速")),
        (["区县,2024年,,2025年,", ",男,女,男,女", "云岩,1,2,3,4", "南明,1,2,3,5"],
         ("区县", "2024年 男", "2024年 女", "2025年 男", "2025年 女")),
        (["名称,数量,金额", ",个,万元", "甲,1,2.5", "乙,2,3.5"], ("名称", "数量", "金额")),
        (["名称,数量", "甲,停用", "乙,2", "丙,3"], ("名称", "数量")),
        (["名称,数量,金额", "甲,不详,-", "乙,2,3", "丙,3,4"], ("名称", "数量", "金额")),
        (["名称,地址", "甲,中华路", "乙,延安路"], ("名称", "地址")),
        (["名称：,数量：", "甲,1", "乙,2"], ("名称：", "数量：")),
        (["时间,事项", "10:30,会议：防汛", "11:30,会议：供水"], ("时间", "事项")),
        (["编号,,名称", "1,,甲", "2,,乙"], ("编号", "", "名称")),
        (["名称,数量", "甲,1", "乙,2", "注：由市统计局提供", "制表：张,审核：李"], ("名称", "数量")),
        (["地区,2021,2022", "甲,1,2", "合计,不详,不详", "乙,3,4"], ("地区", "2021", "2022")),
        (["填报单位：市交通委,填报日期：2026-10-31"], ()),
    ],
    ids=str,
)  # fmt: skip
def test_headers_of_every_kind(lines, header):
    assert columns(*lines) == header


def test_a_date_in_the_notes_does_not_move_the_header():
    notes = [f"填报日期：2026年11月{day}日,制表人：王,," for day in (11, 30)]
    first, second = ("\n".join((note, ",".join(BUS), *ROWS)) for note in notes)
    assert read(first.encode(), "csv").columns == read(second.encode(), "csv").columns == BUS


WORDS = st.text("统计交通名称区县数量金额备注说明编制单位", min_size=2, max_size=8)
NOTES = st.one_of(
    WORDS,
    st.tuples(WORDS, WORDS).map("：".join),
    st.lists(st.tuples(WORDS, WORDS).map("：".join), min_size=2, max_size=5).map(",".join),
    st.lists(WORDS, min_size=5, max_size=5, unique=True).map(",".join),
)


@given(st.lists(NOTES, max_size=6), st.integers(2, 40))
@settings(derandomize=True, deadline=None)
def test_the_header_is_the_last_row_of_names_above_the_data(above, rows):
    header = ("编号", "街道", "人口", "户数", "面积")
    data = [f"{number},街道{number},{number * 31},{number * 7},{number / 4}" for number in range(1, rows + 1)]
    assert columns(*above, ",".join(header), *data) == header
