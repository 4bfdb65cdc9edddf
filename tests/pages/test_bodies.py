import pytest
from bson import encode
from hypothesis import given
from hypothesis import strategies as st

from opendata_spiders.pages import bodies
from opendata_spiders.pages.contract import PageBlockedError, PageDriftedError, PageError, PageUnreachableError

CHINESE = "清河市医疗机构执业许可证信息，含名称、地址、负责人与有效期。"
TRADITIONAL = "清河縣醫療機構開業執照資訊，含名稱、地址、負責人與有效期間。"


@pytest.mark.parametrize(
    ("charset", "text", "header"),
    [
        ("utf-8", CHINESE, "text/html;charset=utf-8"),
        ("utf-8", CHINESE, "text/html;charset=gbk"),
        ("utf-8", CHINESE, "text/html;charset=iso-8859-1"),
        ("utf-8-sig", CHINESE, None),
        ("gbk", CHINESE, "text/html;charset=utf-8"),
        ("gbk", CHINESE, "text/html;charset=gb2312"),
        ("gbk", CHINESE, "text/html;charset=iso-8859-1"),
        ("gbk", CHINESE, None),
        ("gb18030", CHINESE + "㐂𠀀", "text/html;charset=utf-8"),
        ("big5", TRADITIONAL, "text/html;charset=big5"),
        ("big5", TRADITIONAL * 4, "text/html;charset=utf-8"),
    ],
)
def test_the_bytes_win_over_the_header(answer, charset, text, header):
    assert bodies.decode(answer(text.encode(charset), header=header)).text == text


def test_the_registers_charset_wins_over_the_bytes(answer):
    gbk = answer(CHINESE.encode("gbk"), header="text/html;charset=utf-8")
    assert bodies.decode(gbk, "gb18030") == bodies.Text(CHINESE)
    assert bodies.decode(gbk, "utf-8").oddities == ("characters that are not utf-8 were replaced",)


def test_a_title_cut_inside_a_character_leaves_the_page_utf8(answer):
    body = CHINESE.encode()
    read = bodies.decode(answer(body[:30] + body[31:], header="text/html;charset=utf-8"))
    assert read.text.replace("\ufffd", "")[-15:] == CHINESE[-15:]
    assert read.oddities


def test_another_charset_than_declared_is_told(answer):
    read = bodies.decode(answer(CHINESE.encode("gbk"), header="text/html;charset=utf-8"))
    assert read.oddities == ("the body is gb18030 although utf-8 is declared",)


@given(st.binary(max_size=200), st.sampled_from([None, "utf-8", "gbk", "big5", "nonsense"]))
def test_any_bytes_decode(answer, body, declared):
    bodies.decode(answer(body, header=f"text/html;charset={declared}" if declared else None)).text.encode()


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (4120, 4120), ("4120", 4120), ("4,120", 4120), ("1,004,120", 1004120), ("4，120", 4120), (4120.0, 4120), (0, 0),
        ("共 4120 条", 4120), ("共找到 4,120 个数据目录", 4120), (" 31 ", 31),
    ],
)  # fmt: skip
def test_total(value, number):
    assert bodies.total(value) == (number, ())


@pytest.mark.parametrize(
    "value",
    [
        None, "", "若干", "4.1万", "4万", "约60", "近 60 条", "超过60条", "60+", "60余条", 4.5, True, False, "-1", -1, "12,34", "1/31",
        [31], {"n": 31}, "9" * 40,
    ],
)  # fmt: skip
def test_a_total_that_is_not_exact_is_none_and_told(value):
    number, oddities = bodies.total(value)
    assert number is None
    assert len(oddities) == 1


@pytest.mark.parametrize("code", [0, 200, "0", "200", None, ""])
def test_codes_that_are_fine(code):
    bodies.check_envelope({"code": code, "success": True})
    bodies.check_envelope({"code": code})


@pytest.mark.parametrize(
    ("envelope", "error"),
    [
        ({"code": 500, "message": "系统繁忙"}, PageUnreachableError),
        ({"code": "10001"}, PageUnreachableError),
        ({"success": False, "code": 0}, PageUnreachableError),
        ({"code": False}, PageUnreachableError),
        ({"code": 401}, PageBlockedError),
        ({"code": "403"}, PageBlockedError),
    ],
)
def test_error_codes_inside_a_200(envelope, error):
    with pytest.raises(error, match="inside HTTP 200"):
        bodies.check_envelope(envelope)


def test_the_portals_words_are_cut_and_cleaned():
    with pytest.raises(PageUnreachableError) as raised:
        bodies.check_envelope({"code": 500, "message": "服务\u0007异常\u202e" + "。" * 9999})
    assert str(raised.value).isprintable()
    assert len(str(raised.value)) < 200


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ('{"a": [1, 2', PageUnreachableError),
        ('{"a": "b', PageUnreachableError),
        ('{"a": [{"b": 1}', PageUnreachableError),
        ("", PageUnreachableError),
        ('{"a": 1} trailing', PageDriftedError),
        ("callback({})", PageDriftedError),
        ("[1]", PageDriftedError),
        ('"{}"', PageDriftedError),
        ('{"a": 1 "b": 2}', PageDriftedError),
        ("[" * 100_000, PageError),
    ],
)
def test_what_is_no_json_object(text, error):
    with pytest.raises(error):
        bodies.json_object(text)


def test_numbers_that_no_database_holds_stay_text():
    read = bodies.json_object('{"a": 9223372036854775808, "b": 1e999, "c": NaN, "d": -7, "e": 1.5}')
    assert read == {"a": "9223372036854775808", "b": "1e999", "c": "NaN", "d": -7, "e": 1.5}
    encode(read)
    read = bodies.json_object('{"a" :\n -1e+400, "b": [1E999,-9223372036854775809], "c": "1e999", "d": 0.5e3}')
    assert read == {"a": "-1e+400", "b": ["1E999", "-9223372036854775809"], "c": "1e999", "d": 500.0}
    assert bodies.json_value("1e999") == "1e999"


def test_evidence_is_text_however_deep_the_row_is_nested():
    assert (bodies.evidence("<li>"), bodies.evidence({"a": "公"})) == ("<li>", '{"a": "公"}')
    deep: list = []
    for _ in range(100_000):
        deep = [deep]
    assert bodies.evidence(deep).startswith("(nested deeper")


ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=20)


@given(ANY_TEXT)
def test_halves_of_surrogate_pairs_go_and_all_else_stays(text):
    cleaned = bodies.whole(text)
    cleaned.encode()
    if "\ufffd" not in cleaned:
        assert cleaned == text


@pytest.mark.parametrize("before", range(40))
@pytest.mark.parametrize("accents", [bodies.MOST_ACCENTS - 1, bodies.MOST_ACCENTS, bodies.MOST_ACCENTS + 1, 100])
def test_a_run_of_accents_is_cut_wherever_it_stands(before, accents):
    text = "公" * before + "\u0301" * accents + "共" * 50
    kept = "\u0301" * min(accents, bodies.MOST_ACCENTS)
    assert bodies.whole(text) == "公" * before + kept + "共" * 50


@pytest.mark.parametrize(
    ("value", "id_"), [(7, "7"), (" a ", "a"), ("", ""), (None, ""), (True, ""), ({}, ""), ([1], ""), (" ", "")]
)
def test_native_id(value, id_):
    assert bodies.native_id(value) == id_
