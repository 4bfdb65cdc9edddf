"""The audit's rules, thresholds and patterns, read from the csv files of this package."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from opendata_spiders.tables import TableError, Tables

RULES_VERSION = 1
"""Raised whenever a rule finds other things than before; printed with every audit."""


_TABLES = Tables("alerts.audit")


class AuditSeverity(StrEnum):
    """How much a finding matters to somebody who wants to use the data."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"
    """No fault: something to know when counting."""


@dataclass(frozen=True, slots=True)
class AuditRule:
    """One row of rules.csv."""

    code: str
    severity: AuditSeverity
    needs: frozenset[str]
    """The fields it looks at."""
    needs_all: bool
    """Judged only where all of these that the portal shows at all are known (absence); else where any is."""
    zh: str
    en: str
    criterion: str
    source: str
    do_zh: str
    do_en: str

    @property
    def counts(self) -> bool:
        """Whether a dataset with this finding is not sound."""
        return self.severity in (AuditSeverity.HIGH, AuditSeverity.MEDIUM)


@cache
def rules() -> Mapping[str, AuditRule]:
    """Every rule by code, in the order of the table. Raises TableError."""
    found: dict[str, AuditRule] = {}
    for line, row in enumerate(_TABLES.rows("rules", "code", "severity"), start=2):
        _TABLES.refuse_double("rules", line, "code", row["code"], found)
        if row["severity"] not in set(AuditSeverity):
            known = ", ".join(AuditSeverity)
            raise TableError(f"alerts/audit/rules.csv, line {line}: {row['severity']!r} is no severity; write {known}.")
        words = {name: row[name] for name in ("code", "zh", "en", "criterion", "source", "do_zh", "do_en")}
        needs = frozenset(row["needs"].split())
        found[row["code"]] = AuditRule(
            severity=AuditSeverity(row["severity"]), needs=needs, needs_all=row["judged_on"] == "all", **words
        )
    return found


@cache
def limits() -> Mapping[str, float]:
    """Every threshold by name; unit and meaning stand in limits.csv. Raises TableError."""
    return {name: float(value) for name, value in _TABLES.limits().items()}


def limit(name: str) -> int:
    """One threshold that is a whole number."""
    return int(limits()[name])


@cache
def patterns() -> Mapping[str, Sequence[re.Pattern[str]]]:
    """The patterns of each name, in the order of the table. Raises TableError."""
    found: dict[str, list[re.Pattern[str]]] = defaultdict(list)
    for line, row in enumerate(_TABLES.rows("patterns", "name", "pattern"), start=2):
        found[row["name"]].append(_TABLES.pattern("patterns", line, "pattern", row["pattern"]))
    return found


@cache
def not_places() -> tuple[str, ...]:
    """Words that end like the name of a district and are none."""
    return tuple(row["word"] for row in _TABLES.rows("not_places", "word"))
