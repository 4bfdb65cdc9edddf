"""Dates and promises of a whole catalogue, counted: what the passing of time needs to know of it, without its datasets.

The datasets are counted in cells: one cell are those of one promise (its code) that claim one day. Of each dataset in
it the cell keeps a mark, two bytes of the hash of its id: the first is its bucket in the manifest, and both together
leave few other entries of that chunk to look at. So the datasets of a cell that comes due are read from a few chunks,
and on a night on which nothing comes due no chunk is read at all.

A cache of the manifest that it names: without it, the whole catalogue is read and counted again.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from opendata_spiders.store.codec import changed_fields, from_document
from opendata_spiders.store.content import canonical, pack, read_canonical, unpack
from opendata_spiders.store.models import Entry
from opendata_spiders.store.writing import Document

T = TypeVar("T")

Row = tuple[int, str]
"""A dataset: its claimed date (in ticks) and its native id."""
CellName = tuple[str, str]
"""A promise (its code) and a day (ISO, in the portal's time zone)."""
_MARK_BYTES = 2
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)


class MiscountedError(Exception):
    """Raised when an entry is taken out of a cell that does not hold it: the catalogue has to be counted anew."""


def ticks(moment: datetime) -> int:
    """A moment as it is counted: microseconds since 1970-01-01 UTC."""
    return (moment - _EPOCH) // _TICK


def moment(at: int) -> datetime:
    """The moment (UTC) of a number of ticks: the inverse of `ticks`."""
    return _EPOCH + at * _TICK


def mark(dataset: str) -> bytes:
    """The mark of a native id; its first byte is the bucket of the id in a manifest."""
    return hashlib.sha256(dataset.encode("utf-8", "surrogatepass")).digest()[:_MARK_BYTES]


@dataclass(frozen=True, slots=True)
class DatedEntry:
    """One manifest entry with what is counted of it."""

    entry: Entry
    promise: str
    """The code of its promise."""
    claimed: int | None
    """The date it claims, in ticks; None without a readable one."""
    day: str
    """The claimed date as a day in the portal's time zone (ISO); empty without one."""
    prints_update: bool
    """Whether the portal prints an update date, readable or not."""
    ahead: bool
    """Whether it prints a date in the future: then what it claims depends on the time at which it is read."""

    @property
    def cell(self) -> CellName:
        """The cell in which it is counted, if it claims a date."""
        return self.promise, self.day

    @property
    def row(self) -> Row | None:
        """What it is compared by with others of its day; None if it claims no date."""
        return None if self.claimed is None else (self.claimed, self.entry.id)


@dataclass(frozen=True, slots=True)
class Cell:
    """The datasets of one promise that claim one day."""

    marks: bytes
    """The marks of the datasets, sorted, one after the other."""
    first: int = field(compare=False)
    """No dataset of the cell claims an earlier date (in ticks) …"""
    last: int = field(compare=False)
    """… and none a later one. Both are limits, since a dataset that leaves the cell does not move them."""

    def __len__(self) -> int:
        return len(self.marks) // _MARK_BYTES

    def each_mark(self) -> Iterator[bytes]:
        """The mark of each dataset."""
        return _each(self.marks)


@dataclass(frozen=True, slots=True)
class CatalogueDates:
    """The datasets of one manifest, counted by promise and claimed day."""

    manifest: str | None = None
    reading: str = ""
    """How values were read and counted: versions of both, family, zone, lost fields. For another one all is counted
    anew."""
    division: str = ""
    """Whose datasets are counted, where the list is divided by owner; for another division all is counted anew."""
    cells: Mapping[str, Mapping[str, Cell]] = field(default_factory=dict)
    """Datasets that claim a date, by code of their promise and by day (ISO, in the portal's time zone)."""
    undated: Mapping[str, int] = field(default_factory=dict)
    """Number of datasets that claim no date, by code of their promise."""
    detailed: int = 0
    prints_update: int = 0
    unread: int = 0
    """Number of datasets that print an update date that cannot be read, and so claim none."""
    ahead: Mapping[str, DatedEntry] = field(default_factory=dict)
    """Datasets that print a date in the future, as they were counted, by native id."""
    newest: Row | None = field(default=None, compare=False)
    """The latest row of the newest day that was evidence of an update when this was counted; None: not looked for."""

    @property
    def datasets(self) -> int:
        """Number of datasets counted."""
        dated = sum(len(cell) for cells in self.cells.values() for cell in cells.values())
        return dated + sum(self.undated.values())

    @property
    def days(self) -> set[str]:
        """The days (ISO) that any dataset claims."""
        return {day for cells in self.cells.values() for day in cells}

    @property
    def last(self) -> int:
        """No dataset claims a later date, in ticks; 0 without one."""
        return max((cell.last for cells in self.cells.values() for cell in cells.values()), default=0)

    def on(self, day: str) -> list[CellName]:
        """The cells of one day."""
        return [(promise, day) for promise, cells in self.cells.items() if day in cells]

    def cell(self, name: CellName) -> Cell:
        """The cell of this name; KeyError without datasets in it."""
        return self.cells[name[0]][name[1]]

    def changed(self, gone: "EntryCount", came: "EntryCount") -> "CatalogueDates":
        """A copy without the datasets of `gone` and with those of `came`; raises MiscountedError."""
        cells = {promise: dict(days) for promise, days in self.cells.items()}
        for name in gone.marks.keys() | came.marks.keys():
            promise, day = name
            days = cells.setdefault(promise, {})
            known = days.pop(day, None)
            marks = _exchanged(known.marks if known else b"", gone.marks.get(name, b""), came.marks.get(name, b""))
            if marks:
                limits = [(known.first, known.last)] if known else []
                limits += [came.limits[name]] if name in came.limits else []
                days[day] = Cell(marks, min(first for first, _ in limits), max(last for _, last in limits))
        return replace(
            self,
            cells={promise: days for promise, days in cells.items() if days},
            undated=_less(Counter(self.undated) + came.undated, gone.undated),
            detailed=self.detailed + came.detailed - gone.detailed,
            prints_update=self.prints_update + came.prints_update - gone.prints_update,
            unread=self.unread + came.unread - gone.unread,
            ahead={**{name: one for name, one in self.ahead.items() if name not in gone.ahead}, **came.ahead},
        )


