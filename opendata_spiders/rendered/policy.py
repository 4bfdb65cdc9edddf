"""Thresholds of recognising a catalogue, and the words of paging, from the tables of this package."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from opendata_spiders.tables import Tables

_TABLES = Tables("opendata_spiders.rendered")


@dataclass(frozen=True, slots=True)
class RenderedPolicy:
    """One attribute a row of policy.csv, where each is explained."""

    least_entries: int
    confirm_share: float
    filled_share: float
    distinct_share: float
    title_chars: int
    other_kinds: int
    most_entries: int
    most_depth: int
    settle_seconds: float
    quiet_seconds: float
    turn_seconds: float


@cache
def rendered_policy() -> RenderedPolicy:
    """The packaged table. Raises TableError."""
    return _TABLES.policy(RenderedPolicy)


@cache
def paging_words(meaning: str) -> Mapping[str, int]:
    """Words (small letters, no joints) that mean page, offset, size or total, with their places; less is better."""
    rows = _TABLES.rows("paging_words", "word", "meaning")
    return {row["word"]: place for place, row in enumerate(rows) if row["meaning"] == meaning}


def paging_word(key: str) -> str:
    """A key as the words of paging are written."""
    return "".join(char for char in key.casefold() if char.isalnum())
