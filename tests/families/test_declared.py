"""Declared families: whatever a portal sends is read or refused, and the declarations' own rules."""

import json
import re
from typing import Any

import pytest
from bson import encode
from hypothesis import given, settings
from hypothesis import strategies as st
from parsel import Selector

from opendata_spiders import spiders
from opendata_spiders.declared import (
    OMIT,
    Call,
    DeclaredFamily,
    FieldPlaces,
    HtmlDetail,
    HtmlList,
    JsonDetail,
    JsonList,
    LinkedPages,
    Slot,
    Tenant,
)
from opendata_spiders.declared.answers import Answer, parts
from opendata_spiders.declared.calls import PortalSite
from opendata_spiders.pages import bodies
from opendata_spiders.pages.contract import (
    Detail,
    ListPage,
    PageDriftedError,
    PageError,
    PageUnreachableError,
    TablePreview,
)
from tests.families.goldens import FIXTURES, cases

WHOLE: dict[str, Any] = {
    "family": "whole", "list_call": Call("/list"), "list_page": JsonList(rows="rows", id="id", keys={}),
    "detail_call": Call("/one"), "detail_page": JsonDetail(keys={}), "human_page": "/",
}  # fmt: skip
FAMILIES = {
    case.family: case.spider
    for case in cases()
    if isinstance(case.spider, DeclaredFamily) and "list_plain" in case.name
}
DETAILED = {family: spider for family, spider in FAMILIES.items() if spider.detail_page is not None}
OWN_CLASS = [
    case
    for case in cases()
    if case.spider.__module__.startswith(spiders.__name__) and case.has_expectation and "error" not in case.expected
]
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
    """A golden page with one value replaced, taken out or doubled, also within JSON inside JSON; HTML is torn."""
    try:
        tree = json.loads(text)
    except ValueError:
        cut = draw(st.integers(0, len(text)))
        return text[:cut] + draw(TEXT) + text[cut + draw(st.integers(0, 40)) :]
    if isinstance(tree, str):
        return json.dumps(mutated(draw, tree))
    holders = [holder for holder in nodes(tree) if holder]
    holder = draw(st.sampled_from(holders))
    key = draw(st.sampled_from(sorted(holder) if isinstance(holder, dict) else range(len(holder))))
    inside = isinstance(holder[key], str) and holder[key][:1] in ("{", "<")
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


def torn(draw: st.DrawFn, text: str) -> bytes:
    return mutated(draw, text).encode("utf-8", "surrogatepass")


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
    page = outcome(spider.parse_list, answer(torn(data.draw, golden(family, "list_plain"))))
    assert isinstance(page, ListPage | PageError)
    for row in getattr(page, "rows", ()):
        assert row.id
        assert set(row.values) <= set(spider.list_fields)
        encode({"id": row.id.replace("\0", ""), "values": row.values, "body": bodies.evidence(row.body)})


@pytest.mark.parametrize("family", sorted(DETAILED))
@settings(max_examples=60)
@given(st.data())
def test_any_mutated_detail_is_read_or_refused(answer, family, data):
    spider = DETAILED[family]
    detail = outcome(spider.parse_detail, answer(torn(data.draw, golden(family, "detail_plain"))), "x")
    assert isinstance(detail, Detail | PageError)
    if isinstance(detail, Detail):
        assert set(detail.values) <= set(spider.detail_fields)
        encode({"values": detail.values, "body": detail.body})


@pytest.mark.parametrize("case", OWN_CLASS, ids=lambda case: case.name)
@settings(max_examples=40)
@given(st.data())
def test_any_mutated_page_of_a_portal_with_a_class_of_its_own_is_read_or_refused(answer, case, data):
    body, is_list = answer(torn(data.draw, case.body.decode("utf-8"))), case.meta["kind"] == "list"
    read = (
        outcome(case.spider.parse_list, body) if is_list else outcome(case.spider.parse_detail, body, case.meta["id"])
    )
    assert isinstance(read, PageError | (ListPage if is_list else Detail))


