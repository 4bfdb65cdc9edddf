"""A list whose interface pages through its first rows only: which call asks for each page, and when none can."""

import json

import pytest
from scrapy.http import TextResponse

from opendata_spiders.declared import BARE, Call, DeclaredFamily, DeepFamily, InUtc, JsonList, Slot
from opendata_spiders.declared.answers import Answer
from opendata_spiders.pages.contract import ListPage, PageDriftedError, PageUnreachableError

SIZE = 2


class Scrolled(DeepFamily):
    family = "scrolled"
    page_size = SIZE
    window = 2 * SIZE
    pages_in_order = True
    human_page = "/"
    list_call = Call("/list", query={"from": Slot.OFFSET, "of": Slot.HOST})
    deep_call = Call("/list", query={"after": Slot.AFTER})
    list_page = JsonList(rows=("rows", BARE), totals=("total",), id="id", keys={"title": "title"})


def spider() -> Scrolled:
    return Scrolled(slug="trial", base_url="http://127.0.0.1:1")


def read(crawled: DeclaredFamily, page: int, body: object) -> ListPage:
    request = crawled.list_request(page)
    return crawled.parse_list(TextResponse(request.url, body=json.dumps(body).encode(), request=request))


def rows(*ids: str) -> dict[str, object]:
    return {"rows": [{"id": one} for one in ids], "total": 9}


def path(crawled: DeclaredFamily, page: int) -> str:
    return crawled.list_request(page).url.removeprefix("http://127.0.0.1:1")


def test_pages_within_the_window_are_asked_for_by_offset():
    assert [path(spider(), page) for page in (1, 2)] == [
        "/list?from=0&of=127.0.0.1%3A1",
        "/list?from=2&of=127.0.0.1%3A1",
    ]


def test_a_page_behind_the_window_begins_after_the_last_row_of_the_page_before():
    crawled = spider()
    read(crawled, 2, rows("c", "d"))
    assert path(crawled, 3) == "/list?after=d"
    read(crawled, 3, rows("e", "f g"))
    assert path(crawled, 4) == "/list?after=f+g"


def test_a_page_behind_one_that_was_not_read_cannot_be_asked_for():
    with pytest.raises(PageUnreachableError, match="page 2 was not read"):
        spider().list_request(3)


def test_a_second_reading_begins_behind_its_own_pages():
    crawled = spider()
    for last in ("d", "x"):
        read(crawled, 2, rows("c", last))
        assert path(crawled, 3) == f"/list?after={last}"


def test_a_bare_list_has_rows_and_no_total():
    page = Scrolled.list_page.read(Answer('[{"id": 1, "title": "t"}, {"title": "no id"}]'))
    assert ([row.id for row in page.rows], page.declared, page.without_id, page.oddities) == (["1"], None, 1, ())


@pytest.mark.parametrize(("body", "error"), [
    ('[{"id": 1}, {"id"', PageUnreachableError), ('"text"', PageDriftedError), ("{}", PageDriftedError),
])  # fmt: skip
def test_a_list_that_may_be_bare_is_refused_like_any_other(body, error):
    with pytest.raises(error):
        Scrolled.list_page.read(Answer(body))


def test_a_list_that_may_not_be_bare_refuses_one():
    with pytest.raises(PageDriftedError, match="list where an object is due"):
        JsonList(rows="rows", id="id", keys={}).read(Answer("[]"))


@pytest.mark.parametrize(("written", "kept"), [
    ("2026-07-01T22:30:00.123456", "2026-07-01T22:30:00.123456Z"), ("2026-07-01 22:30", "2026-07-01 22:30Z"),
    ("2026-07-01T22:30:00+02:00", "2026-07-01T22:30:00+02:00"), ("2026-07-01", "2026-07-01"), ("soon", "soon"),
    (1793923200000, 1793923200000), (None, ""),
])  # fmt: skip
def test_a_time_in_utc_is_given_the_zone_it_lacks(written, kept):
    lists = JsonList(rows="rows", id="id", keys={"at": InUtc("updated")})
    (row,) = lists.read(Answer(json.dumps({"rows": [{"id": "a", "at": written}]}))).rows
    assert row.values == {"updated": kept}


def test_a_function_that_meets_another_kind_of_value_reads_nothing():
    lists = JsonList(rows="rows", id="id", keys={"dates | max(@)": "updated", "title": "title"})
    found = lists.read(Answer('{"rows": [{"id": "a", "title": "t", "dates": [1, "2"]}]}')).rows
    assert [row.values for row in found] == [{"title": "t"}]
