"""Header rows: which first rows are none, and what has become of their fields."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from alerts.model.policy import EventPolicy
from opendata_spiders import normalise

_NUMBER = re.compile(r"[-+±]?[\d,，]*\.?\d+(e[-+]?\d+)?[%％‰]?", re.IGNORECASE)
_YEAR = re.compile(r"(19|20)\d\d")
_DATE = re.compile(r"\d{4}[-/.年]\d{1,2}([-/.月]\d{1,2}日?)?([T ].*)?")
_ADDRESS = re.compile(r"(https?://|www\.)\S+|\S+@\S+\.\S+", re.IGNORECASE)
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class FieldsChange:
    """What differs between two headers, as written; order and looks aside."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()
    """Old and new name."""

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.renamed)

    @property
    def breaking(self) -> bool:
        """Whether a program that reads the file by its fields may stumble."""
        return bool(self.removed or self.renamed)


def is_header(columns: Sequence[str], policy: EventPolicy) -> bool:
    """Whether a first row can be one: no cell blank, double, or something that stands in the rows of a table."""
    keys = [_key(one) for one in columns]
    return (
        bool(keys) and all(keys) and len(set(keys)) == len(keys) and not any(_is_data(one, policy) for one in columns)
    )


def _is_data(cell: str, policy: EventPolicy) -> bool:
    text = cell.strip()
    number = _NUMBER.fullmatch(text) and not _YEAR.fullmatch(text)
    return bool(number or _DATE.fullmatch(text) or _ADDRESS.fullmatch(text)) or len(text) > policy.schema_cell


def _key(column: str) -> str:
    return normalise.title_key(column)


def fields_change(before: Sequence[str], after: Sequence[str], policy: EventPolicy) -> FieldsChange:
    """The fields that came, went and were renamed; names that differ in width, case, blanks or brackets are one."""
    old, new = ({_key(one): one for one in columns} for columns in (before, after))
    gone, came = [old[key] for key in old if key not in new], [new[key] for key in new if key not in old]
    renamed = _pairs(gone, came, policy)
    was, now = {pair[0] for pair in renamed}, {pair[1] for pair in renamed}
    return FieldsChange(
        tuple(one for one in came if one not in now), tuple(one for one in gone if one not in was), renamed
    )


def _pairs(gone: Iterable[str], came: Sequence[str], policy: EventPolicy) -> tuple[tuple[str, str], ...]:
    """The likest pairs of one that went and one that came."""
    scored = sorted(
        (-fuzz.ratio(_key(old), _key(new)), old, new)
        for old in gone
        for new in came
        if _DIGITS.findall(old) == _DIGITS.findall(new)
    )
    pairs: list[tuple[str, str]] = []
    taken: tuple[set[str], set[str]] = set(), set()
    for score, old, new in scored:
        if -score >= policy.schema_rename and old not in taken[0] and new not in taken[1]:
            pairs.append((old, new))
            taken[0].add(old)
            taken[1].add(new)
    return tuple(pairs)


def is_same_table(before: Sequence[str], after: Sequence[str], change: FieldsChange, policy: EventPolicy) -> bool:
    """Whether enough of the shorter header stays: else the file holds another table, or no header at all."""
    kept = len(after) - len(change.added)
    return kept >= policy.schema_kept * min(len(before), len(after))