@pytest.mark.parametrize("family", sorted(FAMILIES))
@settings(max_examples=40)
@given(body=BODIES)
def test_any_body_is_read_or_refused(answer, family, body):
    spider = FAMILIES[family]
    assert isinstance(outcome(spider.parse_list, answer(body)), ListPage | PageError)
    if spider.detail_page:
        assert isinstance(outcome(spider.parse_detail, answer(body), "x"), Detail | PageError)
    for part in range(len(spider.previews)):
        assert isinstance(outcome(spider.parse_preview, answer(body), "x", part), TablePreview | PageError)
    spider.fingerprint(answer(body))


@pytest.mark.parametrize(
    "case", [case for case in cases() if case.meta["kind"] == "preview"], ids=lambda case: case.name
)
@settings(max_examples=60)
@given(st.data())
def test_any_mutated_preview_is_read_or_refused(answer, case, data):
    body = answer(torn(data.draw, case.body.decode("utf-8")))
    read = outcome(case.spider.parse_preview, body, case.meta["id"], case.meta["part"])
    assert isinstance(read, TablePreview | PageError)
    if isinstance(read, TablePreview):
        assert all(isinstance(name, str) for name in read.columns)
        assert read.rows is None or read.rows > 0


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_list_is_known_by_its_own_family_alone(answer, family):
    page = answer(golden(family, "list_plain"))
    known = [other for other, spider in FAMILIES.items() if spider.fingerprint(page)]
    assert known == [family] * FAMILIES[family].knows_lists


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


SITE = PortalSite("https://data.qinghe.example", "/api", {"city": "370100"}, front="/kf")


def asked(call: Call, tenant: dict[str, str] | None = None):
    site = SITE if tenant is None else PortalSite(SITE.base, SITE.context, tenant, front=SITE.front)
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


def test_a_pattern_cuts_a_text_into_its_fields():
    two = re.compile(r"(?P<views>\d+)\s*/\s*(?P<downloads>\d+)?")
    assert dict(parts(two, "120 / 7")) == {"views": "120", "downloads": "7"}
    assert dict(parts(two, "120/")) == {"views": "120", "downloads": ""}
    assert dict(parts(two, "暂无")) == {"views": "暂无", "downloads": "暂无"}
    assert dict(parts(("views", "calls"), "7")) == {"views": "7", "calls": "7"}


def test_values_at_the_head_of_lines():
    """A label ends at the first blank or colon, so 摘 要 is none."""
    layout = FieldPlaces(labels={"名称": "title", "摘要": "description", "数量": "rows"}, lines=".frame")
    page = Selector(
        '<div class="frame">名称　清河：公园<br/>摘 要：甲 乙<br>无标签的一行<p>数量:<b>7</b></p><i hidden>名称 旧</i></div>名称 外'
    )
    assert layout.values(page) == {"title": "清河：公园", "rows": "7"}


def test_the_first_filled_text_of_a_cell_counts():
    layout = FieldPlaces(cells={"h1::text": "title", "i": "tags"})
    assert layout.values(Selector("<h1>\n<b>x</b> 公园 </h1><i></i><i>甲</i><i>乙</i>")) == {
        "title": "公园",
        "tags": ["甲", "乙"],
    }
    assert layout.values(Selector("<h1> </h1><i></i>")) == {"title": "", "tags": ""}


class Linked(LinkedPages):
    family = "linked"
    list_call = Call("/list", query={"page": Slot.PAGE})
    list_page = JsonList(rows="rows", id="url", keys={"name": "title"})
    detail_page = HtmlDetail(frame="h1", layout=FieldPlaces(cells={"h1": "title"}))


LINKED = Linked(slug="trial", base_url="http://127.0.0.1:8000")


