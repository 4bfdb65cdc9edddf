"""A page of HTML that is cut off on its way is no page: what is missing from it would read as wiped."""

import pytest

from opendata_spiders.declared import HtmlDetail, HtmlList
from opendata_spiders.declared.family import DeclaredFamily
from opendata_spiders.pages.contract import PageError
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


def read(case: Case, body: bytes) -> None:
    answer = case.response.replace(body=body)
    if case.meta["kind"] == "detail":
        case.spider.parse_detail(answer, case.meta["id"])
    else:
        case.spider.parse_list(answer)
