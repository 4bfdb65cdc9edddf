import re
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from parsel import Selector

from opendata_spiders.families.inspur_oportal import InspurOportalSpider
from opendata_spiders.pages.contract import Detail, ListPage, PageError
from tests.families.goldens import FIXTURES, loader

PAGES = FIXTURES / "inspur_oportal"
SPIDER = InspurOportalSpider(slug="trial", base_url="http://127.0.0.1:8000")


def body_of(case: str) -> str:
    return Path(PAGES / case / "body.html").read_text("utf-8")


LIST = body_of("list_plain")
DETAIL = body_of("detail_plain")
DETAIL_ID = Selector(text=DETAIL, type="html").css("#cata_id::attr(value)").get()
PICKS = st.integers(0, 10_000)
MUTATIONS = st.lists(st.tuples(PICKS, st.sampled_from(["drop", "double", "swap"])), max_size=6)
IN_PLACE = st.lists(st.tuples(PICKS, st.sampled_from(["drop", "double"])), max_size=6)
"""Mutations that move no id into another entry."""


def mutated(html: str, mutations: list[tuple[int, str]]) -> str:
    """Drop, double or swap random tags (not what stands between them)."""
    parts = re.split(r"(<[^>]*>)", html)
    tags = [number for number, part in enumerate(parts) if part.startswith("<")]
    for pick, kind in mutations:
        at, other = tags[pick % len(tags)], tags[(pick * 7 + 1) % len(tags)]
        if kind == "swap":
            parts[at], parts[other] = parts[other], parts[at]
        else:
            parts[at] = "" if kind == "drop" else parts[at] * 2
    return "".join(parts)


def spider(slug: str) -> InspurOportalSpider:
    return loader().load(slug)()


@pytest.mark.parametrize(
    ("slug", "url"),
    [
        ("dazhou", "http://www.dazhoudata.cn/oportal/catalog/index?page=2"),
        ("jinan", "http://data.jinan.gov.cn/jinan/catalog/index?page=2"),
        (
            "wuzhong",
            "https://opendata.nx.gov.cn/portal/catalog/index?page=2&filterParam=region_code&filterParamCode=6403",
        ),
    ],
)
def test_list_request(slug, url):
    request = spider(slug).list_request(2)
    assert request.url == url
    assert request.headers["Referer"].decode() == url.partition("index")[0]


@pytest.mark.parametrize(
    ("arguments", "root"),
    [
        ({"base_url": "http://127.0.0.1:8000"}, "http://127.0.0.1:8000/oportal"),
        ({"base_url": "http://127.0.0.1:8000/nn"}, "http://127.0.0.1:8000/nn"),
        ({"base_url": "http://127.0.0.1:8000", "context_path": "/portal"}, "http://127.0.0.1:8000/portal"),
    ],
)
def test_where_a_portal_that_the_register_does_not_know_is_read(arguments, root):
    trial = InspurOportalSpider(slug="trial", tenant="filterParam=org_code&filterParamCode=szbm|7", **arguments)
    assert trial.list_request(1).url == f"{root}/catalog/index?page=1&filterParam=org_code&filterParamCode=szbm%7C7"


def test_a_class_may_read_the_list_at_another_path():
    class Other(InspurOportalSpider):
        list_paths = ("/catalog/",)

    trial = Other(slug="trial", base_url="http://127.0.0.1:8000")
    assert trial.list_request(2).url == "http://127.0.0.1:8000/oportal/catalog/?page=2"


def test_ids_are_quoted_in_every_address():
    assert SPIDER.page_url("3066/02 5?6#7") == "http://127.0.0.1:8000/oportal/catalog/3066%2F02%205%3F6%237"
    assert SPIDER.detail_request("3066/025").url.endswith("/catalog/3066%2F025")


def test_fingerprint(answer):
    home = '<html data-login-index><head><meta name="author" content="dsp"></head><body>{}</body></html>'
    assert SPIDER.fingerprint(answer('<input id="loginroot_path" value="/oportal"/>'))
    assert SPIDER.fingerprint(answer(home.format("")))
    assert SPIDER.fingerprint(answer(LIST))
    for other in ('<meta name="author" content="dsp"><p>oportal</p>', "", "{}", "<html><body>新闻</body></html>"):
        assert not SPIDER.fingerprint(answer(other))


