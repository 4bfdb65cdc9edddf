import json

import pytest
from bson import encode
from hypothesis import given
from hypothesis import strategies as st

from opendata_spiders.families.guizhou_api import GuizhouApiSpider
from opendata_spiders.pages import bodies
from opendata_spiders.pages.contract import Detail, ListPage, PageError
from tests.families.goldens import loader

TEXT = st.text(st.characters(exclude_categories=()), max_size=8)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | TEXT
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4), max_leaves=12
)
KEYS = st.sampled_from(["id", *GuizhouApiSpider.list_page.keys, *GuizhouApiSpider.detail_page.keys, "else"])
ENTRIES = st.lists(st.dictionaries(KEYS, ANYTHING, max_size=6) | ANYTHING, max_size=6)
SPIDER = GuizhouApiSpider(slug="trial", base_url="http://127.0.0.1:8000")


def spider(slug: str) -> GuizhouApiSpider:
    return loader().load(slug)()


def test_list_request_of_a_city():
    request = spider("guiyang").list_request(3)
    assert request.method == "POST"
    assert request.url == "https://data.guizhou.gov.cn/api/search/data/getDataListByParams"
    assert request.headers["role"] == b"0"
    assert request.headers["Content-Type"] == b"application/json;charset=UTF-8"
    assert request.headers["Origin"] == b"https://data.guizhou.gov.cn"
    assert json.loads(request.body) == {
        "orderBy": 0, "topicId": [], "orgId": [], "divisionId": "520100", "pageSize": 12, "scenarioId": "",
        "resourceType": "", "resourceFormats": [], "openAttribute": "", "searchText": [], "pageIndex": 3,
        "thematicId": "",
    }  # fmt: skip


def test_list_request_of_the_province_names_no_division():
    assert "divisionId" not in json.loads(spider("guizhou").list_request(1).body)


def test_detail_request():
    request = spider("guiyang").detail_request("a/b")
    assert request.url == "https://data.guizhou.gov.cn/api/search/data/getDataDetailByDataId"
    assert json.loads(request.body) == {"id": "a/b"}


@pytest.mark.parametrize(
    ("arguments", "root"),
    [
        ({"base_url": "http://127.0.0.1:8000"}, "http://127.0.0.1:8000/api/search/data"),
        ({"base_url": "http://127.0.0.1:8000/guiyang"}, "http://127.0.0.1:8000/guiyang"),
        ({"base_url": "http://127.0.0.1:8000", "context_path": "/api/v2"}, "http://127.0.0.1:8000/api/v2"),
    ],
)
def test_where_a_portal_that_the_register_does_not_know_is_read(arguments, root):
    request = GuizhouApiSpider(slug="trial", tenant="divisionId=529900", **arguments).list_request(1)
    assert request.url == f"{root}/getDataListByParams"
    assert json.loads(request.body)["divisionId"] == "529900"


def test_page_url_quotes_ids():
    assert spider("guiyang").page_url("3066/02 56") == "https://data.guizhou.gov.cn/open-data/3066%2F02%2056"


def test_fingerprint(answer):
    home = '<html><head><meta name="referrer" content="never"><title>清河省政府数据开放平台</title></head></html>'
    rows = {"total": 1, "data": [{"id": "a", "name": "清河市小学"}]}
    assert SPIDER.fingerprint(answer(home))
    assert SPIDER.fingerprint(answer(json.dumps(rows)))
    for other in (
        '<meta name="referrer" content="never"><title>清河新闻</title>',
        "<title>政府数据开放平台</title>",
        "{}",
        "",
        "[1",
    ):
        assert not SPIDER.fingerprint(answer(other))


@given(ANYTHING)
def test_any_json_is_read_or_refused(answer, value):
    response = answer(json.dumps(value))
    assert isinstance(outcome(SPIDER.parse_list, response), ListPage | PageError)
    assert isinstance(outcome(SPIDER.parse_detail, response, "x"), Detail | PageError)
    SPIDER.fingerprint(response)


@given(st.binary(max_size=80) | st.text(max_size=80).map(str.encode))
def test_any_bytes_are_read_or_refused(answer, body):
    assert isinstance(outcome(SPIDER.parse_list, answer(body)), ListPage | PageError)
    assert isinstance(outcome(SPIDER.parse_detail, answer(body), "x"), Detail | PageError)


@given(ENTRIES, ANYTHING)
def test_no_entry_is_lost_and_every_row_can_be_stored(answer, entries, total):
    body = json.dumps({"code": 200, "total": total, "data": entries})
    page = SPIDER.parse_list(answer(body))
    assert len(page.rows) + page.without_id == len(entries)
    keyed = [entry for entry in entries if isinstance(entry, dict) and isinstance(entry.get("id"), int | str)]
    keyed = [entry for entry in keyed if not isinstance(entry["id"], bool) and str(entry["id"]).strip()]
    assert len(page.rows) >= len(keyed)
    for row in page.rows:
        assert set(row.values) <= set(SPIDER.list_fields)
        encode({"id": row.id.replace("\0", ""), "values": row.values, "body": bodies.evidence(row.body)})


@given(st.dictionaries(st.sampled_from([*GuizhouApiSpider.detail_page.keys, "id", "else"]), ANYTHING))
def test_every_detail_can_be_stored(answer, data):
    read = outcome(SPIDER.parse_detail, answer(json.dumps({"data": data})), "x")
    if isinstance(read, Detail):
        assert set(read.values) <= set(SPIDER.detail_fields)
        encode({"values": read.values, "body": read.body})
    else:
        assert "name" not in data or data.get("id") not in (None, "", "x")


def outcome(parse, *arguments) -> ListPage | Detail | PageError:
    try:
        return parse(*arguments)
    except PageError as error:
        return error
