"""The audit's rules, thresholds and patterns, read from the csv files of this package."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from opendata_spiders.tables import Tables

RULES_VERSION = 1
"""Raise it when a rule changes its results; printed with every audit."""


_TABLES = Tables("alerts.audit")


class AuditSeverity(StrEnum):
    """How much a finding matters to somebody who wants to use the data."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"
    """Not a fault, but relevant for counts."""


@dataclass(frozen=True, slots=True)
class AuditRule:
    """One row of rules.csv."""

    code: str
    severity: AuditSeverity
    needs: frozenset[str]
    """The fields that it needs."""
    judged_on: str
    """all: judged only if all needed fields that the portal has are known (for missing values); any: if one is."""
    zh: str
    en: str
    criterion: str
    source: str
    do_zh: str
    do_en: str

    @property
    def counts(self) -> bool:
        """Whether a finding makes a dataset unsound."""
        return self.severity in (AuditSeverity.HIGH, AuditSeverity.MEDIUM)


@cache
def rules() -> Mapping[str, AuditRule]:
    """Every rule by code, in the order of the table. Raises TableError."""
    return _TABLES.records(AuditRule, "rules", "code")


@dataclass(frozen=True, slots=True)
class AuditLimits:
    """One attribute for each row of limits.csv, which gives units and meanings."""

    fragment_least: int
    series_rest: int
    description_least: int
    mojibake_bytes: int
    mojibake_share: float
    mojibake_chinese: float
    mojibake_chars: int
    evidence_chars: int
    evidence_ids: int
    list_sample: int


@cache
def limits() -> AuditLimits:
    """The thresholds as shipped. Raises TableError."""
    return _TABLES.policy(AuditLimits, "limits")


@cache
def patterns() -> Mapping[str, Sequence[re.Pattern[str]]]:
    """The patterns by name, in the order of the table. Raises TableError."""
    found: dict[str, list[re.Pattern[str]]] = defaultdict(list)
    for row in _TABLES.rows("patterns", "name", "pattern"):
        found[row["name"]].append(row.pattern("pattern"))
    return found


@cache
def not_places() -> tuple[str, ...]:
    """Words that end like the name of a district but are not."""
    return tuple(row["word"] for row in _TABLES.rows("not_places", "word"))


def definitions() -> list[Any]:
    """All that decides what the rules find in a dataset, as JSON holds it."""
    written = {name: [one.pattern for one in many] for name, many in patterns().items()}
    return [RULES_VERSION, asdict(limits()), written, not_places()]
