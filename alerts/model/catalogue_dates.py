"""Dates and promises of a whole catalogue, kept from run to run.

A cache of the manifest that it names: without it, the whole catalogue is read and counted again. Its rows are sorted by
date, so that the datasets that become due as time passes are found by bisection.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from opendata_spiders.store.codec import changed_fields, from_document
from opendata_spiders.store.content import canonical, pack, read_canonical, unpack
from opendata_spiders.store.models import Entry
from opendata_spiders.store.writing import Document

Row = tuple[int, str]
"""A dataset: its claimed date (in ticks) and its native id."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)


def ticks(moment: datetime) -> int:
    """A moment as the rows hold it: microseconds since 1970-01-01 UTC."""
    return (moment - _EPOCH) // _TICK


def moment(at: int) -> datetime:
    """The moment (UTC) of a number of ticks: the inverse of `ticks`."""
    return _EPOCH + at * _TICK


@dataclass(frozen=True, slots=True)
class DatedEntry:
    """One manifest entry with what is counted of it."""

    entry: Entry
    claimed: int | None
    """The date it claims, in ticks; None without a readable one."""
    day: str
    """The claimed date as a day in the portal's time zone (ISO); empty without one."""
    prints_update: bool
    """Whether the portal prints an update date, readable or not."""
    ahead: bool
    """Whether it prints a date in the future: then what it claims depends on the time at which it is read."""

    @property
    def promise(self) -> str:
        """The raw frequency; empty without one."""
        return self.entry.frequency or ""


@dataclass(frozen=True, slots=True)
class CatalogueDates:
    """The datasets of one manifest by promise and claimed date, with some counts."""

    manifest: str | None = None
    reading: str = ""
    """How dates were read and counted: versions of both, zone, lost fields. For another reading all is counted anew."""
    division: str = ""
    """Whose datasets are counted, where the list is divided by owner; for another division all is counted anew."""
    rows: Mapping[str, list[Row]] = field(default_factory=dict)
    """Datasets that claim a date, by promise (raw frequency), oldest first."""
    undated: Mapping[str, int] = field(default_factory=dict)
    """Number of datasets that claim no date, by promise."""
    days: Mapping[str, int] = field(default_factory=dict)
    """Number of datasets by claimed day (ISO, in the portal's time zone)."""
    detailed: int = 0
    prints_update: int = 0
    unread: int = 0
    """Number of datasets that print an update date that cannot be read, and so claim none."""
    ahead: Mapping[str, DatedEntry] = field(default_factory=dict)
    """Datasets that print a date in the future, as they were counted, by native id."""

    @property
    def datasets(self) -> int:
        """Number of datasets counted."""
        return sum(map(len, self.rows.values())) + sum(self.undated.values())

    @property
    def newest(self) -> int:
        """The latest claimed date, in ticks; 0 without one."""
        return max((rows[-1][0] for rows in self.rows.values()), default=0)

    def newest_within(self, start: int, end: int) -> Row | None:
        """The latest row from `start` to before `end`, both in ticks."""
        last = (rows[place - 1] for rows in self.rows.values() if (place := bisect_left(rows, (end, ""))))
        return max((row for row in last if row[0] >= start), default=None)

    def without_entries(self, gone: Sequence[DatedEntry]) -> "CatalogueDates":
        """A copy without these entries, all of which are counted in it."""
        rows = _by_promise(gone)
        kept = {name: [row for row in self.rows[name] if row not in out] for name, out in rows.items()}
        return replace(self._changed(gone, -1), rows={name: one for name, one in {**self.rows, **kept}.items() if one})

    def with_entries(self, came: Sequence[DatedEntry]) -> "CatalogueDates":
        """A copy with these entries, none of which is counted in it yet."""
        rows = {name: sorted((*self.rows.get(name, ()), *new)) for name, new in _by_promise(came).items()}
        return replace(self._changed(came, 1), rows={**self.rows, **rows})

    def _changed(self, entries: Sequence[DatedEntry], by: int) -> "CatalogueDates":
        ahead = {one.entry.id: one for one in entries if one.ahead}
        kept = {name: one for name, one in self.ahead.items() if name not in ahead}
        return replace(
            self,
            undated=_moved(self.undated, (one.promise for one in entries if one.claimed is None), by),
            days=_moved(self.days, (one.day for one in entries if one.day), by),
            detailed=self.detailed + by * sum(one.entry.detailed for one in entries),
            prints_update=self.prints_update + by * sum(one.prints_update for one in entries),
            unread=self.unread + by * sum(one.prints_update and one.claimed is None for one in entries),
            ahead={**kept, **ahead} if by > 0 else kept,
        )


def _by_promise(entries: Iterable[DatedEntry]) -> Mapping[str, set[Row]]:
    rows: dict[str, set[Row]] = defaultdict(set)
    for one in entries:
        if one.claimed is not None:
            rows[one.promise].add((one.claimed, one.entry.id))
    return rows


def _moved(counts: Mapping[str, int], names: Iterable[str], by: int) -> dict[str, int]:
    """The counts changed by `by` for each of the names; names whose count becomes 0 are left out."""
    moved = dict(counts)
    for name, count in Counter(names).items():
        moved[name] = moved.get(name, 0) + by * count
    return {name: count for name, count in moved.items() if count}


def dates_document(portal: str, dates: CatalogueDates) -> Document:
    """The dates of a portal's catalogue as one packed document of the collection `catalogue_dates`."""
    values = {one.name: getattr(dates, one.name) for one in fields(dates)}
    ahead = {name: changed_fields(one) for name, one in dates.ahead.items()}
    return {"_id": portal, "packed": pack(canonical(values | {"ahead": ahead}))}


def dates_of(document: Mapping[str, Any] | None) -> CatalogueDates:
    """The dates from their document; empty ones without a document."""
    return from_document(CatalogueDates, read_canonical(unpack(document["packed"]))) if document else CatalogueDates()
