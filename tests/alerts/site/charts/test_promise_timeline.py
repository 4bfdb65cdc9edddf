"""Periods between updates against the promise, and their picture."""

from datetime import UTC, datetime

from alerts.site.charts.promise_timeline import periods, promise_timeline
from alerts.text.labels import Both
from opendata_spiders.normalise import frequency
from opendata_spiders.store.clock import SHANGHAI


def day(month: int, number: int = 1) -> datetime:
    return datetime(2026, month, number, tzinfo=UTC)


def test_a_monthly_promise_is_kept_late_within_its_grace_and_broken_beyond() -> None:
    found = periods([day(1), day(2), day(3, 10), day(6)], frequency("每月"), day(6, 20), SHANGHAI)
    assert [(one.ended > one.due, one.is_late) for one in found] == [
        (False, False),
        (True, False),
        (True, True),
        (False, False),
    ]
    picture = promise_timeline(found, Both("标题", "<title>"))
    assert picture.en.count("<circle") == 4
    assert picture.en.count('class="late"') == picture.en.count('class="grace"') == 1
    assert "&lt;title&gt;" in picture.en
    assert "<title>标题</title>" in picture.zh


def test_without_a_period_or_an_update_there_is_nothing_to_draw() -> None:
    assert periods([day(1)], frequency("不定期"), day(6), SHANGHAI) == []
    assert periods([], frequency("每月"), day(6), SHANGHAI) == []


def test_one_update_in_the_future_of_the_last_reading_is_drawn() -> None:
    [one] = periods([day(6)], frequency("每月"), day(5), SHANGHAI)
    assert one.ended == one.updated
    assert "<circle" in promise_timeline([one], Both.same("x")).zh
