"""The dates of a catalogue: counted incrementally from the entries that differ, and searched for what becomes due."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import pairwise

from alerts.comparison.context import RunContext
from alerts.comparison.run_view import Entries, Lens
from alerts.model.catalogue_dates import (
    CatalogueDates,
    Cell,
    CellName,
    DatedEntry,
    EntryCount,
    MiscountedError,
    Row,
    moment,
    ticks,
)
from opendata_spiders.normalise import (
    JUDGED,
    NORMALISER_VERSION,
    Promise,
    PromiseStanding,
    deadlines,
    promise_of,
    standing,
)
from opendata_spiders.store.models import Entry

_COUNTING = 2
"""Version of the counting: raise it when an entry is counted in another way, so that all is counted anew."""
_CLOCKS_CHANGE = timedelta(hours=3)
"""More than any clock is put forward or back in a night: within it the order of times of day is no order of moments."""


def dates_listed(step: RunContext) -> CatalogueDates:
    """The dates of the run's list, counted from its differences to the list that was counted last.

    All of it is counted where that was read otherwise or later than now, or where other datasets are counted.
    """
    known, lens, owners = step.memory.dates, step.lens, step.view.owners
    same = (known.reading, known.division) == (_reading(lens), owners.division)
    if not same or known.last > ticks(lens.now) or owners.is_reassigned(known.manifest):
        return _counted_anew(step)
    before, after = step.view.reader.changed_entries(known.manifest, step.run.manifest)
    # An entry that prints a future date claims another date as time passes, so it is counted again.
    again = [one.entry for name, one in known.ahead.items() if name not in before]
    gone = list(({name: _dated(entry, lens) for name, entry in before.items()} | dict(known.ahead)).values())
    came = [_dated(entry, lens) for entry in (*again, *after.values())]
    try:
        return _exchanged(
            known, *((EntryCount(), EntryCount()) if gone == came else (EntryCount(gone), EntryCount(came))), step
        )
    except MiscountedError:
        return _counted_anew(step)


def _counted_anew(step: RunContext) -> CatalogueDates:
    nothing = CatalogueDates(reading=_reading(step.lens), division=step.view.owners.division)
    return _exchanged(
        nothing, EntryCount(), EntryCount(_dated(entry, step.lens) for entry in step.listed.values()), step
    )


def _exchanged(known: CatalogueDates, gone: EntryCount, came: EntryCount, step: RunContext) -> CatalogueDates:
    """The dates of the run's list: those known without what is gone and with what came. Raises MiscountedError."""
    dates = known.changed(gone, came) if gone.entries or came.entries else known
    if dates.manifest != step.run.manifest:
        dates = replace(dates, manifest=step.run.manifest)
    day = max(dates.days.difference(step.state.restamps, step.state.ahead), default=None)
    newest = None
    if day is not None:
        newest = _newest_seen(day, known, dates, (gone, came), step) or _latest_in(day, dates, step)
    return dates if newest == dates.newest else replace(dates, newest=newest)


def _newest_seen(
    day: str, known: CatalogueDates, dates: CatalogueDates, counts: tuple[EntryCount, EntryCount], step: RunContext
) -> Row | None:
    """The latest row of a day, where the one known before and the rows that came show it; None: it has to be read."""
    left, latest = (one.latest.get(day) for one in counts)
    if latest and sum(len(dates.cell(name)) for name in dates.on(day)) == counts[1].on(day):
        return latest
    before = known.newest
    if before is None or step.lens.day(moment(before[0])).isoformat() != day:
        return None
    if latest and latest >= before:
        return latest
    return None if left == before else before


def newest_on(day: str, dates: CatalogueDates, step: RunContext) -> Row | None:
    """The latest row of a day; it is known of the newest day, and of others the day's cells are read."""
    known = dates.newest
    if known and step.lens.day(moment(known[0])).isoformat() == day:
        return known
    return _latest_in(day, dates, step)


def _latest_in(day: str, dates: CatalogueDates, step: RunContext) -> Row | None:
    found = _entries_in(dates.on(day), dates, step)
    return max((row for entries in found.values() for one in entries if (row := one.row)), default=None)


def _entries_in(
    names: Iterable[CellName], dates: CatalogueDates, step: RunContext
) -> Mapping[CellName, list[DatedEntry]]:
    """The entries that some cells of the run's list count, read from the chunks in which they lie."""
    found: dict[CellName, list[DatedEntry]] = {name: [] for name in names}
    marks = {mark for name in found for mark in dates.cell(name).each_mark()}
    for entry in step.view.reader.marked(dates.manifest, marks) if marks else ():
        one = _dated(entry, step.lens)
        if one.claimed is not None and one.cell in found:
            found[one.cell].append(one)
    return found


def _reading(lens: Lens) -> str:
    return f"{_COUNTING} {NORMALISER_VERSION} {lens.family} {lens.tz} {','.join(lens.lost)}"


def _dated(entry: Entry, lens: Lens) -> DatedEntry:
    claimed = lens.claimed(entry.clocks)
    return DatedEntry(
        entry,
        lens.promise(entry.frequency).code,
        None if claimed is None else ticks(claimed),
        "" if claimed is None else lens.day(claimed).isoformat(),
        prints_update=lens.claims_update(entry.clocks),
        ahead=lens.prints_future(entry.clocks),
    )


