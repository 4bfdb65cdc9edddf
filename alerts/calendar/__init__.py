"""Working days and public holidays, so that days without updates during the Spring Festival do not count as slow.

A portal's calendar is that of the country in whose time zone it stands. Mainland China's public holidays and make-up
working days come from the library `chinesecalendar`, whose table ends with the last year that the State Council has
announced; those of other countries from the library `holidays`, as far as they hold in the whole country. After such a
table, and in zones of no country, only weekends are known.
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta, tzinfo
from enum import StrEnum
from functools import cache, partial
from importlib import import_module
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

from opendata_spiders.tables import Tables

log = logging.getLogger(__name__)

_SATURDAY = 5
_CHINA = "CN"


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
    """The calendar of a time zone's country; weekends only for a zone of no country, or of one that nobody tabled."""
    country = _countries().get(tz.key, "") if isinstance(tz, ZoneInfo) else ""
    if country == _CHINA:
        return Calendar("mainland", _mainland_day)
    if country and _national(country) is not None:
        return Calendar(country, partial(_national_day, country))
    return Calendar(Basis.WEEKENDS, _weekend_day)


@cache
def _countries() -> Mapping[str, str]:
    """ISO 3166 code by zone: the time zone database's own table, and zones.csv for older names of zones."""
    table = files("tzdata.zoneinfo").joinpath("zone.tab").read_text("utf-8")
    rows = (line.split("\t") for line in table.splitlines() if not line.startswith("#"))
    older = {row["zone"]: row["country"] for row in Tables("alerts.calendar").rows("zones", "zone", "country")}
    return {zone: country for country, _, zone, *_ in rows} | older


def _days(after: date, upto: date) -> Iterator[date]:
    return (after + timedelta(days=number) for number in range(1, (upto - after).days + 1))


def _weekend_day(day: date) -> Day:
    return Day(working=day.weekday() < _SATURDAY)


@cache
def _mainland_day(day: date) -> Day:
    table = _library("chinese_calendar", "chinesecalendar")
    try:
        off, name = table.get_holiday_detail(day) if table else (None, None)
    except NotImplementedError:
        off = None
    return _weekend_day(day) if off is None else Day(working=not off, holiday=off and name is not None, tabled=True)


@cache
def _national_day(country: str, day: date) -> Day:
    table = _national(country)
    if table is None or not table.start_year <= day.year <= table.end_year:
        return _weekend_day(day)
    return Day(working=table.is_working_day(day), holiday=day in table, tabled=True)


@cache
def _national(country: str) -> Any:
    """The holidays of a country's offices; None where the library is missing or does not know the country.

    These are its public holidays, those of its government, and a category of office_holidays.csv.
    """
    library = _library("holidays", "holidays")
    if library is None or country not in library.list_supported_countries():
        return None
    more = {
        row["country"]: row["category"]
        for row in Tables("alerts.calendar").rows("office_holidays", "country", "category")
    }
    known = getattr(library, country).supported_categories
    kept = {"public", "government", more.get(country, "public")}
    return library.country_holidays(country, categories=tuple(kept.intersection(known)))


@cache
def _library(module: str, package: str) -> Any:
    """A library, or None if it is missing, which must not stop everything else."""
    try:
        return import_module(module)
    except ModuleNotFoundError:
        log.warning("the package %s is not installed: holidays count as working days; run `make setup`", package)
        return None
