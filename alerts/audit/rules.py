"""The audit's rules, thresholds and patterns, read from the csv files of this package."""

import csv
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files

RULES_VERSION = 1
"""Raised whenever a rule finds other things than before; printed with every audit."""


class RuleError(ValueError):
    """Raised when a table of this package is incoherent; the message names file, line and what to do."""


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
    """Every rule by code, in the order of the table. Raises RuleError."""
    found: dict[str, AuditRule] = {}
    for line, row in enumerate(_rows("rules"), start=2):
        if row["code"] in found:
            raise RuleError(f"rules.csv, line {line}: {row['code']} stands there twice; delete one row.")
        try:
            severity = AuditSeverity(row["severity"])
        except ValueError:
            raise RuleError(
                f"rules.csv, line {line}: {row['severity']!r} is no severity; write {', '.join(AuditSeverity)}."
            ) from None
        words = {name: row[name] for name in ("code", "zh", "en", "criterion", "source", "do_zh", "do_en")}
        needs = frozenset(row["needs"].split())
        found[row["code"]] = AuditRule(severity=severity, needs=needs, needs_all=row["judged_on"] == "all", **words)
    return found


@cache
def limits() -> Mapping[str, float]:
    """Every threshold by name; unit and meaning stand in limits.csv. Raises RuleError."""
    try:
        return {row["name"]: float(row["value"]) for row in _rows("limits")}
    except ValueError as error:
        raise RuleError(f"limits.csv: {error}; write digits in the column value.") from None


def limit(name: str) -> int:
    """One threshold that is a whole number."""
    return int(limits()[name])


@cache
def patterns() -> Mapping[str, Sequence[re.Pattern[str]]]:
    """The patterns of each name, in the order of the table. Raises RuleError."""
    found: dict[str, list[re.Pattern[str]]] = defaultdict(list)
    for line, row in enumerate(_rows("patterns"), start=2):
        try:
            found[row["name"]].append(re.compile(row["pattern"]))
        except re.error as error:
            raise RuleError(f"patterns.csv, line {line}: not a regular expression ({error}); correct it.") from error
    return found


@cache
def not_places() -> tuple[str, ...]:
    """Words that end like the name of a district and are none."""
    return tuple(row["word"] for row in _rows("not_places"))


def _rows(name: str) -> list[dict[str, str]]:
    text = files(__package__).joinpath(f"{name}.csv").read_text("utf-8")
    return list(csv.DictReader(text.split("\n"), strict=True))
