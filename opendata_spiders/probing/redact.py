"""Removes personal and session data from a recorded page; everything else stays byte for byte."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

_CREDENTIAL: Final = (
    r"[\w-]{0,30}(?:token|csrf|session|ticket|secret|passw|authoriz|(?:api|app|licen[cs]e)_?(?:key|code))[\w-]{0,30}"
)
_PHONE: Final = r"[\w-]{0,30}(?:phone|tel(?![a-z])|mobile|fax|lxdh|lxfs|contact)[\w-]{0,30}"
_QUOTE: Final = r"""\\?["']"""
_BEFORE, _AFTER = r"(?<![0-9A-Za-z_.-])", r"(?![0-9A-Za-z_.])"
"""Boundaries of a number that is not part of an id; Chinese text may be adjacent."""
# Every repetition is bounded: a hostile page must not take more than linear time.


@dataclass(frozen=True, slots=True)
class _Rule:
    """One kind of data; the group `it` of the pattern, or its whole match, is replaced."""

    kind: str
    pattern: re.Pattern[str]
    by: Callable[[str], str]


def _zeroed(text: str) -> str:
    return re.sub(r"\d", "0", text)


def _gone(_: str) -> str:
    return "redacted"


def _rule(kind: str, pattern: str, by: Callable[[str], str] = _gone) -> _Rule:
    return _Rule(kind, re.compile(pattern, re.IGNORECASE), by)


_RULES: Final = (
    _rule(
        "mail address",
        r"[a-z0-9._%+-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,5}",
        lambda _: "somebody@example.org",
    ),
    _rule("cookie", rf"""\bcookie(?:{_QUOTE})?\s{{0,9}}[:=]\s{{0,9}}{_QUOTE}(?P<it>[^"'\\]{{1,4000}})"""),
    _rule("token", r"\beyJ[\w-]{8,4000}\.[\w-]{8,4000}(?:\.[\w-]{0,4000})?"),
    _rule("token", rf"""\b{_CREDENTIAL}(?:{_QUOTE})?\s{{0,9}}[:=]\s{{0,9}}{_QUOTE}(?P<it>[^"'\\]{{1,4000}})"""),
    _rule("token", rf"(?:[?&]{_CREDENTIAL}|;jsessionid)=(?P<it>[\w.%!+/=-]{{6,4000}})"),
    _rule(
        "token",
        rf"""<(?:input|meta)\b[^<>]{{0,400}}\bname=["']?{_CREDENTIAL}["'\s]"""
        r"""[^<>]{0,400}?\b(?:value|content)=["'](?P<it>[^"'<>]{1,4000})""",
    ),
    _rule(
        "identity number",
        _BEFORE + r"[1-9]\d{5}(?:19|20)\d\d(?:0[1-9]|1[0-2])[0-3]\d{4}[\dx]" + _AFTER,
        _zeroed,
    ),
    _rule("phone number", _BEFORE + r"1[3-9]\d[- ]?\d{4}[- ]?\d{4}" + _AFTER, _zeroed),
    _rule("phone number", _BEFORE + r"[(（]?0\d{2,3}[)）]?[-–— ]?\d{7,8}(?:[-转 ]\d{1,6})?" + _AFTER, _zeroed),
    _rule(
        "phone number",
        rf"""\b{_PHONE}{_QUOTE}\s{{0,9}}:\s{{0,9}}(?:{_QUOTE})?(?P<it>[^"'\\,{{}}]{{0,40}}\d{{5}}[^"'\\,{{}}]{{0,40}})""",
        _zeroed,
    ),
    _rule(
        "phone number",
        r"(?:电话|手机|联系方式|传真)(?:[^\d<>]|<[^<>]{0,60}>){0,30}?(?P<it>\d{5,8})(?!\d)",
        _zeroed,
    ),
)
"""Applied in this order; a later rule does not see what an earlier one replaced."""


def redacted(text: str, keep: Collection[str]) -> tuple[str, Mapping[str, int]]:
    """The text without tokens, cookies, phone numbers, mail addresses and identity numbers, and how many of each went.

    `keep`: texts that only look like one of these, such as native ids.
    """
    counts, kept = Counter[str](), frozenset(keep)
    for rule in _RULES:
        text = rule.pattern.sub(partial(_without, rule=rule, keep=kept, counts=counts), text)
    return text, counts


def _without(found: re.Match[str], *, rule: _Rule, keep: Collection[str], counts: Counter[str]) -> str:
    group: str | int = "it" if "it" in rule.pattern.groupindex else 0
    it = found[group]
    by = it if it in keep else rule.by(it)
    if by != it:
        counts[rule.kind] += 1
    start, end = found.start(group) - found.start(), found.end(group) - found.start()
    return found[0][:start] + by + found[0][end:]
