"""Pages made to cost time or memory are read in bounded time, or refused by name; none makes a parser stumble.

Times are not asserted: what grows with the square of these pages does not end within the tests' time limit.
"""

import json

import pytest
from scrapy.http import HtmlResponse, TextResponse

from opendata_spiders.families.guizhou_api import GuizhouApiSpider
from opendata_spiders.families.inspur_oportal import InspurOportalSpider
from opendata_spiders.pages import bodies
from opendata_spiders.pages.contract import PageDriftedError, PageError
from opendata_spiders.pages.labels import inside
from tests.families.goldens import FIXTURES

INSPUR = InspurOportalSpider(slug="x", base_url="http://127.0.0.1:1", context_path="/oportal")
GUIZHOU = GuizhouApiSpider(slug="x", base_url="http://127.0.0.1:1")


def outcome(parse, *arguments):
    try:
        return parse(*arguments)
    except PageError as error:
        return error


def page(text):
    return HtmlResponse(
        "http://127.0.0.1:1/oportal/catalog/x", body=text.encode("utf-8", "surrogatepass"), encoding="utf-8"
    )


@pytest.fixture(scope="module")
def honest():
    return (FIXTURES / "inspur_oportal" / "list_plain" / "body.html").read_text("utf-8")


def crowded(html, mark, times, closing=""):
    at = html.rfind("</body>")
    return page(html[:at] + mark * times + closing * times + html[at:])


NESTS = [
    ('<div class="top-title">', "</div>"),
    ('<div class="top-title"><span>', "</span></div>"),
    ('<div id="record_count">', "</div>"),
    ('<div class="cata-title">', "</div>"),
    ('<ul class="list-inline">', "</ul>"),
    ('<table name="basicinfo"><tr><td>', "</td></tr></table>"),
    ('<div class="bottom-content">', "</div>"),
]


@pytest.mark.parametrize(("mark", "closing"), NESTS, ids=[mark for mark, _ in NESTS])
def test_a_thousand_nested_elements_change_nothing(honest, mark, closing):
    read = INSPUR.parse_list(crowded(honest, mark, 1000 // mark.count("<"), closing))
    assert [(one.id, one.values) for one in read.rows] == [
        (one.id, one.values) for one in INSPUR.parse_list(page(honest)).rows
    ]
    assert read.declared == INSPUR.parse_list(page(honest)).declared


@pytest.mark.parametrize(
    "text",
    [
        "<b>" * 1_000_000,
        '<div class="top-title">' * 2_000 + "<span>a</span>" * 3_000,
        '<div class="top-title">' * 100 + "<span>a</span>" * 30_000,
        "<span>x</span>" * 50_000,
        "<ul><li>" * 50_000,
        "<" * 3_000_000,
    ],
    ids=["nested", "deep and wide", "less deep and wider", "wide", "entries", "marks"],
)
def test_too_much_markup_is_refused_by_name(text):
    for parse in (INSPUR.parse_list, lambda one: INSPUR.parse_detail(one, "x")):
        with pytest.raises(PageDriftedError, match="tags"):
            parse(page(f"<html><body>{text}"))


@pytest.mark.parametrize(
    "text",
    [
        "<script a" * 300_000,
        "<script></script" * 200_000,
        "<li>" + "9" * 3_000_000 + "次",
        "<li>1" + " " * 1_000_000 + "x",
        '<div class="top-title">' + "，123" * 500_000,
        '<ul class="list-inline"><li>' + "来源部门" * 300_000,
        '<div class="tip">' + "该数据不存在" * 300_000,
        '<div class="tip">' + "对不起，" * 300_000,
    ],
    ids=lambda text: text[:24],
)
def test_long_texts_cost_no_more_than_they_are_long(honest, text):
    for parse in (INSPUR.parse_list, lambda one: INSPUR.parse_detail(one, "x")):
        assert outcome(parse, crowded(honest, text, 1)) is not None


def test_control_bytes_in_tags_are_blanks(honest):
    spoilt = honest.replace("<div", "<div a\x01b='\x02' \x7f=1 \x1f").replace("<li", "<li \x1b[2J \ufffe")
    read = INSPUR.parse_list(page(spoilt))
    assert [(one.id, one.values) for one in read.rows] == [
        (one.id, one.values) for one in INSPUR.parse_list(page(honest)).rows
    ]


@pytest.mark.parametrize("depth", [300, 900, 990, 100_000])
def test_deep_json_is_refused_or_read(depth):
    body = '{"code":200,"total":1,"data":[{"id":"a","name":' + "[" * depth + "]" * depth + "}]}"
    answer = TextResponse("http://127.0.0.1:1/", body=body.encode())
    rows = outcome(lambda one: GUIZHOU.parsed(lambda: GUIZHOU.parse_list(one), one).rows, answer)
    assert rows[0].id == "a" if isinstance(rows, tuple) else "nested deeper" in str(rows)


def test_towers_of_accents_are_cut_at_thirty_and_ordinary_text_is_not():
    tower = "e" + "\u0301\u0327" * 200_000 + "x"
    assert bodies.whole(tower) == "e" + "\u0301\u0327" * 15 + "x"
    for text in (
        "é" * 1000,
        "ที่นี่" * 100,
        "བོད་ཡིག" * 100,
        "ἄλφα" * 50,
        "がぎぐ" * 99,
        "\U0001f469\u200d\U0001f4bb" * 50,
        "数据",
    ):
        assert bodies.whole(text) == text
    answer = TextResponse(
        "http://127.0.0.1:1/", body=json.dumps({"total": 1, "data": [{"id": "a", "name": tower}]}).encode()
    )
    assert len(GUIZHOU.parse_list(answer).rows[0].values["title"]) == 32


def test_inside_selects_as_css_does(honest):
    html = bodies.html_page(honest)
    for outer, inner in (
        (".cata-title", "a"),
        (".bottom-content", "li"),
        ("ul", "span"),
        (".none", "a"),
        ("div", "div"),
    ):
        assert [one.root for one in inside(html, outer, inner)] == [one.root for one in html.css(f"{outer} {inner}")]