class EntryCount:
    """What some entries add to a catalogue, or take from it; the entries themselves are not kept."""

    def __init__(self, entries: Iterable[DatedEntry] = ()) -> None:
        self.marks: dict[CellName, bytearray] = defaultdict(bytearray)
        self.limits: dict[CellName, tuple[int, int]] = {}
        """The earliest and the latest claimed date of each cell, in ticks."""
        self.latest: dict[str, Row] = {}
        """The latest row of each day."""
        self.undated = Counter[str]()
        self.entries = self.detailed = self.prints_update = self.unread = 0
        self.ahead: dict[str, DatedEntry] = {}
        for one in entries:
            self._add(one)

    def _add(self, one: DatedEntry) -> None:
        self.entries += 1
        self.detailed += one.entry.detailed
        self.prints_update += one.prints_update
        if one.ahead:
            self.ahead[one.entry.id] = one
        if one.claimed is None:
            self.undated[one.promise] += 1
            self.unread += one.prints_update
            return
        first, last = self.limits.get(one.cell, (one.claimed, one.claimed))
        self.marks[one.cell] += mark(one.entry.id)
        self.limits[one.cell] = min(first, one.claimed), max(last, one.claimed)
        row = one.claimed, one.entry.id
        self.latest[one.day] = max(row, self.latest.get(one.day, row))

    def on(self, day: str) -> int:
        """How many of the entries claim this day."""
        return sum(len(marks) // _MARK_BYTES for (_, one), marks in self.marks.items() if one == day)


def _each(marks: bytes | bytearray) -> Iterator[bytes]:
    return (bytes(marks[place : place + _MARK_BYTES]) for place in range(0, len(marks), _MARK_BYTES))


def _exchanged(known: bytes, gone: bytes | bytearray, came: bytes | bytearray) -> bytes:
    """The sorted marks without those gone and with those that came."""
    if not gone and not known:
        return b"".join(sorted(_each(came)))
    left = _less(Counter(_each(known)) + Counter(_each(came)), Counter(_each(gone)))
    return b"".join(mark * count for mark, count in sorted(left.items()))


def _less(counts: Counter[T], gone: Counter[T]) -> dict[T, int]:
    """The counts without those gone, and without zeros. Raises MiscountedError where more are gone than there were."""
    left = Counter(counts)
    left.subtract(gone)
    if any(count < 0 for count in left.values()):
        raise MiscountedError
    return {name: count for name, count in left.items() if count}


def dates_document(portal: str, dates: CatalogueDates) -> Document:
    """The dates of a portal's catalogue as a document of the collection `catalogue_dates`."""
    cells = {
        promise: {day: [cell.first, cell.last, cell.marks] for day, cell in days.items()}
        for promise, days in dates.cells.items()
    }
    # Only these two fields hold what the portal wrote, which may be no valid text for the database.
    written = pack(canonical([{name: changed_fields(one) for name, one in dates.ahead.items()}, dates.newest]))
    values = {one.name: getattr(dates, one.name) for one in fields(dates) if one.name not in ("ahead", "newest")}
    return {"_id": portal, **values, "cells": cells, "written": written}


def dates_of(document: Mapping[str, Any] | None) -> CatalogueDates:
    """The dates from their document; empty ones without a document, or from one of an earlier layout."""
    if document is None or "cells" not in document:
        return CatalogueDates()
    ahead, newest = read_canonical(unpack(document["written"]))
    cells = {
        promise: {day: Cell(marks, first, last) for day, (first, last, marks) in days.items()}
        for promise, days in document["cells"].items()
    }
    names = (one.name for one in fields(CatalogueDates) if one.name in document)
    values = {name: document[name] for name in names} | {
        "cells": cells,
        "ahead": {name: from_document(DatedEntry, one) for name, one in ahead.items()},
        "newest": newest and tuple(newest),
    }
    return CatalogueDates(**values)
