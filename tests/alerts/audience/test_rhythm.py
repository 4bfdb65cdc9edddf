"""When a digest is due, in the subscriber's own time."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.audience.rhythm import Every, QuietHours, Rhythm

EARLIEST, LATEST = datetime.fromisoformat("2020-01-01"), datetime.fromisoformat("2030-01-01")
SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")


def at(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


@pytest.mark.parametrize(
    ("rhythm", "now", "slot"),
    [
        (Rhythm(), "2026-11-24 08:00", "2026-11-24 08:00"),
        (Rhythm(), "2026-11-24 07:59", "2026-11-23 08:00"),
        (Rhythm(Every.WEEKLY, weekday=0), "2026-11-24 09:00", "2026-11-23 08:00"),
        (Rhythm(Every.WEEKLY, weekday=2), "2026-11-24 09:00", "2026-11-18 08:00"),
        (Rhythm(Every.MONTHLY, day=1), "2026-11-24 09:00", "2026-11-01 08:00"),
        (Rhythm(Every.MONTHLY, day=31), "2026-11-24 09:00", "2026-10-31 08:00"),
        (Rhythm(Every.MONTHLY, day=31), "2026-03-01 09:00", "2026-02-28 08:00"),
        (Rhythm(Every.MONTHLY, day=30, at=time(23, 30)), "2026-02-28 23:29", "2026-01-30 23:30"),
    ],
)
def test_the_last_slot_is_in_local_time(rhythm: Rhythm, now: str, slot: str) -> None:
    assert rhythm.slot(at(now)) == at(slot)


@given(
    st.datetimes(EARLIEST, LATEST),
    st.sampled_from([SHANGHAI, BERLIN]),
    st.integers(0, 6),
    st.integers(1, 31),
)
def test_every_rhythm_has_a_slot_before_any_moment_and_is_due_once_in_it(
    moment: datetime, zone: ZoneInfo, weekday: int, day: int
) -> None:
    now = moment.replace(tzinfo=UTC)
    for every, longest in ((Every.DAILY, 2), (Every.WEEKLY, 8), (Every.MONTHLY, 33)):
        rhythm = Rhythm(every, time(2, 30), weekday, day, zone)
        slot = rhythm.slot(now)
        assert timedelta(0) <= now - slot <= timedelta(days=longest)
        assert rhythm.is_due(slot - timedelta(seconds=1), now)
        assert not rhythm.is_due(now, now)


def test_a_new_subscriber_and_an_instant_one_are_always_due() -> None:
    now = at("2026-11-24 08:00")
    assert Rhythm().is_due(None, now)
    assert Rhythm(Every.INSTANT).is_due(now, now)


@pytest.mark.parametrize(
    ("begin", "end", "now", "until"),
    [
        ("22:00", "07:00", "2026-11-24 23:00", "2026-11-25 07:00"),
        ("22:00", "07:00", "2026-11-24 06:59", "2026-11-24 07:00"),
        ("22:00", "07:00", "2026-11-24 07:00", None),
        ("22:00", "07:00", "2026-11-24 12:00", None),
        ("12:00", "13:30", "2026-11-24 12:00", "2026-11-24 13:30"),
        ("12:00", "13:30", "2026-11-24 13:30", None),
    ],
)
def test_quiet_hours_end_in_local_time_also_over_midnight(begin: str, end: str, now: str, until: str | None) -> None:
    quiet = QuietHours(time.fromisoformat(begin), time.fromisoformat(end), SHANGHAI)
    assert quiet.until(at(now)) == (at(until) if until else None)


CLOCK_CHANGES = [
    ("America/New_York", "2026-03-08"),
    ("America/New_York", "2026-11-01"),
    ("Australia/Lord_Howe", "2026-10-04"),  # half an hour
    ("Australia/Lord_Howe", "2026-04-05"),
    ("Antarctica/Troll", "2026-03-29"),  # two hours
    ("Antarctica/Troll", "2026-10-25"),
    ("America/Nuuk", "2024-03-30"),  # over midnight
    ("America/Nuuk", "2024-10-26"),
    ("Asia/Kathmandu", "2026-06-01"),  # none, 5 h 45 min from UTC
    ("Pacific/Apia", "2011-12-29"),  # a whole day
]
"""A zone and the day around which its clock is changed."""


def around(day: str) -> datetime:
    return datetime.fromisoformat(day).replace(tzinfo=UTC) - timedelta(days=1)


@pytest.mark.parametrize(("zone", "day"), CLOCK_CHANGES)
@pytest.mark.parametrize(
    ("begin", "end"), [("23:00", "01:30"), ("22:00", "02:15"), ("02:15", "08:00"), ("01:40", "01:20")]
)
def test_quiet_is_what_the_clock_on_the_wall_says(zone: str, day: str, begin: str, end: str) -> None:
    first, last = time.fromisoformat(begin), time.fromisoformat(end)
    quiet = QuietHours(first, last, ZoneInfo(zone))
    moments = [around(day) + timedelta(minutes=5 * number) for number in range(12 * 24 * 4)]
    shown = [moment.astimezone(ZoneInfo(zone)).time() for moment in moments]
    silent = [first <= one < last if first < last else one >= first or one < last for one in shown]
    for number, moment in enumerate(moments[: 12 * 24 * 3]):
        ends = moments[number + silent[number:].index(False)] if silent[number] else None
        assert quiet.until(moment) == ends


@pytest.mark.parametrize(("zone", "day"), CLOCK_CHANGES)
@pytest.mark.parametrize("at", ["00:30", "01:45", "02:10", "02:30", "08:00"])
def test_each_day_of_the_calendar_has_one_digest(zone: str, day: str, at: str) -> None:
    rhythm = Rhythm(Every.DAILY, time.fromisoformat(at), timezone=ZoneInfo(zone))
    last, told = around(day), []
    for number in range(12 * 24 * 5):
        now = around(day) + timedelta(minutes=5 * number)
        if rhythm.is_due(last, now):
            told.append(now.astimezone(ZoneInfo(zone)).date())
            last = now
    moments = [around(day) + timedelta(hours=number) for number in range(1, 24 * 5)]
    days = dict.fromkeys(moment.astimezone(ZoneInfo(zone)).date() for moment in moments)
    assert told == [one for one in days if one in told], "none of them twice"
    assert set(list(days)[1:-1]) <= set(told), "none of them without"


def test_a_week_whose_day_is_skipped_is_told_after_it() -> None:
    rhythm = Rhythm(
        Every.WEEKLY, weekday=4, timezone=ZoneInfo("Pacific/Apia")
    )  # Friday 30 December 2011 there never was
    assert rhythm.slot(datetime(2012, 1, 3, tzinfo=UTC)) == datetime(2011, 12, 30, 18, tzinfo=UTC)
