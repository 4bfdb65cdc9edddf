"""Working days and holidays, by the State Council's own arrangement for 2026."""

from datetime import date, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.calendar import Basis, calendar_of

MAINLAND = calendar_of(ZoneInfo("Asia/Shanghai"))
WEEKENDS = calendar_of(ZoneInfo("UTC"))
GERMANY = calendar_of(ZoneInfo("Europe/Berlin"))
days = st.dates(date(2004, 1, 1), date(2030, 12, 31))
lengths = st.integers(0, 120)


def test_spring_festival_2026() -> None:
    before, after = date(2026, 2, 14), date(2026, 2, 23)
    assert (MAINLAND.working(before, after), MAINLAND.holidays(before, after)) == (0, 9)
    assert (WEEKENDS.working(before, after), WEEKENDS.holidays(before, after)) == (6, 0)


@pytest.mark.parametrize("made_up", [date(2026, 1, 4), date(2026, 2, 14), date(2026, 2, 28), date(2026, 10, 10)])
def test_a_weekend_that_is_worked(made_up: date) -> None:
    assert MAINLAND.working(made_up - timedelta(days=1), made_up) == 1
    assert WEEKENDS.working(made_up - timedelta(days=1), made_up) == 0


def test_an_ordinary_weekend_is_no_holiday() -> None:
    friday, sunday = date(2026, 3, 6), date(2026, 3, 8)
    assert (MAINLAND.working(friday, sunday), MAINLAND.holidays(friday, sunday)) == (0, 0)


def test_what_lies_beyond_the_table_is_said() -> None:
    assert MAINLAND.basis(date(2026, 1, 1), date(2026, 12, 31)) is Basis.HOLIDAYS
    assert MAINLAND.basis(date(2098, 1, 1), date(2098, 2, 1)) is Basis.WEEKENDS
    assert WEEKENDS.basis(date(2026, 1, 1), date(2026, 2, 1)) is Basis.WEEKENDS
    assert MAINLAND.holidays(date(2098, 1, 1), date(2099, 1, 1)) == 0


@pytest.mark.parametrize(
    ("zone", "name"),
    [
        ("Asia/Urumqi", "mainland"), ("PRC", "mainland"), ("Asia/Hong_Kong", "HK"), ("Asia/Macau", "MO"),
        ("Asia/Taipei", "TW"), ("Europe/Berlin", "DE"), ("America/Chicago", "US"), ("UTC", "weekends"),
        ("Etc/GMT-8", "weekends"),
    ],
)  # fmt: skip
def test_a_zone_has_the_calendar_of_its_country(zone: str, name: str) -> None:
    assert calendar_of(ZoneInfo(zone)).name == name


def test_an_offset_is_of_no_country() -> None:
    assert calendar_of(timezone(timedelta(hours=8))).name == "weekends"


def test_another_country_is_not_judged_by_china_s_holidays() -> None:
    festival = date(2026, 2, 15), date(2026, 2, 22)  # from Sunday to Sunday
    assert (MAINLAND.working(*festival), GERMANY.working(*festival)) == (0, 5)
    christmas = date(2026, 12, 24), date(2026, 12, 26)
    assert (GERMANY.working(*christmas), GERMANY.holidays(*christmas)) == (0, 2)
    assert GERMANY.basis(*christmas) is Basis.HOLIDAYS
    easter = date(2026, 4, 6), date(2026, 4, 7)  # the day after Easter Monday, in lieu
    assert (calendar_of(ZoneInfo("Asia/Hong_Kong")).working(*easter), MAINLAND.working(*easter)) == (0, 1)


def test_a_weekend_is_that_of_the_country() -> None:
    friday = date(2026, 3, 6)
    saudi = calendar_of(ZoneInfo("Asia/Riyadh"))
    assert [saudi.day(friday + timedelta(days=days)).working for days in range(3)] == [False, False, True]


@given(days, lengths, lengths)
def test_stretches_add_up(start: date, first: int, second: int) -> None:
    middle, end = start + timedelta(days=first), start + timedelta(days=first + second)
    for calendar in (MAINLAND, WEEKENDS, GERMANY):
        assert calendar.working(start, middle) + calendar.working(middle, end) == calendar.working(start, end)
        off = (end - start).days - calendar.working(start, end)
        assert 0 <= calendar.holidays(start, end) <= off
        assert calendar.working(end, start) == (0 if first + second else calendar.working(start, end))
