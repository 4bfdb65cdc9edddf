"""A small scale of the injected texts: one payload of every group through every output."""

from html import escape

import pytest

from tests.chaos.figures import Options
from tests.chaos.payloads import attack, in_html, in_markdown, in_rows, in_text, unseen_in

PAGE = '<html><body><p class="x">{}</p></body></html>'
PLAIN = PAGE.format("公交站点")


@pytest.mark.slow
def test_no_portal_text_is_more_than_text() -> None:
    figures = list(attack(Options(scale=0.1)))
    assert len(figures) == 7
    assert [(one.name, one.examples) for one in figures if not one.met] == []


@pytest.mark.parametrize(
    "raw",
    [
        "<script>zq</script>", "<img src=zq>", "<!-- zq -->", '</p><p class="x" onclick="zq">', "<a href='//evil.example/zq'>",
        "<?xml zq?>", "<style>zq</style>", "\u202ezq", "<p zq=1>",
    ],
)  # fmt: skip
def test_markup_that_came_through_is_found(raw: str) -> None:
    assert list(in_html(PAGE.format(raw), "zq", PLAIN))
    assert not list(in_html(PAGE.format(escape(raw.replace("\u202e", ""))), "zq", PLAIN))


def test_whatever_else_came_through_is_found() -> None:
    assert list(in_markdown("[x](https://a.example)", "x"))
    assert list(in_markdown("| a |\n|--|\n| b |", "x"))
    assert list(in_text("@all", "x"))
    assert list(in_text("see https://evil.example/", "x"))
    assert list(in_rows("a,b\r\n=1+1,x\r\n", 2, 1))
    assert list(in_rows("a,b\r\nx\r\n", 2, 1))
    assert list(unseen_in("a\u00adb"))
    assert not list(in_rows("a,b\r\n'=1+1,-3\r\n", 2, 1))
    assert not list(in_text("https://data.jinan.gov.cn/evil.example", "x"))
