"""Which days offices work, so that a quiet Spring Festival is nobody's slowness.

Mainland China's public holidays and make-up working days come from the library `chinesecalendar`, whose table ends
with the last year the State Council has announced. Beyond it, and for every other time zone, only weekends are known.
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta, tzinfo
from enum import StrEnum
from functools import cache
from importlib import import_module
from typing import Any
from zoneinfo import ZoneInfo

from opendata_spiders.tables import Tables

log = logging.getLogger(__name__)

_SATURDAY = 5


class Basis(StrEnum):
    """What is known of a stretch of days."""

    HOLIDAYS = "holidays"
    """Public holidays and make-up working days of every day in it."""
    WEEKENDS = "weekends"
    """Of some of its days only whether they are Saturdays or Sundays."""


@dataclass(frozen=True, slots=True)
class Day:
    """One date as an office sees it."""

    working: bool
    holiday: bool = False
    """Off because of a public holiday, weekends within that holiday included."""
    tabled: bool = False
    """Whether a table of holidays speaks of it."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """Counts days; stretches are given by the day they follow and their last day."""

    name: str
    day: Callable[[date], Day]

    def working(self, after: date, upto: date) -> int:
        """Working days later than `after`, up to and with `upto`; 0 if that is not later."""
        return sum(self.day(one).working for one in _days(after, upto))

    def holidays(self, after: date, upto: date) -> int:
        """Days off for a public holiday in the same stretch."""
        return sum(self.day(one).holiday for one in _days(after, upto))

    def basis(self, after: date, upto: date) -> Basis:
        """What these counts rest on."""
        whole = all(self.day(one).tabled for one in _days(after, upto))
        return Basis.HOLIDAYS if whole and self.name != Basis.WEEKENDS else Basis.WEEKENDS


def calendar_of(tz: tzinfo) -> Calendar:
    """The calendar that holds in a time zone (zones.csv); weekends only where no other is named."""
    zones = {row["zone"]: row["calendar"] for row in Tables("alerts.calendar").rows("zones", "zone", "calendar")}
    return _CALENDARS[zones.get(tz.key, "weekends") if isinstance(tz, ZoneInfo) else "weekends"]


def _days(after: date, upto: date) -> Iterator[date]:
    return (after + timedelta(days=number) for number in range(1, (upto - after).days + 1))


def _weekend_day(day: date) -> Day:
    return Day(working=day.weekday() < _SATURDAY)


@cache
def _mainland_day(day: date) -> Day:
    table = _library()
    try:
        off, name = table.get_holiday_detail(day) if table else (None, None)
    except NotImplementedError:
        off = None
    return _weekend_day(day) if off is None else Day(working=not off, holiday=off and name is not None, tabled=True)


@cache
def _library() -> Any:
    """The library, or None: a damaged installation must not keep the whole watch from running."""
    try:
        return import_module("chinese_calendar")
    except ModuleNotFoundError:
        log.warning("the package chinesecalendar is not installed: holidays count as working days; run `make setup`")
        return None


_CALENDARS: Mapping[str, Calendar] = {
    "mainland": Calendar("mainland", _mainland_day),
    "weekends": Calendar("weekends", _weekend_day),
}