def count_standings(dates: CatalogueDates, at: datetime, step: RunContext) -> Mapping[PromiseStanding, int]:
    """Number of datasets by promise standing at the time `at`."""
    counts: Counter[PromiseStanding] = Counter()
    for code, many in dates.undated.items():
        counts[standing(promise_of(code), None, at, step.lens.tz)] += many
    for code, cells in dates.cells.items():
        if not _is_judged(promise_of(code)):
            dated = moment(next(iter(cells.values())).first)
            counts[standing(promise_of(code), dated, at, step.lens.tz)] += sum(map(len, cells.values()))
    promised = _promised(dates, step.lens)
    divided = {name for one in promised for which in _LIMITS for name in one.divided(which, at)}
    found = _entries_in(divided, dates, step)
    for one in promised:
        late = [sum(map(len, one.cells)), *(one.passed(which, at, found) for which in _LIMITS), 0]
        for judged, (many, later) in zip(JUDGED, pairwise(late), strict=True):
            counts[judged] += many - later
    return counts


def turned_between(dates: CatalogueDates, since: datetime, until: datetime, step: RunContext) -> Entries:
    """The listed entries that pass a deadline of their promise after `since` and not after `until`, by native id."""
    promised = _promised(dates, step.lens)
    names = {name for one in promised for which in _LIMITS for name in one.turning(which, since, until)}
    found = _entries_in(names, dates, step)
    return {
        dated.entry.id: dated.entry
        for one in promised
        for day in one.days
        for dated in found.get((one.promise.code, day), ())
        if any(since < one.limit(dated.claimed, which) <= until for which in _LIMITS)
    }


def turned_dormant(dates: CatalogueDates, days: tuple[date, date], step: RunContext) -> Entries:
    """The listed entries without deadlines that claim a day after the first of these and not after the last, by id."""
    since, until = (day.isoformat() for day in days)
    codes = [code for code in dates.cells if is_never_due(promise_of(code))]
    names = [(code, day) for code in codes for day in dates.cells[code] if since < day <= until]
    return {one.entry.id: one.entry for found in _entries_in(names, dates, step).values() for one in found}


def is_never_due(promise: Promise) -> bool:
    """Whether nothing is promised, or no period: such a dataset is never late."""
    return not promise.realtime and promise.due is None


def _is_judged(promise: Promise) -> bool:
    """Whether the promise has deadlines: not where nothing is promised, or real time."""
    return not promise.realtime and promise.due is not None


_LIMITS = range(len(JUDGED) - 1)
"""Indices of the deadlines after which a dataset is due, overdue, delinquent."""


def _promised(dates: CatalogueDates, lens: Lens) -> "list[_Promised]":
    judged = ((promise_of(code), days) for code, days in dates.cells.items() if _is_judged(promise_of(code)))
    return [_Promised(promise, sorted(days), [days[day] for day in sorted(days)], lens) for promise, days in judged]


@dataclass(frozen=True, slots=True)
class _Promised:
    """The cells of one promise that has deadlines, in the order of their days.

    Their deadlines are in that order too, except within one day: a month from the 30th and from the 31st of January
    ends on the same day, each at its own time of day.
    """

    promise: Promise
    days: list[str]
    cells: list[Cell]
    lens: Lens

    def passed(self, which: int, at: datetime, found: Mapping[CellName, list[DatedEntry]]) -> int:
        """How many datasets have passed this deadline at the time `at`; `found` holds those of the `divided` cells."""
        start, end = self._around(which, at, at)
        count = sum(map(len, self.cells[:start]))
        for place in range(start, end):
            passed = self._is_passed(place, which, at)
            if passed is None:
                entries = found[self.promise.code, self.days[place]]
                count += sum(self.limit(one.claimed, which) <= at for one in entries)
            else:
                count += passed * len(self.cells[place])
        return count

    def divided(self, which: int, at: datetime) -> Iterator[CellName]:
        """The cells of which only some datasets may have passed this deadline at the time `at`."""
        for place in range(*self._around(which, at, at)):
            if self._is_passed(place, which, at) is None:
                yield self.promise.code, self.days[place]

    def turning(self, which: int, since: datetime, until: datetime) -> Iterator[CellName]:
        """The cells of which datasets may pass this deadline after `since` and not after `until`."""
        for place in range(*self._around(which, since, until)):
            if self._is_passed(place, which, since) is not True and self._is_passed(place, which, until) is not False:
                yield self.promise.code, self.days[place]

    def limit(self, claimed: int | None, which: int) -> datetime:
        """The deadline of a claimed date (in ticks), in the portal's time zone."""
        limits = None if claimed is None else deadlines(self.promise, moment(claimed), self.lens.tz)
        if limits is None:
            raise ValueError(f"{self.promise.code} and {claimed} have no limits: ask `_is_judged` first")
        return limits[which]

    def _around(self, which: int, since: datetime, until: datetime) -> tuple[int, int]:
        """Start and end (exclusive) of the cells whose deadline is on the days from `since` to `until`."""

        def day_of(cell: Cell) -> date:
            return self.limit(cell.first, which).date()

        start = bisect_left(self.cells, self.lens.day(since), key=day_of)
        return start, bisect_right(self.cells, self.lens.day(until), lo=start, key=day_of)

    def _is_passed(self, place: int, which: int, at: datetime) -> bool | None:
        """Whether all datasets of a cell have passed this deadline at a time, or none (False); None: some may have."""
        cell = self.cells[place]
        first, last = self.limit(cell.first, which), self.limit(cell.last, which)
        margin = timedelta() if first == last else _CLOCKS_CHANGE
        if last + margin <= at:
            return True
        return False if first - margin > at else None
