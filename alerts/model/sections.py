"""Section and audience of each kind of event (sections.csv), and the limits of a digest (digest_policy, levels.csv)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from fnmatch import fnmatchcase
from functools import cache

from opendata_spiders.tables import Row, TableError, Tables


@dataclass(frozen=True, slots=True)
class SectionPlace:
    """Section, audience and order of one kind of event."""

    section: str
    audience: str
    """all, officer (officers and operators), operator, or watcher (whoever watches the dataset, whatever the role)."""
    rank: int
    """Order within the whole digest."""
    chain: str = ""
    """Kinds with the same chain supersede each other: only the last event of a city or dataset is reported."""


@dataclass(frozen=True, slots=True)
class DigestPolicy:
    """One attribute for each row of digest_policy.csv, which gives the meanings."""

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
    """How detailed a digest is: one row of levels.csv."""

    rows_max: int
    """Rows on a phone that the sections may take; if they take more, the next level is tried; the last one is final."""
    fold_over: int
    """A city with more events of one kind than this gets one line for all of them."""
    samples: int
    """Titles shown in such a line."""
    later_samples: int
    """Titles shown in every section but the first; if 0, departments are not named there either."""
    offices: int
    """Departments named in such a line."""
    groups_max: int
    """Cities listed one by one in a section; the rest share one line."""
    rest_named: int
    """Cities named in that line."""


_TABLES = Tables("alerts.model")


@cache
def policy() -> DigestPolicy:
    """The numbers as shipped. Raises TableError."""
    return _TABLES.policy(DigestPolicy, "digest_policy")


@cache
def levels() -> tuple[DetailLevel, ...]:
    """From the most to the least detailed. Raises TableError."""
    names = [field.name for field in fields(DetailLevel)]
    return tuple(DetailLevel(*(int(row[name]) for name in names)) for row in _TABLES.rows("levels", *names))


def later(level: DetailLevel) -> DetailLevel:
    """The level that applies in every section but the first."""
    return replace(level, samples=level.later_samples, offices=level.offices if level.later_samples else 0)


def _rows() -> Sequence[Row]:
    return _TABLES.rows("sections", "pattern", "section", "audience", "chain")


@cache
def section_order() -> tuple[str, ...]:
    """Sections in the order of a digest, which is that of their first rows."""
    return tuple(dict.fromkeys(row["section"] for row in _rows()))


@cache
def place_of(kind: str) -> SectionPlace:
    """The place of a kind: of the first row whose pattern is the kind itself, else of the first that matches it."""
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


def concerns(role: str, kind: str, *, watched: bool = False) -> bool:
    """Whether events of this kind are for people of this role at all; `watched`: about a dataset that they watch."""
    audience = place_of(kind).audience
    return audience in _CIRCLES[role] or (watched and audience == "watcher")
