"""Reads labelled values in HTML: by the words of the label, never by its position."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping

from lxml import etree
from parsel import Selector

from opendata_spiders.pages.bodies import whole
from opendata_spiders.pages.selecting import elements, texts

Pairs = Iterable[tuple[str, str]]
"""Canonical field name and the value as shown, in the order of the page; a name may repeat."""
_BLANKS = re.compile(r"[ \t\r\n\f\xa0\u3000]+")
_COLON = re.compile("[:：﹕︰]")
_INLINE = frozenset({"a", "abbr", "b", "em", "font", "i", "label", "small", "span", "strong", "u"})
_UNSEEN = frozenset({"head", "noscript", "script", "style", "template", "textarea", "title"})
_LONGEST_LABEL = 40


def shown(element: Selector) -> str:
    """Return an element's text as a browser would show it on one line; scripts and comments are not text."""
    return tidy("".join(texts(element)))


def lines(page: Selector) -> Iterator[str]:
    """Return the text of a page in lines as a browser would break it; hidden text is left out."""
    line: list[str] = []
    hidden = 0
    for event, element in etree.iterwalk(page.root, events=("start", "end", "comment", "pi")):
        if event in {"comment", "pi"}:
            text = element.tail
        else:
            breaks = element.tag not in _INLINE
            if breaks:
                yield from _line(line)
            starts = event == "start"
            style = "".join((element.get("style") or "").lower().split())
            unseen = element.tag in _UNSEEN or "display:none" in style or element.get("hidden") is not None
            hidden += (1 if starts else -1) * unseen
            text = element.text if starts else element.tail
        if text and not hidden:
            line.append(text)
    yield from _line(line)


def _line(parts: list[str]) -> Iterator[str]:
    line = tidy("".join(parts))
    parts.clear()
    if line:
        yield line


def tidy(text: str) -> str:
    """Fold runs of blanks in HTML source into single ones: they are layout, not the portal's words."""
    return whole(_BLANKS.sub(" ", text).strip())


def inside(page: Selector, outer: str, inner: str) -> list[Selector]:
    """Return what the CSS selector `outer inner` selects, in the order of the page.

    Takes time linear in the nesting of the page (`page_nesting`), where XPath takes quadratic time.
    """
    around = {one.root for one in elements(page, outer)}
    if not around:
        return []
    return [one for one in elements(page, inner) if any(up in around for up in one.root.iterancestors())]


def label_of(text: str) -> str:
    """Fold a label for look-up: NFKC, no blanks, no colon at its end; '' for a text that is too long to be one."""
    if len(text) > _LONGEST_LABEL and len(text := tidy(text)) > _LONGEST_LABEL:
        return ""
    return "".join(unicodedata.normalize("NFKC", text).split()).rstrip(":")


def inline_pairs(blocks: Iterable[Selector], labels: Mapping[str, str]) -> list[tuple[str, str]]:
    """Read running text such as `<span>label：</span><span>value</span>` or `label：<span>value</span>`.

    A value reaches to the next known label; text before the first one is dropped.
    """
    return [pair for block in blocks for pair in _running(block, labels)]


def _running(block: Selector, labels: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    name, value = "", ""
    for text in texts(block):
        found, rest = split_label(text, labels)
        if not found:
            value += text
            continue
        if name:
            yield name, _value(value)
        name, value = found, rest
    if name:
        yield name, _value(value)


def _value(text: str) -> str:
    return tidy(_COLON.sub("", text, count=1) if _COLON.match(tidy(text)) else text)


def split_label(text: str, labels: Mapping[str, str]) -> tuple[str, str]:
    """Return field and rest of a text that is a known label or begins with one and a colon; else ('', '')."""
    head, *rest = _COLON.split(text, maxsplit=1)
    name = labels.get(label_of(head), "")
    return (name, "".join(rest)) if name else ("", "")


def cell_pairs(rows: Iterable[Selector], labels: Mapping[str, str]) -> list[tuple[str, str]]:
    """Read table rows in which the cell after a label cell is its value, however many pairs a row holds."""
    return [pair for row in rows for pair in _row_pairs([shown(cell) for cell in row.xpath("./td | ./th")], labels)]


def _row_pairs(cells: list[str], labels: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    at = 0
    while at < len(cells):
        name = labels.get(label_of(cells[at]))
        value = cells[at + 1] if at + 1 < len(cells) else ""
        followed_by_label = label_of(value) in labels
        if name:
            yield name, "" if followed_by_label else value
        at += 2 if name and not followed_by_label else 1
