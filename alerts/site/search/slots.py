"""The number of every dataset in the index, kept from build to build so that a new dataset rewrites few files.

A number grows with the date of the last update. A dataset keeps its number until its date is `search_fresh_days` newer
than when the number was given; then it gets a new one at the end, and its old slot stays empty.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

KEY_BYTES = 8
_SLOT = struct.Struct(f">{KEY_BYTES}sH")
"""The key of a dataset and the day of its number, in days since `_FIRST`; 0 without a date."""
_FIRST = date(2000, 1, 1)
_LAST = 0xFFFF
_EMPTY = b"\0" * KEY_BYTES
_MOST_EMPTY = 2
"""All numbers are given anew when there are more than so many slots to a dataset."""


@dataclass(frozen=True, slots=True)
class SearchSlot:
    """The number of one dataset."""

    number: int
    day: int


def day_number(day: date | None) -> int:
    """A day as a slot holds it."""
    return min(max((day - _FIRST).days, 0), _LAST) if day else 0


def read_slots(content: bytes) -> dict[bytes, SearchSlot]:
    """The numbers of an earlier build by key; none of a damaged file, so that all are given anew."""
    if len(content) % _SLOT.size:
        return {}
    rows = enumerate(_SLOT.iter_unpack(content))
    return {key: SearchSlot(number, day) for number, (key, day) in rows if key != _EMPTY}


def give_slots(
    days: Mapping[bytes, int], before: Mapping[bytes, SearchSlot], fresh_days: int
) -> dict[bytes, SearchSlot]:
    """The number of every dataset, by key; `days`: the day of its last update (`day_number`)."""
    kept = {
        key: before[key] for key, day in days.items() if key in before and day - before[key].day <= fresh_days
    }  # fmt: skip
    size = 1 + max((slot.number for slot in before.values()), default=-1)
    if size + len(days) - len(kept) > _MOST_EMPTY * len(days):
        kept, size = {}, 0
    fresh = sorted((day, key) for key, day in days.items() if key not in kept)
    return kept | {key: SearchSlot(number, day) for number, (day, key) in enumerate(fresh, start=size)}


def slots_packed(slots: Mapping[bytes, SearchSlot]) -> bytes:
    """The file that `read_slots` reads."""
    size = 1 + max((slot.number for slot in slots.values()), default=-1)
    content = bytearray(_SLOT.size * size)
    for key, slot in slots.items():
        _SLOT.pack_into(content, _SLOT.size * slot.number, key, slot.day)
    return bytes(content)
