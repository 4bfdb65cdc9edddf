"""On what terms a dataset is open: the portal's word or code to one of four values, and whether a login is needed."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache

from opendata_spiders.normalise import texts
from opendata_spiders.normalise.codes import code_row
from opendata_spiders.normalise.vocabulary import table

UNKNOWN_WORD = "field.open_type_unknown"
SHIFTED = "field.open_type_shifted"
VALUES = ("open", "conditional", "closed", "unknown")


@dataclass(frozen=True, slots=True)
class OpenReading:
    """Terms of one dataset."""

    value: str
    """One of VALUES."""
    login_required: bool = False
    """Open, or open on a condition, but only to those who have registered or logged in."""
    finding: str | None = None


def open_type(raw: object, *, family: str | None = None) -> OpenReading:
    """Read an open type; `family` selects the meaning of bare codes. An absent value is unknown. Never raises."""
    shown = texts.text(raw)
    return _read(shown, family) if shown else OpenReading("unknown")


@lru_cache(maxsize=4096)
def _read(shown: str, family: str | None) -> OpenReading:
    if row := code_row("open_type_codes", family, shown):
        return OpenReading(row["value"], row["login"] == "yes")
    folded = texts.fold(shown)
    if known := _words().get(folded):
        return known
    if folded in _frequency_words():
        return OpenReading("unknown", finding=SHIFTED)
    found = [reading for pattern, reading in _rules() if pattern.search(folded)]
    if not found:
        return OpenReading("unknown", finding=UNKNOWN_WORD)
    # The first rule that fits counts; a login word counts beside whichever it is.
    return replace(found[0], login_required=any(reading.login_required for reading in found))


@cache
def _words() -> Mapping[str, OpenReading]:
    table.keyed("open_types", "word", "value", allowed=VALUES)
    rows = table.rows("open_types", "word", "value", "login", "finding", "note")
    return {texts.fold(r["word"]): OpenReading(r["value"], r["login"] == "yes", r["finding"] or None) for r in rows}


@cache
def _rules() -> Sequence[tuple[re.Pattern[str], OpenReading]]:
    rows = table.rows("open_type_rules", "pattern", "value", "login", "note")
    return [(row.pattern("pattern"), OpenReading(row["value"], row["login"] == "yes")) for row in rows]


@cache
def _frequency_words() -> frozenset[str]:
    """Words that promise a period: under «open type» they come from the neighbouring column."""
    return frozenset(row["zh"] for row in table.rows("frequencies", "zh") if row["zh"] not in ("", "其他"))
