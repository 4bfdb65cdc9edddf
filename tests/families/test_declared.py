"""Declared families: whatever a portal sends is read or refused, and the declarations' own rules."""

import json
from typing import Any

import pytest
from bson import encode
from hypothesis import given, settings
from hypothesis import strategies as st

from opendata_spiders.declared import OMIT, Call, DeclaredFamily, JsonDetail, JsonList, Slot, Tenant
from opendata_spiders.declared.answers import Answer
from opendata_spiders.declared.calls import Site
from opendata_spiders.pages.contract import Detail, ListPage, PageDriftedError, PageError, PageUnreachableError
from tests.families.goldens import FIXTURES, cases, loader

FAMILIES = {
    case.family: case.spider
    for case in cases()
    if isinstance(case.spider, DeclaredFamily) and "list_plain" in case.name
}
DETAILED = {family: spider for family, spider in FAMILIES.items() if spider.detail_call is not None}
TEXT = st.text(st.characters(exclude_categories=()), max_size=8)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | TEXT
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4), max_leaves=12
)
BODIES = (
    st.binary(max_size=80) | st.text(max_size=80).map(str.encode) | ANYTHING.map(lambda one: json.dumps(one).encode())
)


def golden(family: str, name: str) -> str:
    (body,) = (FIXTURES / family / name).glob("body.*")
    return body.read_text("utf-8")


def mutated(draw: st.DrawFn, text: str) -> str:
    """The JSON of a golden page with one value replaced, taken out or doubled; also within JSON inside JSON."""
    try:
        tree = json.loads(text)
    except ValueError:
        cut = draw(st.integers(0, len(text)))
        return text[:cut] + draw(TEXT) + text[cut + draw(st.integers(0, 40)) :]
    holders = [holder for holder in nodes(tree) if holder]
    holder = draw(st.sampled_from(holders))
    key = draw(st.sampled_from(sorted(holder) if isinstance(holder, dict) else range(len(holder))))
    inside = isinstance(holder[key], str) and holder[key].startswith("{")
    match draw(st.sampled_from(["replace", "remove", "double"])):
        case _ if inside:
            holder[key] = mutated(draw, holder[key])
        case "replace":
            holder[key] = draw(ANYTHING)
        case "remove":
            del holder[key]
        case _:
            holder[key] = [holder[key], holder[key]]
    return json.dumps(tree)


def nodes(tree: Any) -> list[Any]:
    """Every object and list of a JSON value."""
    if not isinstance(tree, dict | list):
        return []
    inner = tree.values() if isinstance(tree, dict) else tree
    return [tree, *(node for one in inner for node in nodes(one))]


def outcome(parse, *arguments) -> ListPage | Detail | PageError:
    try:
        return parse(*arguments)
    except PageError as error:
        return error


@pytest.mark.parametrize("family", sorted(FAMILIES))
@settings(max_examples=60)
@given(st.data())
def test_any_mutated_list_is_read_or_refused(answer, family, data):
    spider = FAMILIES[family]
    page = outcome(spider.parse_list, answer(mutated(data.draw, golden(family, "list_plain"))))
    assert isinstance(page, ListPage | PageError)
    for row in getattr(page, "rows", ()):
        assert row.id
        assert set(row.values) <= set(spider.list_fields)
        encode({"id": row.id.replace("\0", ""), "values": row.values, "body": row.body})


@pytest.mark.parametrize("family", sorted(DETAILED))
@settings(max_examples=60)
@given(st.data())
def test_any_mutated_detail_is_read_or_refused(answer, family, data):
    spider = DETAILED[family]
    detail = outcome(spider.parse_detail, answer(mutated(data.draw, golden(family, "detail_plain"))), "x")
    assert isinstance(detail, Detail | PageError)
    if isinstance(detail, Detail):
        assert set(detail.values) <= set(spider.detail_fields)
        encode({"values": detail.values, "body": detail.body})


@pytest.mark.parametrize("family", sorted(FAMILIES))
@settings(max_examples=40)
@given(body=BODIES)
def test_any_body_is_read_or_refused(answer, family, body):
    spider = FAMILIES[family]
    assert isinstance(outcome(spider.parse_list, answer(body)), ListPage | PageError)
    if spider.detail_call:
        assert isinstance(outcome(spider.parse_detail, answer(body), "x"), Detail | PageError)
    spider.fingerprint(answer(body))


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_list_is_known_by_its_own_family_alone(answer, family):
    page = answer(golden(family, "list_plain"))
    knows_lists = "fingerprint" not in vars(loader().load(family))
    assert [other for other, spider in FAMILIES.items() if spider.fingerprint(page)] == [family] * knows_lists


@pytest.mark.parametrize("family", sorted(FAMILIES))
@pytest.mark.parametrize("body", ["{}", "", "[1", '{"data": []}', "<html><title>清河新闻</title></html>"])
def test_nothing_is_known_by_an_empty_page(answer, family, body):
    assert not FAMILIES[family].fingerprint(answer(body))


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_home_is_known_by_all_of_its_marks(answer, family):
    spider = FAMILIES[family]
    for left_out in spider.home_marks:
        others = [mark for mark in spider.home_marks if mark != left_out]
        assert not spider.fingerprint(answer("<html>" + " ".join(others)))
    if spider.home_marks:
        assert spider.fingerprint(answer("<html>" + " ".join(spider.home_marks)))


