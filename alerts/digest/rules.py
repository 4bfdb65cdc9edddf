"""Where an event stands in a digest and who gets it (sections.csv), and how much is told (policy.csv)."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files


class DigestRuleError(ValueError):
    """Raised when a table of the digest does not hold what the code asks for; names table and row."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where one kind of event stands."""

    section: str
    audience: str
    """all, officer (officers and operators) or operator."""
    rank: int
    """Order within the whole digest."""


@dataclass(frozen=True, slots=True)
class Policy:
    """One attribute a row of policy.csv; meanings stand there."""

    fold_over: int
    samples: int
    groups_max: int
    places_named: int
    subject_columns: int
    title_chars: int
    office_chars: int
    value_chars: int
    heartbeat_days: int


def _rows(name: str) -> list[dict[str, str]]:
    text = files(__package__).joinpath(name).read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))


@cache
def policy() -> Policy:
    """The numbers as shipped; DigestRuleError where table and code disagree."""
    try:
        return Policy(**{row["name"]: int(row["value"]) for row in _rows("policy.csv")})
    except (TypeError, ValueError) as error:
        raise DigestRuleError(f"alerts/digest/policy.csv and alerts/digest/rules.py disagree: {error}.") from error


@cache
def section_order() -> tuple[str, ...]:
    """Sections in the order of a digest: of their first row."""
    return tuple(dict.fromkeys(row["section"] for row in _rows("sections.csv")))


@cache
def place_of(kind: str) -> Place:
    """The first row whose pattern is the kind itself, else the first that matches it."""
    rows = list(enumerate(_rows("sections.csv")))
    for rank, row in sorted(rows, key=lambda pair: pair[1]["pattern"] != kind):
        if fnmatchcase(kind, row["pattern"]):
            return Place(row["section"], row["audience"], rank)
    raise DigestRuleError("alerts/digest/sections.csv lost its last row, *: put it back.")


_CIRCLES: Mapping[str, frozenset[str]] = {
    "reader": frozenset({"all"}),
    "researcher": frozenset({"all"}),
    "officer": frozenset({"all", "officer"}),
    "operator": frozenset({"all", "officer", "operator"}),
}


def concerns(role: str, kind: str) -> bool:
    """Whether events of this kind are for people of this role at all."""
    return place_of(kind).audience in _CIRCLES[role]
