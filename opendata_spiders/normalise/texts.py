"""Portal text made safe to show: no control characters, no direction overrides, no runs of blanks."""

import html
import json
import math
import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache, lru_cache

from opendata_spiders.normalise.vocabulary import table

_QUOTES = str.maketrans("", "", "\"'`“”‘’「」『』《》〈〉«»")
_DEEPEST = 8
_ESCAPED_AMPERSAND = re.compile(r"&(?:amp;|#38;|#x26;)+", re.IGNORECASE)
_TAG = re.compile(r"<[/!?a-zA-Z][^<>]*>")
_MOST_DIGITS = 300
_SHORT = 24
"""Characters up to which a text is worth remembering."""
_HIDDEN = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp"))


def text(raw: object) -> str | None:
    """Clean one value for display: NFC, one line, single blanks; None for an empty one (also 'None', 'null').

    A list becomes its parts joined by «、»; a mapping has no text. Never raises.
    """
    if isinstance(raw, list | tuple | set | frozenset):
        return "、".join(part for part in map(text, raw) if part) or None
    written = raw if isinstance(raw, str) else scalar(raw)
    return _short_text(written) if len(written) <= _SHORT else _shown(written)


@lru_cache(maxsize=1 << 13)
def _short_text(written: str) -> str | None:
    """As `_shown`; offices, topics and formats are the same in many datasets."""
    return _shown(written)


def _shown(written: str) -> str | None:
    cleaned = _clean(written)
    return None if cleaned.casefold() in _blanks("text") else cleaned


def is_blank(raw: object) -> bool:
    """Whether a value means «nothing» in a field for a date, a number or a word of a list."""
    if not isinstance(raw, str):
        return raw is None
    first = raw[:1]
    if ("0" <= first <= "9" or "\u4e00" <= first <= "\u9fff") and first not in _blank_beginnings():
        return False  # the common case: cleaning leaves a figure or an ideograph at the beginning as it is
    return _clean(raw).casefold() in _blanks("value")


def fold(raw: object) -> str:
    """Fold a value for look-ups in a vocabulary, never for display: NFKC, no markup, blanks or quotes, case folded."""
    shown = text(raw) or ""
    return _short_folded(shown) if len(shown) <= _SHORT else _folded(shown)


@lru_cache(maxsize=1 << 13)
def _short_folded(shown: str) -> str:
    return _folded(shown)


def _folded(shown: str) -> str:
    shown = unmarked(shown)
    return "".join(unicodedata.normalize("NFKC", shown).translate(_QUOTES).casefold().split()).strip("。.;；")


def unmarked(written: str) -> str:
    """Return the text without markup: entities decoded, however often they were escaped, and tags removed."""
    if "&" not in written and "<" not in written:
        return written
    return settled(lambda said: _TAG.sub(" ", html.unescape(_ESCAPED_AMPERSAND.sub("&", said))), written)


def settled(reading: Callable[[str], str], written: str) -> str:
    """Apply `reading` until nothing changes, a limited number of times."""
    for _ in range(_DEEPEST):
        read = reading(written)
        if read == written:
            break
        written = read
    return written


def parts(raw: object, separators: str = ",，;；|\n") -> list[str]:
    """Split a list, or a string that holds one, into clean words: in order, without repeats and empty ones."""
    splitter = _splitter(separators)
    words = (text(word) for piece in pieces(raw) for word in splitter.split(unmarked(piece)))
    return list(dict.fromkeys(word for word in words if word))


def pieces(raw: object) -> tuple[str, ...]:
    """Return the strings that a value consists of, as they are written: itself, or those in a list."""
    return (raw,) if isinstance(raw, str) else tuple(_strings(raw))


@cache
def _splitter(separators: str) -> re.Pattern[str]:
    return re.compile(f"[{re.escape(separators)}]")


def from_json(raw: str) -> object:
    """Undo the JSON in which a list or an object was sent as a string; the string itself where it is none."""
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return raw


def raw_text(raw: object) -> str | None:
    """Return the value as the portal wrote it, as a string, which is kept as evidence with the normalised value."""
    if raw is None or isinstance(raw, str):
        return raw
    if isinstance(raw, dict | list | tuple):
        return json.dumps(raw, ensure_ascii=False, sort_keys=True, default=str)
    return scalar(raw)


def scalar(raw: object) -> str:
    """Return a string or number as a string; empty for anything else, nan and inf included."""
    if isinstance(raw, str):
        return raw
    if isinstance(raw, float):
        return "" if not math.isfinite(raw) else str(int(raw)) if raw.is_integer() else str(raw)
    if isinstance(raw, int):
        return str(raw) if abs(raw) < 10**_MOST_DIGITS else ""
    return ""


def _strings(raw: object) -> Iterator[str]:
    if isinstance(raw, list | tuple | set | frozenset):
        for part in raw:
            yield from _strings(part)
    elif isinstance(raw, dict):
        # Tags and topics arrive as `{"name": …}` in two families; else the first string is what a person would read.
        named = raw.get("name", raw.get("group_name"))
        yield named if isinstance(named, str) else next((one for one in raw.values() if isinstance(one, str)), "")
    else:
        yield scalar(raw)


def _clean(raw: str) -> str:
    if raw.isprintable():  # the common case: nothing hidden, no blank but the space
        return unicodedata.normalize("NFC", " ".join(raw.split()))
    shown = "".join(" " if char in "\t\n\r\v\f\u2028\u2029\x85" else char for char in raw)
    shown = "".join(char for char in shown if unicodedata.category(char) not in _HIDDEN)
    return unicodedata.normalize("NFC", " ".join(shown.split()))


@cache
def _blank_beginnings() -> frozenset[str]:
    return frozenset(word[:1] for word in _blanks("value"))


@cache
def _blanks(column: str) -> frozenset[str]:
    return frozenset(row["word"] for row in table.rows("blanks", "word", "text", "value") if row[column] == "yes")
