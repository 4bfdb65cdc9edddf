"""The truth about a whole city: how long it has been silent, and what is to be said about that by which night.

Some evidence counts from one of two days (a new dataset: its own date, or the night it was seen), so silence is kept
as a least and a most; what is to be said is due when both agree and allowed when one of them says so.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from itertools import pairwise
from statistics import median

from chinese_calendar import get_holiday_detail

from tests.score import words
from tests.score.nights import Reading
from tests.score.records import START, Record
from tests.score.world import World

MONTHS_EIGHT = 243
QUARTER = 92
NOTICES = (3, 14, 30)
MONTH = 30
EARLY, LATE = 2.5, 3.5


@dataclass(slots=True)
class Signs:
    """What one reading shows of life."""

    claimed: list[datetime] = field(default_factory=list)
    changed: set[str] = field(default_factory=set)
    updated: set[str] = field(default_factory=set)
    """Those of them whose data changed, or whose date did along with them: other words alone end no stop."""
    rewritten: list[int] = field(default_factory=list)
    """Nights on which what was rewritten on the whole portal happened, a dataset each."""
    new: int = 0
    sure: int = 0
    """Those of the new ones that cannot have been hidden before."""
    undated: bool = False
    """Whether content changed of which no new date tells."""
    stamped: list[tuple[Record, bool]] = field(default_factory=list)
    """Datasets that bear a stamped date for the first time, and whether something else on them changed too."""


class CityTruth:
    """Of one city, told by its book."""

    def __init__(self, world: World, say: Callable[..., None]) -> None:
        self.world, self.say = world, say
        self.begun = self.settled = False
        self.rescan = False
        self.low = self.high = 0
        """The newest evidence, as a day: at the earliest and at the latest."""
        self.days: set[int] = set()
        self.stopped = False
        self.stop_from: int | None = None
        self.slow_from: int | None = None
        self.slow_told = False
        self.slow_maybe = False
        self.noticed: int | None = None
        self.notice_from: dict[int, int] = {}
        self.notices: set[int] = set()
        """Those that were due since the newest evidence."""
        self.seen_day = 0
        """The day of the last complete reading."""
        self.swept: set[str] = set()
        self.faked = False
        self.faking_from: int | None = None
        self.known_stamps: set[date] = set()
        self.changed: set[str] = set()
        self.new = self.sure = 0
        self.resume_from: int | None = None

    # --- beginnings

    def begin(self, reading: Reading) -> None:
        """A baseline: the first makes the state in silence, that of a later epoch says nothing about the city."""
        if not self.begun:
            self.begun = True
            self._settle(reading)
        else:
            self.rescan = True

    def _settle(self, reading: Reading) -> None:
        listed = (reading.listed or {}).values()
        if self.world.traits.details and reading.detailed < 0.98 * len(listed):
            return
        self.settled = True
        days = sorted(_printed(reading))
        self.days, self.seen_day = set(days), _today(reading)
        self._evidence(days[-1], days[-1])
        silent = _today(reading) - days[-1]
        self.stopped = silent > MONTHS_EIGHT
        self.stop_from = reading.night if self.stopped else None
        self.noticed = _bucket(silent)
        self.notices = {self.noticed} if self.noticed else set()
        self.slow_told = silent > QUARTER
        self.slow_maybe = silent >= 29

    def _evidence(self, low: int, high: int) -> None:
        """Newer evidence ends a silence."""
        self.low = max(self.low, low)
        if high > self.high:
            self.high = high
            self._close_slow()
            self._close_notices()
            self.slow_told = self.slow_maybe = False
            self.noticed, self.notice_from, self.notices, self.swept = None, {}, set(), set()
            if not self.stopped:
                self.stop_from = None

    def _close_slow(self) -> None:
        if self.slow_from is not None and not self.slow_told:
            self.say("city.slowed", "", self.slow_from, due=None)
        self.slow_from = None

    def _close_notices(self) -> None:
        """What only the earlier of two days of evidence made due may have been said."""
        for bucket, night in self.notice_from.items():
            if bucket not in self.notices:
                self.say("city.stopping", str(bucket), night, due=None)

    # --- one reading

    def observe(self, reading: Reading, signs: Signs, size: int) -> None:
        """A complete run under the known rule: everything may be said."""
        if not self.settled:
            self._settle(reading)
            return
        printed = _printed(reading)
        if self.rescan:
            self.rescan = False
            listed = (reading.listed or {}).values()
            signs.claimed += [one.claimed for one in listed if one.claimed and not one.claimed_stamped]
        was_stopped = self.stopped
        self.take(reading, signs, size)
        if not self.stopped:
            self.days |= printed
        self.seen_day = _today(reading)
        if self.stopped:
            self._faking(reading, was_stopped=was_stopped)
        else:
            self._silence(reading)

    def take(self, reading: Reading, signs: Signs, size: int) -> None:
        """What speaks for the city, whatever the verdict."""
        today = _today(reading)
        if not self.settled:
            return
        if self.stopped:
            self._resume(reading, signs, size)
            return
        claimed = max((_day(one) for one in signs.claimed), default=0)
        self._undated(reading, signs)
        if signs.changed:
            self._evidence(today, today)
        elif signs.new:
            self._evidence(max(claimed, self.low), today if signs.sure else max(claimed, self.high))
            self.high = max(self.high, today)
        elif claimed:
            self._evidence(claimed, claimed)

    def _undated(self, reading: Reading, signs: Signs) -> None:
        """What was seen to happen counts on the day of the reading, unless a date since the last one tells of it."""
        if (signs.undated or signs.sure) and not any(day >= self.seen_day for day in _printed(reading)):
            self.days.add(_today(reading))

    def _resume(self, reading: Reading, signs: Signs, size: int) -> None:
        self.changed |= signs.updated
        self.new, self.sure = self.new + signs.new, self.sure + signs.sure
        need = max(3, 0.01 * size)
        if self.resume_from is None and (len(self.changed) >= need or (self.new and self.changed)):
            self.resume_from = reading.night
        if len(self.changed) >= need or (self.sure and self.changed):
            self.say("city.resumed", "", reading.night, earliest=self.resume_from)
            self._live_again(_today(reading))
            self._undated(reading, signs)

    def _live_again(self, today: int) -> None:
        self.stopped = self.faked = False
        self.stop_from = self.resume_from = self.faking_from = None
        self.changed, self.new, self.sure = set(), 0, 0
        self._evidence(today, today)

    # --- silence

    def _silence(self, reading: Reading) -> None:
        today = _today(reading)
        most, least = today - self.low, today - self.high
        if most > MONTHS_EIGHT and self.stop_from is None:
            self.stop_from = reading.night
        self.swept |= reading.details if least > MONTHS_EIGHT else set()
        if least > MONTHS_EIGHT and self._swept(reading):
            self.stopped = True
            self._close_slow()
            self.say("city.stopped", "", reading.night, earliest=self.stop_from)
            return
        self._notice(reading, most, least)
        self._slow(reading, most, least)

    def _swept(self, reading: Reading) -> bool:
        return not self.world.traits.details or self.swept >= (reading.listed or {}).keys()

    def _notice(self, reading: Reading, most: int, least: int) -> None:
        for bucket in (_bucket(most), _bucket(least)):
            if bucket is not None:
                self.notice_from.setdefault(bucket, reading.night)
        bucket = _bucket(least)
        if bucket is not None and bucket != self.noticed:
            self.noticed = bucket
            self.notices.add(bucket)
            self.say("city.stopping", str(bucket), reading.night, earliest=self.notice_from[bucket])

    def _slow(self, reading: Reading, most: int, least: int) -> None:
        today = _today(reading)
        if self.slow_told or _bucket(least) is not None:
            return
        if self._slow_since(self.low, today, EARLY) and self.slow_from is None:
            self.slow_from = reading.night
        if self._slow_since(self.high, today, LATE) and not self.slow_maybe:
            self.slow_told = True
            self.say("city.slowed", "", reading.night, earliest=self.slow_from)
            self.slow_from = None

    def _slow_since(self, last: int, today: int, times: float) -> bool:
        """Whether the silence since a day may (or must) be called slow: by the city's own gap, as offices work.

        A stamp that shows in part or a hidden row is a day more or less, so somewhat fewer and more times of the gap
        stand for the three that are asked for.
        """
        if today - last > QUARTER:
            return True
        days = sorted(self.days)[-40:]
        if len(days) < (4 if times < 3 else 6) or today - last - _off(last, today) < MONTH:
            return False
        gap = median(_working(earlier, later) for earlier, later in pairwise(days))
        return _working(last, today) > times * gap

    def _faking(self, reading: Reading, *, was_stopped: bool) -> None:
        newer = any(day.toordinal() > self.high for day in self.known_stamps)
        if newer and not self.faked and self.faking_from is None:
            self.faking_from = self.stop_from if self.stop_from is not None else reading.night
        if newer and not self.faked and was_stopped:
            self.faked = True
            self.say("city.stopped_faking", "", reading.night, earliest=self.faking_from)

    def close(self) -> None:
        """What may have been said by the last night."""
        self._close_slow()
        self._close_notices()
        if self.stop_from is not None and not self.stopped:
            self.say("city.stopped", "", self.stop_from, due=None)
        if self.resume_from is not None:
            self.say("city.resumed", "", self.resume_from, due=None)
        if self.slow_maybe:
            self.say("city.slowed", "", 0, due=None)


def _working(after: int, upto: int) -> int:
    """Working days later than one day, up to and with another; both as ordinals."""
    return sum(_offices(day)[0] for day in range(after + 1, upto + 1))


def _off(after: int, upto: int) -> int:
    """Days of public holidays in the same stretch."""
    return sum(_offices(day)[1] for day in range(after + 1, upto + 1))


@cache
def _offices(day: int) -> tuple[bool, bool]:
    """Whether offices work on a day, and whether it belongs to a public holiday."""
    one = date.fromordinal(day)
    try:
        off, name = get_holiday_detail(one)
    except NotImplementedError:
        return one.weekday() < 5, False
    return not off, off and name is not None


def _bucket(silent: int) -> int | None:
    """The shortest notice that is due: 30, 14 or 3 days before it counts as stopped."""
    left = MONTHS_EIGHT + 1 - silent
    return next((notice for notice in NOTICES if left <= notice), None)


def _day(moment: datetime) -> int:
    return moment.astimezone(words.SHANGHAI).date().toordinal()


def _printed(reading: Reading) -> set[int]:
    """Days with updates that a list prints, as it was read; days that were stamped on it left out."""
    listed = (reading.listed or {}).values()
    return {_day(one.claimed) for one in listed if one.claimed and not one.claimed_stamped}


def _today(reading: Reading) -> int:
    return START.toordinal() + reading.night