@pytest.mark.parametrize(
    ("address", "id_"),
    [
        ("https://data.example.cn/zyml/1.htm", "/zyml/1.htm"),
        ("http://data.example.cn/zyml/1.htm#top", "/zyml/1.htm"),
        ("/zyml/1.htm?a=1&b=2", "/zyml/1.htm?a=1&b=2"),
        ("zyml/1.htm", "/list/zyml/1.htm"),
        ("../zyml/1.htm", "/zyml/1.htm"),
    ],
)
def test_the_id_of_a_linked_page_is_its_path(answer, address, id_):
    page = json.dumps({"rows": [{"url": address, "name": "公园"}]})
    read = LINKED.parse_list(answer(page, url="http://127.0.0.1:8000/list/2.json"))
    assert [row.id for row in read.rows] == [id_]
    assert LINKED.page_url(id_) == f"http://127.0.0.1:8000/{id_.removeprefix('/')}"
    assert LINKED.detail_request(id_).url == LINKED.page_url(id_)


def test_addresses_that_lead_nowhere_are_counted(answer):
    rows = [{"url": "http://[::1/x"}, {"url": "https://data.example.cn"}, {"url": ""}, {"url": "/1.htm"}]
    read = LINKED.parse_list(answer(json.dumps({"rows": rows})))
    assert (len(read.rows), read.without_id) == (1, 3)


def test_an_overridden_page_tells_its_own_fields():
    class Wordy(Linked):
        detail_page = HtmlDetail(frame="h1", layout=FieldPlaces(cells={"h1": "title", "h2": "office"}))

    assert Wordy.detail_fields == ("title", "office")
    assert (Wordy.body_kind, Wordy.detail_kind) == ("json", "html")


def test_html_inside_json():
    page = HtmlList(
        frame="b", entries="li", id="a::attr(href)", layout=FieldPlaces(cells={"a": "title"}), inside="data"
    )
    assert (page.kind, page.fields) == ("json", ("title",))


@pytest.mark.parametrize(
    ("layout", "opened", "closed"),
    [
        (FieldPlaces(labels={"名称": "title"}, running=".list li"), '<ul class="list"><li>', "</li></ul>"),
        (FieldPlaces(labels={"名称": "title"}, lines=".frame"), '<div class="frame">', "</div>"),
        (FieldPlaces(cells={".outer .inner": "title"}), '<div class="outer"><b class="inner">', "</b></div>"),
    ],
    ids=["running", "lines", "cells"],
)
def test_nested_blocks_are_read_once(layout, opened, closed):
    """What grows with the square of such a page does not end within the tests' time limit."""
    page = bodies.html_page(opened * 60 + "<p>名称：公园</p>" + "<p>甲</p>" * 10_000 + closed * 60)
    assert layout.values(page)["title"].partition("公园")[0] in ("", "名称：")


def test_a_field_that_nobody_knows_fails_where_it_is_written():
    page = JsonDetail(at="data", keys={"resName": "title", "tel": "phone"})
    with pytest.raises(TypeError, match=r"\.Misnamed: 'phone' is no field of .*: did you mean 'contact_phone'\?"):
        type("Misnamed", (DeclaredFamily,), {**WHOLE, "detail_call": Call("/d"), "detail_page": page})


@pytest.mark.parametrize("missing", sorted(WHOLE.keys() - {"family"}))
def test_a_declaration_that_lacks_a_part_fails_where_it_is_written(missing):
    """Naming class and attribute, before anything is asked for."""
    type("Whole", (DeclaredFamily,), WHOLE)
    rest = {name: value for name, value in WHOLE.items() if name != missing}
    with pytest.raises(TypeError, match=rf"\.Halved declares no {missing}: "):
        type("Halved", (DeclaredFamily,), rest)


def test_a_part_that_a_method_stands_for_may_be_left_out():
    rest = {name: value for name, value in WHOLE.items() if name not in ("human_page", "detail_call")}
    type("Linked", (LinkedPages,), rest)
    type(
        "Odd", (DeclaredFamily,), {**rest, "page_url": lambda _self, _id: "", "detail_request": lambda _self, _id: None}
    )
