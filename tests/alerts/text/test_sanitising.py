"""Portal text is hostile: in every format it stays text."""

import html.parser
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from alerts.digest.build import build, build_first
from alerts.digest.render import Rendered, readable
from alerts.model.events import Event, Severity
from alerts.model.places import Silent
from alerts.text.sanitising import BREAK, clean, columns, inert, inert_markdown, inert_url, shorten
from tests.alerts.digest.making import Reader, event, view

HOSTILE = [
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "\"><a href='http://evil.com'>click</a>",
    "[点我](http://evil.com/x) ![](http://evil.com/pixel.png)",
    "`code` ```\n# heading\n- item\n> quote\n***bold***~~gone~~|a|b|",
    '@all @here <@U123> <!channel> <at user_id="all">所有人</at>',
    "x\r\nBcc: all@evil.com\r\n\r\nbody",
    "\x1b[2J\x1b]0;owned\x07\x9b31m\x00",
    "a\u202eb\u2066c\u200bd\ufeff\u2028e\x0cf",
    "{{ 7*7 }}{% raw %}{{ digest }}",
    "www.evil.com evil.cn/x https://evil.com mailto:x@evil.com",
    "公" * 5000,
    "\U000e0041\ud800x".encode("utf-16", "surrogatepass").decode("utf-16", "replace"),
]
MARKDOWN_EVENTS = {"link_open", "image", "code_inline", "fence", "html_inline", "html_block", "s_open", "em_open"}


def hostile_event(text: str) -> Event:
    return event(
        "dataset.open_type_changed", "kunming", "d", title=text, office=text, page_url=f"https://data.kunming.gov.cn/{text}",
        severity=Severity.SEVERE, evidence={"before": {"before": text, "after": text}, "after": text, "last_seen": text},
    )  # fmt: skip


def rendered(text: str, language: str = "zh") -> dict[str, str]:
    events = [
        hostile_event(text),
        event("dataset.renamed", "jinan", "r", title=text, evidence={"before": text, "after": text}),
    ]
    digest = build(Reader(), events, view(language))
    assert digest
    shown = Rendered(digest)
    return {"html": shown.html, "markdown": shown.markdown, "text": shown.text, "subject": shown.subject}


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_html_gets_no_tag_and_no_address_from_a_portal(text: str, language: str) -> None:
    harmless, hostile = (Tags(rendered(one, language)["html"]).found for one in ("公交", text))
    assert {tag for tag, _ in hostile} == {tag for tag, _ in harmless}
    assert not any(name in {"href", "src", "onerror", "style"} for _, names in hostile for name in names)


class Tags(html.parser.HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, tuple[str, ...]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, tuple(name for name, _ in attrs)))


@pytest.mark.parametrize("text", HOSTILE)
def test_markdown_gets_no_format_from_a_portal(text: str) -> None:
    body = readable(rendered(text)["markdown"])
    tokens = [
        token.type
        for one in MarkdownIt("gfm-like", {"linkify": False}).parse(body)
        for token in (one, *(one.children or ()))
    ]
    assert not MARKDOWN_EVENTS & set(tokens)
    assert tokens.count("heading_open") == 1


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("form", ["html", "markdown", "text", "subject"])
def test_nothing_mentions_anybody_or_moves_the_cursor(text: str, form: str) -> None:
    body = rendered(text)[form].replace(BREAK, "")
    quoted = re.sub(r"<style>.*?</style>", "", body, flags=re.DOTALL)
    assert "@" not in quoted
    assert not [c for c in body if unicodedata.category(c).startswith("C") and c != "\n"]
    assert "evil.com" not in quoted.replace("data.kunming.gov.cn", "")
    if form != "html":
        assert "<" not in quoted


@pytest.mark.parametrize("text", HOSTILE)
def test_long_texts_are_cut(text: str) -> None:
    assert len(rendered(text)["text"]) < 2500
    assert columns(rendered(text)["subject"]) <= 76


def test_a_hostile_register_or_note_cannot_break_the_page() -> None:
    silent = (Silent("<b>拉萨</b>", "<b>Lhasa</b>", "no_portal"),)
    page = Rendered(build_first(Reader(name="x"), view("en", silent=silent))).html
    assert "<b>" not in page


@given(st.text(max_size=200), st.integers(1, 60))
def test_clean_text_is_one_visible_line_within_its_limit(text: str, limit: int) -> None:
    line = clean(text, limit)
    assert len(line) <= limit
    assert not any(unicodedata.category(c).startswith("C") for c in line)
    assert not re.search(r"\s\s|^\s|\s$", line)
    assert clean(line, limit) == line


@given(st.text(max_size=100))
def test_inert_text_has_no_way_to_act(text: str) -> None:
    line = inert_markdown(clean(text))
    assert not set("@<>`*_[]~#|\\") & set(line)
    assert "://" not in line
    assert not re.search(r"[A-Za-z0-9]\.[A-Za-z]", inert(clean(text)))


@given(st.text(max_size=60), st.text(max_size=60))
def test_only_the_portals_own_address_is_shown_and_it_is_plain_ascii(path: str, query: str) -> None:
    shown = inert_url(f"https://data.gy.gov.cn/{path}?{query}", "data.gy.gov.cn")
    assert not set("<>()[]_*`~\"' \\") & set(shown)
    assert shown.isascii()
    assert not shown or shown.startswith("https://data.gy.gov.cn/")


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.com/", "javascript:alert(1)", "https://data.gy.gov.cn@evil.com/", "https://data.gy.gov.cn.evil.com/",
        "//data.gy.gov.cn/", "ftp://data.gy.gov.cn/", "https://data.gy.gov.cn\\@evil.com/", "http://[::1", "", "x",
    ],
)  # fmt: skip
def test_an_address_that_leads_elsewhere_is_not_shown(url: str) -> None:
    assert inert_url(url, "data.gy.gov.cn") == ""


def test_a_single_page_portals_fragment_and_port_stay() -> None:
    url = "http://data.gy.gov.cn:8080/#/detail?id=1"
    assert inert_url(url, "data.gy.gov.cn") == url


def test_shortening_never_leaves_half_a_character() -> None:
    assert shorten("e\u0301e\u0301e\u0301", 4) == "e\u0301…"
    assert shorten("abc", 3) == "abc"
    assert clean("a\u0000\u202e\n\n b") == "a b"
