"""Working days and public holidays, so that days without updates during the Spring Festival do not count as slow.

Mainland China's public holidays and make-up working days come from the library `chinesecalendar`, whose table ends
with the last year that the State Council has announced. After it, and in other time zones, only weekends are known.
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
    """What is known about a range of days."""

    HOLIDAYS = "holidays"
    """Public holidays and make-up working days are known for every day."""
    WEEKENDS = "weekends"
    """For some days only the weekday is known."""


@dataclass(frozen=True, slots=True)
class Day:
    """What is known about one date."""

    working: bool
    holiday: bool = False
    """Free because of a public holiday, including weekends within the holiday."""
    tabled: bool = False
    """Whether a table of holidays covers the date."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """Counts days in ranges, which begin after `after` and end with `upto`."""

    name: str
    day: Callable[[date], Day]

    def working(self, after: date, upto: date) -> int:
        """Number of working days in the range; 0 if `upto` is not later than `after`."""
        return sum(self.day(one).working for one in _days(after, upto))

    def holidays(self, after: date, upto: date) -> int:
        """Number of days in the range that are free because of a public holiday."""
        return sum(self.day(one).holiday for one in _days(after, upto))

    def basis(self, after: date, upto: date) -> Basis:
        """What is known about the days of the range."""
        whole = all(self.day(one).tabled for one in _days(after, upto))
        return Basis.HOLIDAYS if whole and self.name != Basis.WEEKENDS else Basis.WEEKENDS


def calendar_of(tz: tzinfo) -> Calendar:
    """The calendar of a time zone (zones.csv); weekends only for zones that are not listed."""
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
    """The library, or None if it is missing, which must not stop everything else."""
    try:
        return import_module("chinese_calendar")
    except ModuleNotFoundError:
        log.warning("the package chinesecalendar is not installed: holidays count as working days; run `make setup`")
        return None


_CALENDARS: Mapping[str, Calendar] = {
    "mainland": Calendar("mainland", _mainland_day),
    "weekends": Calendar("weekends", _weekend_day),
}
