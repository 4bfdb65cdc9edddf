"""When a digest is due and when nothing may be delivered, in the subscriber's own time zone.

Times are compared in UTC, because Python compares two times of one zone by local time, which repeats or skips an hour
when daylight saving time changes.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from opendata_spiders.store.clock import SHANGHAI

_BEGINNING, _QUARTER = datetime.min.replace(tzinfo=UTC), timedelta(minutes=15)


class Every(StrEnum):
    """How often a digest is sent."""

    INSTANT = "instant"
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


@dataclass(frozen=True, slots=True)
class Rhythm:
    """When a subscriber wants digests."""

    every: Every = Every.DAILY
    at: time = time(8, 0)
    weekday: int = 0
    """0 is Monday."""
    day: int = 1
    """Day of the month; the last day in shorter months."""
    timezone: ZoneInfo = SHANGHAI
    at_once: frozenset[str] = frozenset({"watched"})
    """Events that do not wait for the regular time: watched, severe."""

    def slot(self, now: datetime) -> datetime:
        """The last time (UTC) at or before `now` at which a digest was due.

        Of a repeated local time the first one counts. A skipped local time counts as if the clock had not been changed
        (RFC 5545), so that the slot of a day that the calendar skips falls together with the next one.
        """
        if self.every is Every.INSTANT:
            return now
        today = now.astimezone(self.timezone).date()
        for days_back in range(-1, 63):
            day = today - timedelta(days=days_back)
            moment = datetime.combine(day, self.at, self.timezone).astimezone(UTC)
            fits = True
            if self.every is Every.WEEKLY:
                fits = day.weekday() == self.weekday
            elif self.every is Every.MONTHLY:
                fits = day.day == min(self.day, monthrange(day.year, day.month)[1])
            if fits and moment <= now:
                return moment
        return _BEGINNING

    def is_due(self, last: datetime | None, now: datetime) -> bool:
        """Whether a digest is due now, if the last one was considered at `last` (None: never)."""
        return last is None or self.every is Every.INSTANT or last < self.slot(now)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Hours of the day without deliveries; deliveries wait until they end and are never dropped."""

    begin: time
    end: time
    """Must differ from `begin`, which would mean every hour, or none."""
    timezone: ZoneInfo

    def until(self, now: datetime) -> datetime | None:
        """The first time (UTC) after `now` outside the quiet hours; None if `now` is outside.

        Quiet hours may include midnight. Clock changes happen only at whole quarters of an hour, so local time runs
        evenly within each quarter.
        """
        moment = now.astimezone(UTC)
        while self._covers(moment):
            shown = moment.astimezone(self.timezone).replace(tzinfo=None)
            left = (datetime.combine(shown, self.end) - shown) % timedelta(days=1)
            moment += min(left, _QUARTER - (moment - _BEGINNING) % _QUARTER)
        return moment if moment != now else None

    def _covers(self, moment: datetime) -> bool:
        shown = moment.astimezone(self.timezone).time()
        if self.begin < self.end:
            return self.begin <= shown < self.end
        return shown >= self.begin or shown < self.end
