"""How long a server asks to be left alone, in every form servers write it; and what we make of it."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from scrapy.http import Response

from opendata_spiders.fetching.patience import Patience
from opendata_spiders.normalise.retry_after import retry_after
from opendata_spiders.pages.contract import PageBlockedError
from opendata_spiders.policy import policy

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize(("value", "seconds"), [
    ("120", 120), (" 0 ", 0), ("1.5", 1.5), ("99999999999999999999", 366 * 86400),
    ("Fri, 20 Nov 2026 02:10:00 GMT", 600), ("Fri, 20 Nov 2026 02:10:00", 600), ("Friday, 20-Nov-26 02:10:00 GMT", 600),
    ("Fri Nov 20 02:10:00 2026", 600), ("Fri, 20 Nov 2026 10:10:00 +0800", 600), ("Fri, 20 Nov 2026 10:10:00 CST", 600),
    ("2026-11-20T02:10:00Z", 600), ("2026-11-20T10:10:00+08:00", 600), ("2026-11-20 02:10:00", 600),
    ("Thu, 19 Nov 2026 02:10:00 GMT", 0), ("Fri, 20 Nov 9998 02:10:00 GMT", 366 * 86400),
])  # fmt: skip
def test_read(value, seconds):
    assert retry_after(value, NOW) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "value", ["", "soon", "-5", "1e9", "Fri, 99 Nov 2026 02:10:00 GMT", "0x10", "\x00", "稍后", "1" * 5000 + "x"]
)
def test_nonsense(value):
    assert retry_after(value, NOW) is None


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def patience(clock):
    return Patience(policy(), clock=clock)


def answer(status, value=None):
    return Response("http://portal/", status=status, headers={"Retry-After": value} if value else {})


def waited(patience, clock, monkeypatch):
    """Seconds a request is kept back."""
    began = clock.now

    async def sleep(seconds):
        clock.now += seconds

    monkeypatch.setattr("asyncio.sleep", sleep)
    asyncio.run(patience.wait("portal"))
    return clock.now - began


@pytest.mark.parametrize(("status", "value", "seconds"), [(429, "30", 30), (503, "30", 30), (429, None, 10), (429, "soon", 10),
                                                          (503, None, 0), (200, "30", 0), (500, "30", 0)])  # fmt: skip
def test_the_next_request_is_kept_back(patience, clock, monkeypatch, status, value, seconds):
    patience.note("portal", answer(status, value))
    assert waited(patience, clock, monkeypatch) == seconds
    patience.note("another", answer(429, "30"))
    assert waited(patience, clock, monkeypatch) == 0


def test_too_long_is_said_with_the_time_and_nothing_is_asked_until_then(patience, clock, monkeypatch):
    patience.note("portal", answer(503, "3600"))
    for _ in range(2):
        with pytest.raises(
            PageBlockedError, match=r"not to be asked again before 20\d\d-\d\d-\d\d .*\+0800 \(Retry-After\)"
        ):
            waited(patience, clock, monkeypatch)
    clock.now = 3601
    assert waited(patience, clock, monkeypatch) == 0


def test_many_short_waits_are_too_long_as_well(patience, clock, monkeypatch):
    for _ in range(policy().retry_after_total // 100):
        patience.note("portal", answer(429, "100"))
        assert waited(patience, clock, monkeypatch) == 100
    patience.note("portal", answer(429, "100"))
    with pytest.raises(PageBlockedError):
        waited(patience, clock, monkeypatch)


def test_a_date_is_counted_from_the_real_time(patience, clock, monkeypatch):
    later = datetime.now(UTC) + timedelta(seconds=90)
    patience.note("portal", answer(429, later.strftime("%a, %d %b %Y %H:%M:%S GMT")))
    assert 80 < waited(patience, clock, monkeypatch) <= 90
