"""The dates of a catalogue: counted incrementally from the entries that differ, and searched for what becomes due."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import pairwise

from alerts.comparison.context import RunContext
from alerts.comparison.run_view import Lens
from alerts.model.catalogue_dates import CatalogueDates, DatedEntry, Row, moment, ticks
from opendata_spiders.normalise import JUDGED, NORMALISER_VERSION, Promise, PromiseStanding, deadlines, standing
from opendata_spiders.store.models import Entry

_COUNTING = 1
"""Version of the counting: raise it when an entry is counted in another way, so that all is counted anew."""


def dates_listed(step: RunContext) -> CatalogueDates:
    """The dates of the run's list, counted from its differences to the list that was counted last.

    All of it is counted where that was read otherwise or later than now, or where other datasets are counted.
    """
    known, lens, reader, manifest = step.memory.dates, step.lens, step.view.reader, step.run.manifest
    reading, owners = _reading(lens), step.view.owners
    same = (known.reading, known.division) == (reading, owners.division)
    if not same or known.newest > ticks(lens.now) or owners.is_reassigned(known.manifest):
        known = CatalogueDates(reading=reading, division=owners.division)
    before, after = reader.changed_entries(known.manifest, manifest)
    # An entry that prints a future date claims another date as time passes, so it is counted again.
    again = [one.entry for name, one in known.ahead.items() if name not in before]
    gone = list(({name: _dated(entry, lens) for name, entry in before.items()} | dict(known.ahead)).values())
    came = [_dated(entry, lens) for entry in (*again, *after.values())]
    if gone != came:
        known = known.without_entries(gone).with_entries(came)
    return known if known.manifest == manifest else replace(known, manifest=manifest)


def _reading(lens: Lens) -> str:
    return f"{_COUNTING} {NORMALISER_VERSION} {lens.tz} {','.join(lens.lost)}"


def _dated(entry: Entry, lens: Lens) -> DatedEntry:
    claimed = lens.claimed(entry.clocks)
    return DatedEntry(
        entry,
        None if claimed is None else ticks(claimed),
        "" if claimed is None else lens.day(claimed).isoformat(),
        prints_update=lens.claims_update(entry.clocks),
        ahead=lens.prints_future(entry.clocks),
    )


def count_standings(dates: CatalogueDates, at: datetime, lens: Lens) -> Mapping[PromiseStanding, int]:
    """Number of datasets by promise standing at the time `at`."""
    counts: Counter[PromiseStanding] = Counter()
    for raw, many in dates.undated.items():
        counts[standing(lens.promise(raw), None, at, lens.tz)] += many
    for raw, rows in dates.rows.items():
        limits = _Limits(rows, lens.promise(raw), lens)
        if not limits.judged:
            counts[standing(limits.promise, moment(rows[0][0]), at, lens.tz)] += len(rows)
            continue
        late = [len(rows), *(limits.passed(which, at) for which in _LIMITS), 0]
        for one, (many, later) in zip(JUDGED, pairwise(late), strict=True):
            counts[one] += many - later
    return counts


def turned_between(dates: CatalogueDates, since: datetime, until: datetime, lens: Lens) -> set[str]:
    """Native ids of the datasets that pass a deadline of their promise after `since` and not after `until`."""
    every = (_Limits(rows, lens.promise(raw), lens) for raw, rows in dates.rows.items())
    judged = [limits for limits in every if limits.judged]
    return {name for limits in judged for which in _LIMITS for name in limits.between(which, since, until)}


def unpromised(dates: CatalogueDates, lens: Lens) -> Iterator[list[Row]]:
    """The rows of the datasets that never become due, one list for each promise, oldest first."""
    for raw, rows in dates.rows.items():
        promise = lens.promise(raw)
        if not promise.realtime and promise.due is None:
            yield rows


def rows_until(rows: list[Row], day: date, lens: Lens) -> int:
    """How many of the rows claim this day (in the portal's time zone) or an earlier one."""
    return bisect_right(rows, day, key=lambda row: lens.day(moment(row[0])))


_LIMITS = range(len(JUDGED) - 1)
"""Indices of the deadlines after which a dataset is due, overdue, delinquent."""


@dataclass(frozen=True, slots=True)
class _Limits:
    """The deadlines of the datasets with one promise, in the order of their dates except within one day.

    A month from the 30th and from the 31st of January ends on the same day, each at its own time of day.
    """

    rows: list[Row]
    promise: Promise
    lens: Lens

    @property
    def judged(self) -> bool:
        """Whether the promise has deadlines: not where nothing is promised, or real time."""
        return not self.promise.realtime and self.promise.due is not None

    def passed(self, which: int, at: datetime) -> int:
        """How many rows have passed this deadline at the time `at`."""
        start, end = self._of_day(which, at)
        return start + sum(self._limit(row, which) <= at for row in self.rows[start:end])

    def between(self, which: int, since: datetime, until: datetime) -> Iterator[str]:
        """Native ids of the rows that pass this deadline after `since` and not after `until`."""
        start, end = self._of_day(which, since)[0], self._of_day(which, until)[1]
        return (row[1] for row in self.rows[start:end] if since < self._limit(row, which) <= until)

    def _of_day(self, which: int, at: datetime) -> tuple[int, int]:
        """Start and end (exclusive) of the rows whose deadline is on the day of `at`."""
        day = self.lens.day(at)
        start = bisect_left(self.rows, day, key=lambda row: self._limit(row, which).date())
        return start, bisect_right(self.rows, day, lo=start, key=lambda row: self._limit(row, which).date())

    def _limit(self, row: Row, which: int) -> datetime:
        """The deadline of a row, in the portal's time zone."""
        limits = deadlines(self.promise, moment(row[0]), self.lens.tz)
        if limits is None:
            raise ValueError(f"{self.promise.code} has no limits: ask `judged` first")
        return limits[which]
