"""Limits, known addresses and words of the terms of use, from the csv files of this package."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from opendata_spiders.tables import Tables

_TABLES = Tables("opendata_spiders.terms")


@dataclass(frozen=True, slots=True)
class TermsPolicy:
    """One attribute a row of policy.csv, where each is explained."""

    again_days: int
    retry_days: int
    apart_hours: int
    night_portals: int
    links: int
    link_chars: int
    noise_chars: int
    least_chars: int
    text_chars: int


@dataclass(frozen=True, slots=True)
class TermsPlace:
    """Where a portal's terms are known to lie: a row of places.csv."""

    address: str
    """A whole URL, or a path on the portal's host."""
    document: str
    """What the portal calls them: 使用条款."""


@cache
def terms_policy() -> TermsPolicy:
    """The packaged table. Raises TableError."""
    return _TABLES.policy(TermsPolicy)


@cache
def places() -> Mapping[str, TermsPlace]:
    """The known addresses by portal id. Raises TableError."""
    return _TABLES.records(TermsPlace, "places", "portal")


@cache
def words() -> Sequence[str]:
    """Words of a link that leads to terms of use, the best first. Raises TableError."""
    return tuple(row["word"] for row in _TABLES.rows("words", "word"))


@cache
def noise() -> re.Pattern[str]:
    """What a short line of a page holds that changes without anybody changing the terms. Raises TableError."""
    return re.compile("|".join(f"(?:{row.pattern('pattern').pattern})" for row in _TABLES.rows("noise", "pattern")))
