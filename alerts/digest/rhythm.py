"""When a digest is due, in the subscriber's own time; never when something happened."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
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
        """The last moment (UTC) at or before `now` at which a digest was to be written."""
        if self.every is Every.INSTANT:
            return now
        local = now.astimezone(self.timezone)
        for days_back in range(63):
            day = (local - timedelta(days=days_back)).date()
            moment = datetime.combine(day, self.at, self.timezone)
            if moment <= local and self._fits(moment):
                return moment.astimezone(UTC)
        return datetime.min.replace(tzinfo=UTC)

    def _fits(self, moment: datetime) -> bool:
        if self.every is Every.WEEKLY:
            return moment.weekday() == self.weekday
        if self.every is Every.MONTHLY:
            return moment.day == min(self.day, monthrange(moment.year, moment.month)[1])
        return True

    def is_due(self, last: datetime | None, now: datetime) -> bool:
        """Whether a digest is to be written now, the last one having been considered at `last` (None: never)."""
        return last is None or self.every is Every.INSTANT or last < self.slot(now)


@dataclass(frozen=True, slots=True)
class Quiet:
    """Hours of the day during which nothing is delivered; what falls into them waits, it is never dropped."""

    begin: time
    end: time
    timezone: ZoneInfo

    def until(self, now: datetime) -> datetime | None:
        """The end (UTC) of the quiet hours `now` lies in; None outside them. They may run over midnight."""
        local = now.astimezone(self.timezone)
        for day in (local.date() - timedelta(days=1), local.date()):
            begin = datetime.combine(day, self.begin, self.timezone)
            end = datetime.combine(day + timedelta(days=self.end <= self.begin), self.end, self.timezone)
            if begin <= local < end:
                return end.astimezone(UTC)
        return None
