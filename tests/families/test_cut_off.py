"""A page of HTML that is cut off on its way is no page: what is missing from it would read as wiped."""

import pytest

from opendata_spiders.declared import FieldPlaces, HtmlDetail, HtmlList
from opendata_spiders.declared.answers import Answer
from opendata_spiders.declared.family import DeclaredFamily
from opendata_spiders.pages.contract import PageError, PageUnreachableError
from tests.families.goldens import Case, cases


def is_plain_html(case: Case) -> bool:
    """Whether the golden is a whole page of a declared family, read as HTML and not out of JSON."""
    if not isinstance(case.spider, DeclaredFamily) or case.path.name not in {"list_plain", "detail_plain"}:
        return False
    page = case.spider.detail_page if case.meta["kind"] == "detail" else case.spider.list_page
    return isinstance(page, HtmlDetail | HtmlList) and not page.inside and b"</body" in case.body


WHOLE = [case for case in cases() if is_plain_html(case)]


@pytest.mark.parametrize("case", WHOLE, ids=lambda case: case.name)
def test_a_page_without_its_end_is_refused(case: Case):
    end = case.body.index(b"</body")
    for share in (0.6, 0.8, 1.0):
        with pytest.raises(PageError):
            read(case, case.body[: int(end * share)])


UNCLOSED = "<html><body><ul><li id='1'><h1>名录</h1></li></ul>"
LAYOUT = FieldPlaces(cells={"h1": "title"})
WHY = "Seen so by one crawler in 2026."


@pytest.mark.parametrize(
    ("strict", "lax"),
    [
        (HtmlDetail(frame="h1", layout=LAYOUT), HtmlDetail(frame="h1", layout=LAYOUT, unclosed=WHY)),
        (
            HtmlList(frame="ul", entries="li", id="::attr(id)", layout=LAYOUT),
            HtmlList(frame="ul", entries="li", id="::attr(id)", layout=LAYOUT, unclosed=WHY),
        ),
    ],
    ids=["detail", "list"],
)
def test_a_portal_that_never_closes_its_pages_is_read_where_its_family_says_so(strict, lax):
    id_ = () if isinstance(strict, HtmlList) else ("1",)
    with pytest.raises(PageUnreachableError, match="cut off"):
        strict.read(Answer(UNCLOSED), *id_)
    assert lax.read(Answer(UNCLOSED), *id_)
    with pytest.raises(PageUnreachableError, match="cut off"):
        lax.read(Answer(UNCLOSED + "<p cla"), *id_)


def test_the_end_of_a_list_still_shows_where_no_body_is_closed():
    reader = HtmlList(frame="ul", entries="li", id="::attr(id)", layout=LAYOUT, unclosed=WHY, ends="</h1>")
    assert reader.read(Answer(UNCLOSED)).rows
    with pytest.raises(PageUnreachableError, match="cut off"):
        reader.read(Answer(UNCLOSED.removesuffix("</ul>")))


def read(case: Case, body: bytes) -> None:
    answer = case.response.replace(body=body)
    if case.meta["kind"] == "detail":
        case.spider.parse_detail(answer, case.meta["id"])
    else:
        case.spider.parse_list(answer)
