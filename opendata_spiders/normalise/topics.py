"""Maps a portal's topic words to the 14 common categories of the China Open Data Index (Fudan)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from opendata_spiders.normalise import texts
from opendata_spiders.normalise.codes import code_row
from opendata_spiders.normalise.vocabulary import table
from opendata_spiders.tables import Row

UNKNOWN_WORD = "field.theme_unknown"
THEMES = (
    "经贸工商", "交通出行", "机构团体", "文化休闲", "卫生健康", "教育科技", "社会民生",
    "资源环境", "城建住房", "公共安全", "农业农村", "社保就业", "财税金融", "信用服务",
)  # fmt: skip
ANY = "*"
"""Stands for all of THEMES in themes.csv: the portal's word names no subject."""

_ADDRESS = re.compile(r"https?://publications\.europa\.eu/resource/authority/data-theme/")


@dataclass(frozen=True, slots=True)
class ThemeReading:
    """Categories of one dataset, several only where the portal itself gives several topic words."""

    themes: tuple[str, ...]
    rule: str | None
    """How each word was read, joined by «; »: `label:交通运输`, `title:教育文化>学校`, `office:…`, `undecided:…`."""
    finding: str | None = None


@dataclass(frozen=True, slots=True)
class _Label:
    candidates: tuple[str, ...]
    default: str


def themes(raw: object, *, title: object, office: object, family: str | None = None) -> ThemeReading:
    """Map the portal's topic words; a word of several categories is split by the title, then by the office.

    What neither decides stays unmapped (`undecided:`), never guessed. Never raises.
    """
    read = [_read(label, title, office) for label in _labels_of(texts.pieces(raw), family)]
    found = tuple(dict.fromkeys(theme for theme, _ in read if theme))
    rules = "; ".join(dict.fromkeys(rule for _, rule in read))
    return ThemeReading(found, rules or None, UNKNOWN_WORD if "unknown:" in rules else None)


def content_theme(title: object, office: object) -> ThemeReading:
    """Category by title and office alone, for coverage «by content» beside that «by own labels»."""
    theme, rule = _by_words(THEMES, texts.fold(title), texts.fold(office))
    return ThemeReading((theme,) if theme else (), rule or None)


@lru_cache(maxsize=4096)
def _labels_of(written: tuple[str, ...], family: str | None) -> Sequence[str]:
    words = [row["word"] if (row := code_row("theme_codes", family, word)) else word for word in texts.parts(written)]
    return [label for word in words for label in _labels(word)]


def _labels(word: str) -> Sequence[str]:
    """Keep a word that is one label («工业、交通»), else give its parts where each of them is a label.

    An address of the EU's table of themes stands for its code.
    """
    word = _ADDRESS.sub("", word)
    if _label(word) in _vocabulary():
        return [_label(word)]
    pieces = [_label(piece) for piece in texts.parts(word, "、/\\ ·")]
    return pieces if len(pieces) > 1 and all(piece in _vocabulary() for piece in pieces) else [_key(word)]


def _label(word: str) -> str:
    """The word as the vocabulary spells it: 金融财税 is 财税金融, for the order of two joined words does not matter."""
    key = _key(word)
    swapped = key[2:] + key[:2]
    return swapped if len(key) == 4 and key not in _vocabulary() and swapped in _vocabulary() else key


def _read(label: str, title: object, office: object) -> tuple[str, str]:
    known = _vocabulary().get(label)
    if known is None:
        return "", f"unknown:{label}"
    if len(known.candidates) < 2:
        return "".join(known.candidates), f"label:{label}" if known.candidates else f"none:{label}"
    theme, rule = _by_words(known.candidates, texts.fold(title), texts.fold(office))
    if theme:
        return theme, rule.replace(":", f":{label}>", 1)
    return known.default, f"default:{label}" if known.default else f"undecided:{label}"


@lru_cache(maxsize=16384)
def _by_words(candidates: tuple[str, ...], title: str, office: str) -> tuple[str, str]:
    """By distinctive words of the title, then by the office, then by weak words of the title («清单», «企业»)."""
    for field, written in (("title", title), ("office", office), ("title_weak", title)):
        theme, word = _last_word(_index(field, candidates), written)
        if theme:
            return theme, f"{field}:{word}"
    return "", ""


def _last_word(index: Mapping[str, str], written: str) -> tuple[str, str]:
    """Category and word of the match that ends last, the longest there: a Chinese phrase has its head at its end."""
    longest = max(map(len, index), default=0)
    for end in range(len(written), 0, -1):
        for start in range(max(0, end - longest), end):
            if theme := index.get(written[start:end]):
                return theme, written[start:end]
    return "", ""


def _key(word: str) -> str:
    return "".join(char for char in texts.fold(word) if char.isalnum() or char == ANY)


@cache
def _vocabulary() -> Mapping[str, _Label]:
    labels: dict[str, _Label] = {}
    for row in table.rows("themes", "word", "themes", "default", "vocabulary", "note"):
        row.refuse_double("word", row["word"], labels)
        candidates = THEMES if row["themes"] == ANY else tuple(filter(None, row["themes"].split("|")))
        _refuse_unknown(row, "themes", *candidates)
        _refuse_unknown(row, "default", row["default"] or THEMES[0])
        labels[row["word"]] = _Label(candidates, row["default"])
    return labels


@cache
def _index(field: str, candidates: tuple[str, ...]) -> Mapping[str, str]:
    """Category by word, of one column of theme_title_rules.csv; of a word in two categories the first row counts."""
    index: dict[str, str] = {}
    for row in table.rows("theme_title_rules", "theme", "field", "words"):
        _refuse_unknown(row, "theme", row["theme"])
        if row["field"] == field and row["theme"] in candidates:
            index = {texts.fold(word): row["theme"] for word in row["words"].split("|")} | index
    return index


def _refuse_unknown(row: Row, column: str, *found: str) -> None:
    for theme in found:
        if theme not in THEMES:
            raise row.error(column, f"{theme!r} is none of the 14 categories; correct it.")
