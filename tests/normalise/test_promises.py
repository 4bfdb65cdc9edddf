import csv
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opendata_spiders.normalise import frequency

TABLE = [
    ("UPDATE_CONT", "PT0S", (1, 2, 3), ["实时", "动态", "实时更新", "动态更新", "实时 (更新说明:暂无新业务数据产生)"]),
    ("HOURLY", "PT1H", (1, 2, 3), ["每小时", "小时级"]),
    ("DAILY", "P1D", (1, 2, 3), ["每日", "每天", "日", "按日", "每天更新", "数据每天更新一次"]),
    ("WEEKLY", "P1W", (7, 14, 21), ["每周", "周", "按周", "每星期"]),
    ("BIWEEKLY", "P14D", (14, 21, 28), ["每两周"]),
    ("MONTHLY_2", "P14D", (14, 21, 28), ["半月", "每半月"]),
    ("MONTHLY_3", "P10D", (10, 17, 24), ["每旬"]),
    ("MONTHLY", "P1M", (30, 44, 60), ["每月", "月", "每月更新", "按月", "月度定期更新"]),
    ("BIMONTHLY", "P2M", (60, 84, 108), ["每两月", "每两个月"]),
    ("QUARTERLY", "P3M", (90, 120, 150), ["每季度", "季度", "每季", "按季", "每3月", "Quarterly"]),
    ("ANNUAL_2", "P6M", (180, 210, 240), ["每半年", "半年", "每半年更新一次", "半年更新"]),
    (
        "ANNUAL",
        "P1Y",
        (365, 425, 455),
        [
            "每年",
            "年",
            "年度",
            "按年更新",
            "按年",
            "‘每年’",
            "每年更新一次",
            "每年一次",
            "每年度更新",
            "年度更新",
            "一年一次",
        ],
    ),
    ("BIENNIAL", "P2Y", (730, 785, 840), ["每两年", "两年", "每2年"]),
    ("TRIENNIAL", "P3Y", (1095, 1155, 1205), ["每三年", "每3年", "原则上3年一更新,不超过5年"]),
    ("QUINQUENNIAL", "P5Y", (1825, 1885, 1935), ["每五年", "每5年", "五年", "每五年一次"]),
    ("IRREG", None, (None, None, None), ["不定期", "不定期更新", "不定时更新", "根据业务不定期更新", "非实时更新"]),
    (
        "AS_NEEDED",
        None,
        (None, None, None),
        ["按需", "按需更新", "有数据更新时", "根据实际情况更新", "按时更新", "视情况"],
    ),
    ("NEVER", None, (None, None, None), ["不更新", "静态文件不更新", "已归档,不再更新", "归档不更新", "存档"]),
    ("NOT_PLANNED", None, (None, None, None), ["静态", "静态数据", "一次性"]),
    ("OTHER", None, (None, None, None), ["其他", "其它", "自定义更新", "长期", "用户自定义"]),
]
WORDS = [(word, code, iso, days) for code, iso, days, words in TABLE for word in words]


@pytest.mark.parametrize(("word", "code", "iso", "days"), WORDS)
def test_every_word_of_the_table(word, code, iso, days):
    promise = frequency(word)
    assert (promise.code, promise.iso, promise.finding) == (code, iso, None)
    assert (promise.due, promise.overdue, promise.delinquent) == days
    assert promise.word == word
    assert promise.realtime is (code == "UPDATE_CONT")


@pytest.mark.parametrize("raw", [None, "", "None", "null", "-", "/", "暂无", [], {}])
def test_nothing_promised_is_no_promise_and_never_real_time(raw):
    promise = frequency(raw, family="guizhou_api")
    assert (promise.code, promise.due, promise.realtime, promise.finding) == ("UNKNOWN", None, False, None)


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("每日和每年", "ANNUAL"),
        ("每日、每年", "ANNUAL"),
        ("月/季度", "QUARTERLY"),
        ("每月更新,每季度更新", "QUARTERLY"),
        ("企业信息不定期更新,监测数据每日更新", "IRREG"),
    ],
)
def test_of_several_periods_the_slowest_counts_and_is_flagged(word, code):
    assert (frequency(word).code, frequency(word).finding) == (code, "field.frequency_mixed")


