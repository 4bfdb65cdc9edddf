"""What array of a page's answers is the catalogue: by words and values, whatever the keys are called."""

import json
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opendata_spiders.declared.answers import Answer
from opendata_spiders.rendered.answers import opened
from opendata_spiders.rendered.recognition import Recognition, Weak, recognise
from opendata_spiders.rendered.replaying import SentRequest

NOW, TZ = datetime(2026, 11, 30, tzinfo=UTC), ZoneInfo("Asia/Shanghai")
OFFICES = ("市气象局", "市教育局", "市卫生健康委员会", "市公安局")
FREQUENCIES, OPEN_TYPES = ("每日", "每月", "每年"), ("无条件开放", "有条件开放")
TRUTH = [
    {
        "id": f"{i * 7919 % 100000:05d}ab{i:03d}", "title": f"第{i}类气象观测数据", "office": OFFICES[i % 4],
        "updated": f"2026-{1 + i % 9:02d}-{1 + i % 27:02d}", "frequency": FREQUENCIES[i % 3],
        "open_type": OPEN_TYPES[i % 2],
    }
    for i in range(10)
]  # fmt: skip
SPELLINGS = {
    "id": ("id", "cataId", "mlbh", "uuid", "resource_id", "数据集编号"),
    "title": ("title", "catalogName", "mlmc", "zymc", "RES_TITLE", "数据集名称"),
    "office": ("orgName", "ssbmmc", "dept_name", "publisher", "来源部门"),
    "updated": ("updateTime", "gxsj", "UPDATE_DATE", "lastModified", "更新时间"),
    "frequency": ("updateCycle", "gxpl", "update_frequency", "更新频率"),
    "open_type": ("openType", "kflx", "open_attr", "开放类型"),
}
NEWS = [
    {"id": i, "title": f"关于数据开放的第{i}号通知", "publishTime": "2026-05-01", "source": "市数据局"}
    for i in range(6)
]
MENU = [{"id": i, "name": f"栏目{i}", "path": f"/m/{i}", "children": []} for i in range(8)]
DEPARTMENTS = [{"id": i, "orgName": f"市第{i}局", "count": i * 3} for i in range(12)]


def answered(value: Any, *, url: str = "http://d.example/api/list", body: Any = None) -> SentRequest:
    sent = json.dumps(body) if body is not None else ""
    return SentRequest("POST" if sent else "GET", url, {}, sent, json.dumps(value, ensure_ascii=False))


DECOYS = (
    answered({"total": 6, "data": NEWS}, url="http://d.example/api/news?page=1"),
    answered({"data": MENU}, url="http://d.example/api/menu"),
    answered({"total": 12, "data": DEPARTMENTS}, url="http://d.example/api/org"),
)


def found(*exchanges: SentRequest, shown: str = "") -> Recognition:
    one = recognise(exchanges, now=NOW, tz=TZ, shown=shown)
    assert isinstance(one, Recognition), one
    return one


def read(one: Recognition, exchange: SentRequest) -> list[dict[str, Any]]:
    page = one.reader.read(Answer(json.dumps(opened(exchange.text), ensure_ascii=False)))
    return [{"id": row.id, **row.values} for row in page.rows]


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_whatever_the_keys_are_called_every_value_lies_in_its_field(data: st.DataObject) -> None:
    names = {field: data.draw(st.sampled_from(words)) for field, words in SPELLINGS.items()}
    noise = data.draw(
        st.dictionaries(st.from_regex(r"x[a-z]{2,6}[0-9]", fullmatch=True), st.integers() | st.text(), max_size=4)
    )
    entries = []
    for truth in TRUTH:
        pairs = [(names[field], value) for field, value in truth.items()] + list(noise.items())
        entries.append(dict(data.draw(st.permutations(pairs))))
    envelope = data.draw(st.sampled_from(["data", "result.records", "data.page.list", "obj.0.rows"]))
    answer: Any = entries
    for key in reversed(envelope.split(".")):
        answer = [answer] if key == "0" else {key: answer, **({"total": 57} if answer is entries else {})}
    catalogue = answered(answer, body={"pageNo": 1, "pageSize": 10})
    exchanges = data.draw(st.permutations([catalogue, *DECOYS]))
    one = found(*exchanges)
    assert exchanges[one.exchange] is catalogue
    assert one.declared == 57
    assert read(one, catalogue) == TRUTH


