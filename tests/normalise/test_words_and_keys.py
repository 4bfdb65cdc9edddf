import pytest
from hypothesis import given
from hypothesis import strategies as st

import opendata_spiders.normalise as n
from opendata_spiders.normalise import number, raw_text, second_key, sense, senses, text, title_key


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("4,120", 4120),
        ("97,528", 97528),
        ("1,204次", 1204),
        ("７６１", 761),
        ("7.61万", 76100),
        ("7.61万次", 76100),
        ("1.2亿条", 120000000),
        ("共12条", 12),
        (" 42 条 ", 42),
        ("0", 0),
        (0, 0),
        (581, 581),
        (10**18 - 1, 10**18 - 1),
        (10**18, None),
        (str(10**18), None),
        (12.0, 12),
        ("12.0", 12),
        ("38.131 KB", None),
        ("38.131", None),
        ("12MB", None),
        ("3/7", None),
        ("-1", None),
        (-1, None),
        (True, None),
        (float("inf"), None),
        (float("nan"), None),
        ("1,20", None),
        ("约百条", None),
        ("", None),
        (None, None),
        ("None", None),
        ("9" * 400, None),
        (10**400, None),
        ([3], 3),
        ({"a": 3}, None),
    ],
)
def test_number(raw, expected):
    assert number(raw) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("  银川市\u3000教职工\n统计 ", "银川市 教职工 统计"),
        ("a\x00b\x1b[31mc", "ab[31mc"),
        ("发票\u202egpj.exe", "发票gpj.exe"),
        ("\u2066x\u2069\u200b\ufeff", "x"),
        ("e\u0301", "é"),
        ("２０２３年", "２０２３年"),
        ("\ud800x", "x"),
        ("", None),
        ("   ", None),
        ("None", None),
        ("null", None),
        ("NULL", None),
        (None, None),
        ("无", "无"),
        ("-", "-"),
        (7, "7"),
        (7.0, "7"),
        (7.5, "7.5"),
        (float("nan"), None),
        (["教育", None, " 学校 "], "教育、学校"),
        ([], None),
        ({"a": 1}, None),
    ],
)
def test_text(raw, expected):
    assert text(raw) == expected


@given(st.text())
def test_text_is_safe_to_show_and_to_store(raw):
    shown = text(raw)
    assert shown is None or (shown.encode("utf-8") and shown == text(shown) and shown == " ".join(shown.split()))
    assert not {"\u202e", "\u2066", "\x00", "\x1b", "\n"} & set(shown or "")


def test_raw_text_keeps_what_was_written():
    assert raw_text(" 2023-6-16\n") == " 2023-6-16\n"
    assert raw_text({"year": 123, "month": 1}) == '{"month": 1, "year": 123}'
    assert raw_text(1686900000000) == "1686900000000"
    assert raw_text(None) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("物价总指数(上年=100）", "物价总指数（上年＝100)"),
        ("《企业 名录》", "企业名录"),
        ("PM2.5空气质量", "ｐｍ2.5 空气质量"),
        ("【2023】年报", "2023年报"),
    ],
)
def test_spellings_of_one_title_share_a_key(one, other):
    assert title_key(one) == title_key(other)
    assert second_key(one, "市统计局") == second_key(other, "市统计局")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2022年企业名录", "2023年企业名录"),
        ("公司信息_2020年上半年", "公司信息_2019年上半年"),
        ("邮政局所情况_1995", "邮政局所情况_1996"),
    ],
)
def test_digits_tell_titles_apart(one, other):
    assert title_key(one) != title_key(other)
    assert second_key(one, "市统计局") != second_key(other, "市统计局")


def test_the_office_is_part_of_the_second_key():
    assert second_key("行政处罚信息", "市公安局") != second_key("行政处罚信息", "市教育局")
    assert second_key("行政处罚信息", None) == second_key("行政处罚信息", "")
    assert len(second_key("行政处罚信息", None)) == 40


@given(st.text())
def test_a_title_key_is_its_own_key(title):
    assert title_key(title_key(title)) == title_key(title)


@given(st.text(alphabet="年报统计信息0123456789", max_size=12))
def test_a_title_key_keeps_every_digit(title):
    assert [char for char in title_key(title) if char.isdigit()] == [char for char in title if char.isdigit()]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("供水&排水“清单”", "供水&amp;amp;排水&ldquo;清单&#8221;"),
        ("<p>逐日&nbsp;降雨量</p>", "逐日降雨量"),
        ("&lt;b&gt;逐日&lt;/b&gt;降雨量。", "逐日降雨量"),
        ("降\u200b雨\ufeff量（毫米）；日报", "降雨量(毫米);日报"),
        ("ＣＳＶ ﹐ＸＬＳ", "csv,xls"),
        ("「甲」、『乙』", "\"甲\", '乙'"),
        (r"第一行\n第二行 \"引\" \u4ea4", '第一行 第二行 "引" 交'),
        ("2021—2022", "2021 ~ 2022"),
        ("20\u200d23年", "2023年"),
        ("甲\u3164\u2800乙\ufe0f", "甲乙"),
        ("a\r\n\tb", "a b"),
    ],
)
def test_two_notations_of_one_text_have_one_sense(one, other):
    assert sense(one) == sense(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2022年", "2023年"),
        ("1.5毫米", "15毫米"),
        ("12 34", "1234"),
        ("<5毫米", ">5毫米"),
        ("A+B", "AB"),
        ("5%", "5"),
        ("开放", "不开放"),
        ("數據", "数据"),
        ("…", ""),
    ],
)
def test_two_texts_have_two_senses(one, other):
    assert sense(one) != sense(other)


@given(st.text(max_size=60))
def test_a_sense_is_its_own_sense(written):
    assert sense(sense(written)) == sense(written)


@pytest.mark.parametrize(
    "joined",
    [
        "甲,乙；丙",
        "甲、乙|丙",
        "甲/乙\n丙",
        '["甲", "\\u4e59", "丙"]',
        ["丙", "甲,乙"],
        "甲&#44;乙;丙",
        ("丙", "乙", "甲", "甲"),
    ],
)
def test_a_joined_list_is_a_set(joined):
    assert senses(joined) == {"甲", "乙", "丙"}


def test_blanks_part_words_where_they_are_asked_to():
    assert senses("甲 乙&nbsp;丙", blanks=True) == {"甲", "乙", "丙"}
    assert senses(None) == senses("[") - {"["} == frozenset()


@pytest.mark.parametrize(
    "nasty", ["<" * 200_000, "&amp;" * 100_000, "<a" * 100_000 + ">" * 100_000, "[" * 100_000, "1-" * 100_000]
)
def test_a_nasty_text_has_a_sense_too(nasty):
    assert isinstance(sense(nasty), str)
    assert isinstance(senses(nasty), frozenset)


@pytest.mark.parametrize("word", ["每月&nbsp;", "<b>每月</b>", "每&#x6708;", "&amp;nbsp;每月"])
def test_a_vocabulary_is_read_through_markup(word):
    assert n.frequency(word).code == n.frequency("每月").code
    assert n.formats(f"csv&nbsp;,{word}")[0] == "csv"
