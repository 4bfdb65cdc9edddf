"""When a digest is due and when nothing may arrive, in the subscriber's own time; never when something happened.

Days and times of day are the subscriber's; moments are compared in UTC, because two moments of one zone compare by what
its clock shows, which repeats an hour and skips one where the clock is changed.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from opendata_spiders.store.clock import SHANGHAI

_BEGINNING, _QUARTER = datetime.min.replace(tzinfo=UTC), timedelta(minutes=15)


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
            fits = True
            if self.every is Every.WEEKLY:
                fits = day.weekday() == self.weekday
            elif self.every is Every.MONTHLY:
                fits = day.day == min(self.day, monthrange(day.year, day.month)[1])
            if fits and moment <= now:
                return moment
        return _BEGINNING

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

        They may run over midnight. Clocks are changed at whole quarters of an hour: from each to the next they run on.
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