@pytest.mark.parametrize(
    "decoys", [DECOYS[:1], DECOYS[1:2], DECOYS[2:], DECOYS], ids=["news", "menu", "offices", "all"]
)
def test_decoys_alone_are_no_catalogue(decoys: tuple[SentRequest, ...]) -> None:
    assert isinstance(recognise(decoys, now=NOW, tz=TZ), Weak)


def test_a_ranking_is_no_catalogue() -> None:
    hot = answered({"data": TRUTH}, url="http://d.example/api/hot")
    weak = recognise([hot], now=NOW, tz=TZ)
    assert isinstance(weak, Weak)
    assert "ranking" in weak.reason


def test_beside_its_ranking_the_catalogue_is_found() -> None:
    hot = answered({"total": 10, "data": TRUTH[:5]}, url="http://d.example/api/hot")
    catalogue = answered({"total": 57, "rows": TRUTH}, url="http://d.example/api/list?page=1")
    assert found(hot, catalogue).exchange == 1


def test_two_lists_of_which_nothing_tells_the_catalogue_are_none() -> None:
    lists = [answered({"total": 57, "rows": TRUTH}, url=f"http://d.example/api/{name}?page=1") for name in ("a", "b")]
    weak = recognise(lists, now=NOW, tz=TZ)
    assert isinstance(weak, Weak)
    assert "two arrays" in weak.reason


def test_of_two_answers_of_one_call_the_later_counts() -> None:
    lists = [answered({"total": 57, "rows": TRUTH}, url=f"http://d.example/api/a?page=1&q={q}") for q in ("", "x")]
    assert found(*lists).exchange == 1


def test_json_within_text_and_jsonp_are_opened() -> None:
    inner = json.dumps({"total": 57, "rows": TRUTH})
    one = found(answered({"code": 0, "data": inner}))
    assert (one.rows, one.total) == ("data.rows", "data.total")
    assert found(SentRequest("GET", "http://d.example/x", {}, "", f"/**/cb_1({inner});")).declared == 57


def test_of_two_possible_titles_the_one_on_the_page_counts() -> None:
    entries = [{**one, "catalogName": f"编目用名{i}"} for i, one in enumerate(TRUTH)]
    exchange = answered({"total": 57, "rows": entries})
    assert found(exchange).keys["title"] == "title"
    assert found(exchange, shown=" ".join(one["catalogName"] for one in entries)).keys["catalogName"] == "title"


def test_a_word_without_fitting_values_is_no_field() -> None:
    entries = [{**one, "publishTime": f"第{i}批", "kfpt": "市平台"} for i, one in enumerate(TRUTH)]
    assert "published" not in found(answered({"total": 57, "rows": entries})).keys.values()


def test_names_of_people_are_no_titles_and_repeated_numbers_no_ids() -> None:
    entries = [{**one, "title": "张三"} for one in TRUTH]
    assert isinstance(recognise([answered({"total": 57, "rows": entries})], now=NOW, tz=TZ), Weak)
    entries = [{**one, "id": 7} for one in TRUTH]
    assert isinstance(recognise([answered({"total": 57, "rows": entries})], now=NOW, tz=TZ), Weak)


def test_an_id_without_a_known_word_is_the_only_column_of_different_names() -> None:
    entries = [{("xkey" if key == "id" else key): value for key, value in one.items()} for one in TRUTH]
    assert found(answered({"total": 57, "rows": entries})).id == "xkey"
    entries = [{**one, "ykey": f"y{one['xkey']}"} for one in entries]
    assert isinstance(recognise([answered({"total": 57, "rows": entries})], now=NOW, tz=TZ), Weak)