@pytest.mark.parametrize("word", ["牲畜饲养", "无条件共享", "有条件开放", "依申请开放", "农业", "xlsx", "市场监管"])
def test_a_word_of_another_column_has_slid_in(word):
    assert (frequency(word).code, frequency(word).finding) == ("UNKNOWN", "field.frequency_shifted")


@pytest.mark.parametrize("word", ["充电器", "1", "07", "防汛人员信息", "3月", "有效期一年", "省级清单认领", "%%%"])
def test_a_word_without_a_period_is_unknown(word):
    assert (frequency(word).code, frequency(word).finding) == ("UNKNOWN", "field.frequency_unknown")


@pytest.mark.parametrize(("word", "code"), [("姣忔湀", "MONTHLY"), ("瀹炴椂", "UPDATE_CONT"), ("姣忓勾", "ANNUAL")])
def test_mojibake_is_taken_back_and_stated(word, code):
    assert (frequency(word).code, frequency(word).finding) == (code, "field.mojibake")


@pytest.mark.parametrize(
    "word", ["根据业务办理情况实时更新", "数据发生变化及时更新", "有变化随时更新", "如有变化,即时更新"]
)
def test_real_time_on_a_condition_is_as_needed(word):
    assert (frequency(word).code, frequency(word).realtime) == ("AS_NEEDED", False)


def table(name: str) -> list[dict[str, str]]:
    text = files("opendata_spiders.normalise").joinpath(f"{name}.csv").read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))


@pytest.mark.parametrize("row", table("frequency_codes"), ids=lambda row: f"{row['family']}={row['code']}")
def test_every_code_resolves_to_the_promise_of_its_word(row):
    promise = frequency(row["code"], family=row["family"])
    assert promise.code == frequency(row["word"]).code != "UNKNOWN"
    assert (promise.word, promise.finding) == (row["word"], None)


@pytest.mark.parametrize("row", table("frequency_words"), ids=lambda row: row["word"])
def test_every_word_of_the_list_is_read_as_written_there(row):
    assert (frequency(row["word"]).code, frequency(row["word"]).finding) == (row["code"], None)


@pytest.mark.parametrize(
    ("family", "raw", "code"),
    [
        ("guizhou_api", 0, "ANNUAL"),
        ("guizhou_api", 7, "OTHER"),
        ("gddata", "7", "ANNUAL"),
        ("gddata", 99, "OTHER"),
        ("exchange_gateway", "05", "ANNUAL"),
        ("exchange_gateway", "年", "ANNUAL"),
        ("zj_athena", 6, "ANNUAL"),
        ("zj_athena/taizhou_zj", 6, "ANNUAL"),
        ("zj_athena/yichang", 6, "IRREG"),
        ("zj_athena/yichang", 0, "DAILY"),
        ("wuhu_datagovops", "5", "ANNUAL_2"),
        ("suzhou_dii", "10", "MONTHLY_2"),
        ("chongqing_rop", "HALF_YEAR", "ANNUAL_2"),
        ("opendataweb_kfzy", "8", "BIENNIAL"),
        ("mianyang_jspx", 0.0, "UPDATE_CONT"),
    ],
)
def test_a_code_means_what_its_family_means_by_it(family, raw, code):
    assert frequency(raw, family=family).code == code


def test_a_code_without_its_family_is_never_guessed():
    assert {frequency(code).finding for code in range(10)} == {"field.frequency_unknown"}
    assert frequency("7", family="inspur_oportal").finding == "field.frequency_unknown"


def test_thresholds_grow_with_the_period():
    rows = [row for row in table("frequencies") if row["due"]]
    figures = [(float(row["days"]), int(row["due"]), int(row["overdue"]), int(row["delinquent"])) for row in rows]
    assert figures == sorted(figures)
    assert all(due < overdue < delinquent for _, due, overdue, delinquent in figures)


@given(st.sampled_from([word for word, *_ in WORDS]), st.sampled_from(["", " ", "\u3000", "‘", "”", "\t"]))
def test_blanks_and_quotes_change_nothing(word, noise):
    assert frequency(f"{noise}{word}{noise}").code == frequency(word).code
