"""Tells a truncated HTML page from a whole one: an HTML parser reads both without an error."""

import re

from opendata_spiders.pages.contract import PageUnreachableError

_SCRIPT = re.compile(r"<script\b.*?(?:</script\s*>|\Z)", re.IGNORECASE | re.DOTALL)


def check_list_whole(text: str, mark: str) -> None:
    """Raise PageUnreachableError unless the list (`ul`), or the page, ends after the last `mark` of an entry."""
    tail = _after_last(mark, text)
    list_ends = tail.count("</ul") > tail.count("<ul") if mark in tail else "<body" not in text
    if not (list_ends or _closed(tail)):
        raise _cut_off(text)


def check_page_whole(text: str, mark: str) -> None:
    """Raise PageUnreachableError unless a page that has a body ends after its last `mark`."""
    if not _closed(_after_last(mark, text)) and "<body" in text:
        raise _cut_off(text)


def check_body_closed(text: str, *, never_closed: bool = False) -> None:
    """Raise PageUnreachableError for a page that opens its body and does not close it, or ends inside a tag.

    `never_closed`: of a portal whose whole pages do not close it either; then only the tag is looked at.
    """
    _after_last("", text)
    if not never_closed and "<body" in text.lower() and not _closed(text.lower()):
        raise _cut_off(text)


def _after_last(mark: str, text: str) -> str:
    """Return the text from the last `mark` on; raises PageUnreachableError if it ends inside a tag."""
    bare = _SCRIPT.sub("", text)
    if bare.rfind("<") > bare.rfind(">"):
        raise _cut_off(text)
    return bare[max(bare.rfind(mark), 0) :]


def _closed(tail: str) -> bool:
    return "</body" in tail or "</html" in tail


def _cut_off(text: str) -> PageUnreachableError:
    return PageUnreachableError(f"the body is cut off after {len(text)} characters of HTML")
