"""Removes from titles what distinguishes the members of a series: year, month, quarter, district."""

import re
import unicodedata
from functools import cache

from alerts.audit.rules import limits, not_places, patterns
from opendata_spiders import normalise

MARK = "□"
_RUN = re.compile(f"{MARK}(?:[-—~至到、,和及()\\[\\]]*{MARK})+")
_NO_WORD = re.compile(r"[\W_]")
_BRACKETS = str.maketrans("【】〔〕〖〗《》〈〉「」『』{}<>", "[]" * 9)


def series_key(title: object) -> str:
    """The title with every period and place replaced by MARK; empty if it has none, or little else.

    «2022年花溪区低保» and «2023年南明区低保» have the same key. Idempotent.
    """
    shown = unicodedata.normalize("NFKC", normalise.text(title) or "").casefold()
    marked = _places(_period().sub(MARK, "".join(shown.translate(_BRACKETS).split())))
    key = _RUN.sub(MARK, marked)
    return key if MARK in key and len(_NO_WORD.sub("", key)) >= limits().series_rest else ""


@cache
def _period() -> re.Pattern[str]:
    return re.compile("|".join(pattern.pattern for pattern in patterns()["period"]))


def _places(text: str) -> str:
    """Replace places one after another, because the next name may begin where one ends."""
    while (marked := _place(text)) != text:
        text = marked
    return text


def _place(text: str) -> str:
    for pattern in patterns()["place"]:
        for found in pattern.finditer(text):
            if not found[0].endswith(not_places()):
                return text[: found.start()] + MARK + text[found.end() :]
    return text
