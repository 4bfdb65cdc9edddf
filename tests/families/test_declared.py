"""The readers of declared pages, and for every declared family that no page makes it stumble."""

import json
import re

import pytest
from bson import encode
from hypothesis import given, settings
from hypothesis import strategies as st
from parsel import Selector

from opendata_spiders.declared import Call, DeclaredFamily, HtmlDetail, HtmlList, JsonList, Layout, LinkedPages, Slot
from opendata_spiders.declared.answers import parts
from opendata_spiders.pages.contract import Detail, ListPage, PageError
from tests.families.goldens import Case, cases

TEXT = st.text(st.characters(exclude_categories=()), max_size=8)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | TEXT
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4), max_leaves=12
)
MARKUP = st.sampled_from(
    ["<", ">", '"', "</div>", "<table>", "<tr><td>", "<!--", "\0", "&#0;", "：", "<script>", "\ud800", "[", "{", "\\"]
)
DECLARED = [case for case in cases() if isinstance(case.spider, DeclaredFamily)]
READ = [case for case in DECLARED if "error" not in case.expected]


def outcome(case: Case, response) -> ListPage | Detail | PageError:
    """What the parser makes of a body in place of the case's own."""
    try:
        if case.meta["kind"] == "list":
            return case.spider.parse_list(response)
        return case.spider.parse_detail(response, case.meta["id"])
    except PageError as error:
        return error


def check(case: Case, response) -> None:
    """Read or refused by name; what is read are the fields that are declared, and can be stored."""
    read = outcome(case, response)
    assert isinstance(read, ListPage | Detail | PageError)
    fields = case.spider.list_fields if case.meta["kind"] == "list" else case.spider.detail_fields
    for one in getattr(read, "rows", (read,)) if not isinstance(read, PageError) else ():
        assert set(one.values) <= set(fields)
        encode({"values": one.values, "body": one.body})
    case.spider.fingerprint(response)


def places(value, here=()):
    """Every place within JSON, outermost first."""
    yield here
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield from places(one, (*here, key))


def replaced(value, place, new):
    if not place:
        return new
    copy = value.copy()
    copy[place[0]] = replaced(value[place[0]], place[1:], new)
    return copy


@pytest.mark.parametrize(
    "case", [case for case in READ if case.path.joinpath("body.json").exists()], ids=lambda c: c.name
)
@settings(max_examples=25)
@given(data=st.data())
def test_any_value_in_place_of_another_is_read_or_refused(case, data, answer):
    body = json.loads(case.body.decode("utf-8", "replace"))
    place = data.draw(st.sampled_from(list(places(body))))
    check(case, answer(json.dumps(replaced(body, place, data.draw(ANYTHING)))))


@pytest.mark.parametrize("case", READ, ids=lambda case: case.name)
@settings(max_examples=25)
@given(data=st.data())
def test_a_body_that_is_cut_or_torn_is_read_or_refused(case, data, answer):
    text = case.body.decode("utf-8", "replace")
    start, end = sorted(data.draw(st.tuples(*[st.integers(0, len(text))] * 2)))
    torn = text[:start] + data.draw(MARKUP | TEXT) + text[end:]
    check(case, answer(torn.encode("utf-8", "surrogatepass")))


# --- the readers ------------------------------------------------------------------------------------------------------


def test_a_pattern_cuts_a_text_into_its_fields():
    two = re.compile(r"(?P<views>\d+)\s*/\s*(?P<downloads>\d+)?")
    assert dict(parts(two, "120 / 7")) == {"views": "120", "downloads": "7"}
    assert dict(parts(two, "120/")) == {"views": "120", "downloads": ""}
    assert dict(parts(two, "暂无")) == {"views": "暂无", "downloads": "暂无"}
    assert dict(parts(("views", "calls"), "7")) == {"views": "7", "calls": "7"}


def test_values_at_the_head_of_lines():
    """A label ends at the first blank or colon, so 摘 要 is none."""
    layout = Layout(labels={"名称": "title", "摘要": "description", "数量": "rows"}, lines=".frame")
    page = Selector(
        '<div class="frame">名称　清河：公园<br/>摘 要：甲 乙<br>无标签的一行<p>数量:<b>7</b></p><i hidden>名称 旧</i></div>名称 外'
    )
    assert layout.values(page) == {"title": "清河：公园", "rows": "7"}


def test_the_first_filled_text_of_a_cell_counts():
    layout = Layout(cells={"h1::text": "title", "i": "tags"})
    assert layout.values(Selector("<h1>\n<b>x</b> 公园 </h1><i></i><i>甲</i><i>乙</i>")) == {
        "title": "公园",
        "tags": ["甲", "乙"],
    }
    assert layout.values(Selector("<h1> </h1><i></i>")) == {"title": "", "tags": ""}


class Linked(LinkedPages):
    family = "linked"
    list_call = Call("/list", query={"page": Slot.PAGE})
    list_page = JsonList(rows="rows", id="url", keys={"name": "title"})
    detail_page = HtmlDetail(frame="h1", layout=Layout(cells={"h1": "title"}))


LINKED = Linked(slug="trial", base_url="http://127.0.0.1:8000")


@pytest.mark.parametrize(
    ("address", "id_"),
    [
        ("https://data.example.cn/zyml/1.htm", "/zyml/1.htm"),
        ("http://data.example.cn/zyml/1.htm#top", "/zyml/1.htm"),
        ("/zyml/1.htm?a=1&b=2", "/zyml/1.htm?a=1&b=2"),
        ("zyml/1.htm", "zyml/1.htm"),
    ],
)
def test_the_id_of_a_linked_page_is_its_path(answer, address, id_):
    read = LINKED.parse_list(answer(json.dumps({"rows": [{"url": address, "name": "公园"}]})))
    assert [row.id for row in read.rows] == [id_]
    assert LINKED.page_url(id_) == f"http://127.0.0.1:8000/{id_.removeprefix('/')}"
    assert LINKED.detail_request(id_).url == LINKED.page_url(id_)


def test_addresses_that_lead_nowhere_are_counted(answer):
    rows = [{"url": "http://[::1/x"}, {"url": "https://data.example.cn"}, {"url": ""}, {"url": "/1.htm"}]
    read = LINKED.parse_list(answer(json.dumps({"rows": rows})))
    assert (len(read.rows), read.without_id) == (1, 3)


def test_an_overridden_page_tells_its_own_fields():
    class Wordy(Linked):
        detail_page = HtmlDetail(frame="h1", layout=Layout(cells={"h1": "title", "h2": "office"}))

    assert Wordy.detail_fields == ("title", "office")
    assert (Wordy.body_kind, Wordy.detail_kind) == ("json", "html")


def test_html_inside_json():
    page = HtmlList(frame="b", entries="li", id="a::attr(href)", layout=Layout(cells={"a": "title"}), inside="data")
    assert (page.kind, page.fields) == ("json", ("title",))