# --- what a declaration means -------------------------------------------------------------------------------------------


SITE = Site("https://data.qinghe.example", "/api", {"city": "370100"}, front="/kf")


def asked(call: Call, tenant: dict[str, str] | None = None):
    site = SITE if tenant is None else Site(SITE.base, SITE.context, tenant, front=SITE.front)
    return call.request(site, {Slot.PAGE: 2, Slot.OFFSET: 10, Slot.SIZE: 10, Slot.ID: "a/b"})


@pytest.mark.parametrize(
    ("tenant", "query"),
    [({"city": "370100"}, "city=370100&type=2"), ({"city": ""}, "city=&type=2"), ({}, "type=1")],
)
def test_a_row_that_names_a_tenant_may_change_another_parameter(tenant, query):
    call = Call("/list", query={"city": Tenant("city", OMIT), "type": Tenant("city", "1", given="2")})
    assert asked(call, tenant).url == f"https://data.qinghe.example/list?{query}"


def test_referer_is_a_page_of_the_portal():
    assert (
        asked(Call("/x", referer="{context}/toDataSet")).headers["Referer"]
        == b"https://data.qinghe.example/api/toDataSet"
    )
    assert asked(Call("/x", referer="{front}/open")).headers["Referer"] == b"https://data.qinghe.example/kf/open"
    assert "Referer" not in asked(Call("/x")).headers


def test_header_may_be_the_tenant_s_or_left_out():
    call = Call("/x", headers={"appCode": Tenant("appCode", OMIT), "token": "null"})
    assert "appCode" not in asked(call).headers
    assert asked(call, {"appCode": "1f"}).headers["appCode"] == b"1f"
    assert asked(call).headers["token"] == b"null"


def test_origin_is_the_host_unless_the_call_names_another():
    assert asked(Call("/x", form={})).headers["Origin"] == b"https://data.qinghe.example"
    assert asked(Call("/x", form={}, headers={"Origin": "http://a.example"})).headers["Origin"] == b"http://a.example"


def read(reader: JsonList, body: Any) -> ListPage:
    return reader.read(Answer(json.dumps(body)))


def test_rows_lie_at_the_first_place_that_holds_a_list():
    reader = JsonList(rows=("data.rows", "data.list"), id="id", keys={"name": "title"})
    assert [row.id for row in read(reader, {"data": {"rows": None, "list": [{"id": 1}]}}).rows] == ["1"]
    assert [row.id for row in read(reader, {"data": {"rows": [{"id": 1}], "list": [{"id": 2}]}}).rows] == ["1"]
    assert read(reader, {"data": {"list": []}}).rows == ()
    with pytest.raises(PageDriftedError, match=r"the answer has no key 'rows', only: other"):
        read(reader, {"data": {"other": []}})


def test_no_rows_at_all_is_an_empty_list_where_none_are_declared():
    reader = JsonList(rows=("rows", "list"), totals=("total",), id="id", keys={})
    assert read(reader, {"total": 0}).rows == ()
    with pytest.raises(PageDriftedError):
        read(reader, {"total": 0, "list": {}})


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({"info": {"name": "清河"}}, {"title": "清河"}),
        ({"info": {"name": None}}, {"title": ""}),
        ({"info": None}, {"title": ""}),
        ({"info": {}}, {}),
        ({}, {}),
        ({"files": None}, {"formats": ""}),
        ({"files": [{"kind": "csv"}, {}]}, {"formats": ["csv"]}),
        ({"tags": {"all": []}}, {"industry": ""}),
    ],
)
def test_a_value_within_is_left_out_where_a_key_is_missing_and_empty_where_it_is_null(entry, expected):
    reader = JsonList(
        rows="rows", id="id", keys={"info.name": "title", "files[].kind": "formats", "tags.all[0]": "industry"}
    )
    (row,) = read(reader, {"rows": [{"id": 1, **entry}]}).rows
    assert row.values == expected


def test_error_code_beside_another_shape_of_detail_is_an_error():
    reader = JsonDetail(keys={"name": "title"}, must=("name",))
    with pytest.raises(PageUnreachableError, match="error code 500"):
        reader.read(Answer('{"code": 500, "data": {}}'), "x")
    with pytest.raises(PageDriftedError, match="no key 'name'"):
        reader.read(Answer('{"code": "000000", "data": {}}'), "x")


def test_errors_of_graphql_are_an_error():
    reader = JsonList(rows="data.result.data", id="id", keys={})
    with pytest.raises(PageUnreachableError, match="errors inside HTTP 200"):
        read(reader, {"errors": [{"message": "x"}], "data": None})
    assert read(reader, {"errors": [], "data": {"result": {"data": []}}}).rows == ()