@given(MUTATIONS)
def test_no_dataset_is_lost_in_broken_markup(answer, mutations):
    html = mutated(LIST, mutations)
    page = outcome(SPIDER.parse_list, answer(html))
    if isinstance(page, ListPage):
        there = Selector(text=html, type="html").css('input[name="catalogidinput"]::attr(value)').getall()
        assert set(there) <= {row.id for row in page.rows}
        for row in page.rows:
            assert row.id in row.body
            assert set(row.values) <= set(SPIDER.list_fields)


@example([(88, "drop"), (763, "drop")])  # the title of one entry and the hidden id of the next
@given(IN_PLACE)
def test_no_value_strays_to_another_dataset(answer, mutations):
    """Titles name their dataset: whatever breaks, a row has its own title or none."""
    page = outcome(SPIDER.parse_list, answer(mutated(LIST, mutations)))
    own = {row.id: row.values["title"] for row in SPIDER.parse_list(answer(LIST)).rows}
    if isinstance(page, ListPage):
        for row in page.rows:
            strangers = set(own.values()) - {own.get(row.id)}
            assert row.values.get("title") not in strangers


@given(MUTATIONS)
def test_broken_details_are_read_or_refused(answer, mutations):
    read = outcome(SPIDER.parse_detail, answer(mutated(DETAIL, mutations)), DETAIL_ID)
    if isinstance(read, Detail):
        assert set(read.values) <= set(SPIDER.detail_fields)
        assert read.body
    else:
        assert isinstance(read, PageError)


def odd_names(html: str) -> str:
    """Every tag with an attribute more, whose name holds a control byte."""
    return re.sub(r"(<[a-z]+)(?=[ >])", '\\1 x\x01y="1"', html)


def test_a_control_byte_in_the_name_of_an_attribute_costs_nothing(answer):
    odd, plain = (SPIDER.parse_list(answer(html)) for html in (odd_names(LIST), LIST))
    assert [(row.id, row.values) for row in odd.rows] == [(row.id, row.values) for row in plain.rows]
    details = [SPIDER.parse_detail(answer(html), DETAIL_ID) for html in (odd_names(DETAIL), DETAIL)]
    assert details[0].values == details[1].values
    with_files = body_of("detail_files")
    file_id = Selector(text=with_files, type="html").css("#cata_id::attr(value)").get()
    files = [SPIDER.parse_detail(answer(html), file_id).values for html in (odd_names(with_files), with_files)]
    assert files[0]["resources"]
    assert files[0] == files[1]


@given(st.integers(0, len(LIST)))
def test_a_list_cut_anywhere_is_refused_or_whole(answer, at):
    page = outcome(SPIDER.parse_list, answer(LIST[:at]))
    assert isinstance(page, PageError) or [row.values for row in page.rows] == [
        row.values for row in SPIDER.parse_list(answer(LIST)).rows
    ]


@given(st.integers(0, len(DETAIL)))
def test_a_detail_cut_anywhere_is_refused_or_whole(answer, at):
    read = outcome(SPIDER.parse_detail, answer(DETAIL[:at]), DETAIL_ID)
    assert isinstance(read, PageError) or read.values == SPIDER.parse_detail(answer(DETAIL), DETAIL_ID).values


@given(st.binary(max_size=120) | st.text(max_size=120).map(str.encode) | st.sampled_from([b"<!-- x -->", b"<", b"\0"]))
def test_any_bytes_are_read_or_refused(answer, body):
    assert isinstance(outcome(SPIDER.parse_list, answer(body)), PageError)
    assert isinstance(outcome(SPIDER.parse_detail, answer(body), "x"), PageError)
    assert not SPIDER.fingerprint(answer(body))


def outcome(parse, *arguments) -> ListPage | Detail | PageError:
    try:
        return parse(*arguments)
    except PageError as error:
        return error
