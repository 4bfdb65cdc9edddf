"""Where an event stands in a digest and who gets it (sections.csv), and how much is told (digest_policy.csv)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from fnmatch import fnmatchcase
from functools import cache

from opendata_spiders.tables import Row, TableError, Tables


@dataclass(frozen=True, slots=True)
class SectionPlace:
    """Where one kind of event stands."""

    section: str
    audience: str
    """all, officer (officers and operators) or operator."""
    rank: int
    """Order within the whole digest."""
    chain: str = ""
    """Kinds of one chain overtake each other: of one city or dataset only the last of them is told."""


@dataclass(frozen=True, slots=True)
class DigestPolicy:
    """One attribute a row of digest_policy.csv; meanings stand there."""

    row_columns: int
    places_named: int
    subject_columns: int
    title_chars: int
    office_chars: int
    value_chars: int
    reminder_days: tuple[int, ...]
    reminder_again: int
    head_start_hours: int
    list_days: int
    list_offices: int
    list_bytes: int
    heartbeat_days: int


@dataclass(frozen=True, slots=True)
class DetailLevel:
    """How much of a night is told one by one: one row of levels.csv."""

    rows_max: int
    """Rows on a phone that the sections may take; if they take more, the next level is tried, the last one holds."""
    fold_over: int
    """A city with more events of one kind than this gets one line for all of them."""
    samples: int
    """Titles shown of such a lot."""
    later_samples: int
    """The same in every section but the first; where it is 0, departments are not named either."""
    offices: int
    """Departments named of such a lot."""
    groups_max: int
    """Cities told one by one in a section; the rest share one line."""
    rest_named: int
    """Cities named in that line."""


_TABLES = Tables("alerts.model")


@cache
def policy() -> DigestPolicy:
    """The numbers as shipped. Raises TableError."""
    return _TABLES.policy(DigestPolicy, "digest_policy")


@cache
def levels() -> tuple[DetailLevel, ...]:
    """From the fullest to the tightest. Raises TableError."""
    names = [field.name for field in fields(DetailLevel)]
    return tuple(DetailLevel(*(int(row[name]) for name in names)) for row in _TABLES.rows("levels", *names))


def later(level: DetailLevel) -> DetailLevel:
    """The level as it holds in every section but the first."""
    return replace(level, samples=level.later_samples, offices=level.offices if level.later_samples else 0)


def _rows() -> Sequence[Row]:
    return _TABLES.rows("sections", "pattern", "section", "audience", "chain")


@cache
def section_order() -> tuple[str, ...]:
    """Sections in the order of a digest: of their first row."""
    return tuple(dict.fromkeys(row["section"] for row in _rows()))


@cache
def place_of(kind: str) -> SectionPlace:
    """The first row whose pattern is the kind itself, else the first that matches it."""
    for rank, row in sorted(enumerate(_rows()), key=lambda pair: pair[1]["pattern"] != kind):
        if fnmatchcase(kind, row["pattern"]):
            return SectionPlace(row["section"], row["audience"], rank, row["chain"])
    raise TableError("alerts/model/sections.csv lost its last row, *: put it back.")


_CIRCLES: Mapping[str, frozenset[str]] = {
    "reader": frozenset({"all"}),
    "researcher": frozenset({"all"}),
    "officer": frozenset({"all", "officer"}),
    "operator": frozenset({"all", "officer", "operator"}),
}


def concerns(role: str, kind: str) -> bool:
    """Whether events of this kind are for people of this role at all."""
    return place_of(kind).audience in _CIRCLES[role]
