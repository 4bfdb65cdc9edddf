"""What counts as the text of terms of use, and what is no terms at all."""

import pytest
from scrapy.http import TextResponse

from opendata_spiders.pages.contract import PageBlockedError, PageDriftedError, PageUnreachableError
from opendata_spiders.terms.reading import links, read_terms
from tests.terms.pages import CLAUSES, HOME, terms_page

URL = "https://data.example.gov.cn/terms"


def answered(body: str | bytes, url: str = URL, status: int = 200) -> TextResponse:
    raw = body.encode() if isinstance(body, str) else body
    return TextResponse(url, status=status, headers={"Content-Type": "text/html"}, body=raw)


def read(body: str):
    return read_terms(answered(body))


def test_the_text_is_what_a_reader_takes_for_the_terms():
    found = read(terms_page())
    assert found.title == "使用条款_贵州省政府数据开放平台"
    assert found.text.splitlines() == [
        "使用条款", *CLAUSES, "依据《中华人民共和国数据安全法》制定的条款，从其规定。"
    ]  # fmt: skip


@pytest.mark.parametrize(
    "page",
    [
        terms_page(visits=998877),
        terms_page(today="2027年1月3日 星期日"),
        terms_page(news="2027年工作要点"),
        terms_page().replace('class="top">', 'class="top">贵阳 多云 12℃ '),
        terms_page().replace("<p>", "<p>\n\t　&nbsp;").replace("</p>", "</p><br>\n"),
        terms_page().replace("（以下简称", "(以下简称").replace("”）", "”)"),
        terms_page().replace('<li><a href="/data">数据目录</a></li>', ""),
        terms_page().replace("var hits", "var today = '2027-01-03', hits"),
        terms_page().replace("<footer>", "<footer>版权所有 © 2027 "),
    ],
    ids=["a counter", "the date", "a menu's news", "the weather", "white space", "width of brackets", "menu", "script", "foot"],
)  # fmt: skip
def test_what_moves_by_itself_is_no_change(page):
    assert page != terms_page()
    assert read(page).hash == read(terms_page()).hash


@pytest.mark.parametrize(
    "page",
    [
        terms_page(*CLAUSES[:-1]),
        terms_page().replace("每半年", "每季度"),
        terms_page().replace("免费、非排他地", "非排他地"),
        terms_page(*CLAUSES, "本条款自2027年1月1日起施行。"),
    ],
    ids=["a clause taken out", "a period", "a word", "a clause added"],
)
def test_what_a_person_changed_is_a_change(page):
    assert read(page).hash != read(terms_page()).hash


@pytest.mark.parametrize(
    ("body", "url", "status", "error"),
    [
        ("forbidden", URL, 403, PageBlockedError),
        ("oops", URL, 502, PageUnreachableError),
        ("", URL, 200, PageUnreachableError),
        ("not found", URL, 404, PageDriftedError),
        (terms_page(), "https://data.example.gov.cn/", 200, PageDriftedError),
        (terms_page(), "https://data.example.gov.cn/index.html", 200, PageDriftedError),
        ("<html><body><h1>使用条款</h1><p>系统维护中，请稍后再试。</p></body></html>", URL, 200, PageDriftedError),
        (f"<html><body><p>{'天气晴好。' * 60}</p></body></html>", URL, 200, PageDriftedError),
        ("<html><body><p>您访问的页面资源不存在</p></body></html>", URL, 200, PageDriftedError),
        (b"\x89PNG\r\n", URL, 200, PageDriftedError),
    ],
    ids=["wall", "server error", "nothing", "404", "home", "home file", "notice", "other page", "gone", "a picture"],
)  # fmt: skip
def test_an_answer_that_is_no_terms_is_refused(body, url, status, error):
    with pytest.raises(error):
        read_terms(answered(body, url, status))


def test_an_application_that_shows_its_home_at_every_address_has_no_terms():
    shell = terms_page()
    with pytest.raises(PageDriftedError, match="home page"):
        read_terms(answered(shell), answered(shell.replace("1024", "1025"), "https://data.example.gov.cn/"))
    assert read_terms(answered(shell), answered(HOME, "https://data.example.gov.cn/")).text


def test_a_file_is_told_by_hash_and_size_and_is_not_opened():
    one, other = (read_terms(answered(b"%PDF-1.4 " + tail, URL + ".pdf")) for tail in (b"first", b"second"))
    assert (one.form, one.text, one.size, one.title) == ("pdf", "", 14, "terms.pdf")
    assert one.hash != other.hash


def test_links_are_found_by_their_words_the_best_first():
    found = links(answered(HOME, "https://data.example.gov.cn/"))
    assert [(link.url, link.document, link.text) for link in found] == [
        ("https://elsewhere.example/terms", "使用条款", "使用条款"),
        ("https://data.example.gov.cn/terms", "使用条款", "平台 使用条款"),
        ("https://data.example.gov.cn/disclaimer", "免责声明", "免责声明"),
    ]
