"""When a digest is due, in the subscriber's own time."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.digest.rhythm import Every, Quiet, Rhythm

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
    quiet = Quiet(time.fromisoformat(begin), time.fromisoformat(end), SHANGHAI)
    assert quiet.until(at(now)) == (at(until) if until else None)
