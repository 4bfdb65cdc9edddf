"""When a digest is due and when nothing may arrive, in the subscriber's own time; never when something happened.

Days and times of day are the subscriber's; moments are compared in UTC, because two moments of one zone compare by what
its clock shows, which repeats an hour and skips one where the clock is changed.
"""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


class Every(StrEnum):
    """How often."""

    INSTANT = "instant"
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


@dataclass(frozen=True, slots=True)
class Rhythm:
    """When a subscriber wants to be told."""

    every: Every = Every.DAILY
    at: time = time(8, 0)
    weekday: int = 0
    """0 is Monday."""
    day: int = 1
    """Day of the month; the last day where the month is shorter."""
    timezone: ZoneInfo = SHANGHAI
    at_once: frozenset[str] = frozenset({"watched"})
    """What does not wait for the hour: watched, severe."""

    def slot(self, now: datetime) -> datetime:
        """The last moment (UTC) at or before `now` at which a digest was to be written.

        Of an hour that the clock shows twice the first counts. One that it skips counts as if the clock had not been
        changed (RFC 5545), so that a day the calendar skips falls together with the next.
        """
        if self.every is Every.INSTANT:
            return now
        today = now.astimezone(self.timezone).date()
        for days_back in range(-1, 63):
            day = today - timedelta(days=days_back)
            moment = datetime.combine(day, self.at, self.timezone).astimezone(UTC)
            if moment <= now and self._fits(day):
                return moment
        return datetime.min.replace(tzinfo=UTC)

    def _fits(self, day: date) -> bool:
        if self.every is Every.WEEKLY:
            return day.weekday() == self.weekday
        if self.every is Every.MONTHLY:
            return day.day == min(self.day, monthrange(day.year, day.month)[1])
        return True

    def is_due(self, last: datetime | None, now: datetime) -> bool:
        """Whether a digest is to be written now, the last one having been considered at `last` (None: never)."""
        return last is None or self.every is Every.INSTANT or last < self.slot(now)


@dataclass(frozen=True, slots=True)
class Quiet:
    """Hours of the day during which nothing is delivered; what falls into them waits, it is never dropped."""

    begin: time
    end: time
    """Not the same as `begin`: that would be every hour, or none."""
    timezone: ZoneInfo

    def until(self, now: datetime) -> datetime | None:
        """The first moment (UTC) after `now` at which the clock shows no quiet hour; None if it shows none now.

        They may run over midnight.
        """
        if not self._covers(now):
            return None
        today = now.astimezone(self.timezone).date()
        days = (today + timedelta(days=number) for number in range(-1, 4))
        ends = (moment for day in days for moment in self._ends(day))
        return min(moment for moment in ends if moment > now and not self._covers(moment))

    def _ends(self, day: date) -> Iterator[datetime]:
        """When quiet hours may end on a day: at their end, or where the clock is put back to before their beginning."""
        yield from moments(day, self.end, self.timezone)
        begins = moments(day, self.begin, self.timezone)
        if len(begins) > 1:
            yield _change(begins[0], begins[1], self.timezone)

    def _covers(self, moment: datetime) -> bool:
        shown = moment.astimezone(self.timezone).time()
        if self.begin < self.end:
            return self.begin <= shown < self.end
        return shown >= self.begin or shown < self.end


def moments(day: date, at: time, zone: ZoneInfo) -> list[datetime]:
    """The moments (UTC) at which the clock of a zone shows `at` on `day`, or jumps over it.

    Two where the clock is put back over it.
    """
    there = [datetime.combine(day, at.replace(fold=fold), zone) for fold in (0, 1)]
    found = sorted({moment.astimezone(UTC) for moment in there})
    shown = datetime.combine(day, at)
    if any(moment.astimezone(zone).replace(tzinfo=None) == shown for moment in found):
        return found
    return [_change(found[0], found[-1], zone)]


def _change(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The second at which the clock is changed between two moments."""
    old = before.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        if middle.astimezone(zone).utcoffset() == old:
            before = middle
        else:
            after = middle
    return after
