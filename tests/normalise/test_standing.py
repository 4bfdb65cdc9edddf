"""What due, overdue, delinquent and kept mean: to the day, on the portal's calendar."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from opendata_spiders.normalise import BROKEN, JUDGED, PromiseStanding, deadlines, frequency, judged_at, kept, standing
from opendata_spiders.normalise.vocabulary import table

TZ = ZoneInfo("Asia/Shanghai")
CLAIMED = datetime(2025, 3, 1, tzinfo=TZ)
EDGES = [
    # word, date of the update, and the first days on which it is due, overdue and long overdue
    ("每日", "2025-03-01", "2025-03-02", "2025-03-03", "2025-03-04"),
    ("每周", "2025-03-01", "2025-03-08", "2025-03-15", "2025-03-22"),
    ("每月", "2025-01-31", "2025-02-28", "2025-03-14", "2025-03-30"),
    ("每月", "2025-07-01", "2025-08-01", "2025-08-15", "2025-08-31"),
    ("每季度", "2025-01-01", "2025-04-01", "2025-05-01", "2025-05-31"),
    ("每半年", "2025-01-01", "2025-07-01", "2025-07-31", "2025-08-30"),
    ("每半年", "2025-07-01", "2026-01-01", "2026-01-31", "2026-03-02"),
    ("每年", "2024-02-29", "2025-02-28", "2025-04-29", "2025-05-29"),
]


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=TZ)


@pytest.mark.parametrize(("word", "claimed", "due", "overdue", "delinquent"), EDGES)
def test_each_standing_begins_with_its_day(word: str, claimed: str, due: str, overdue: str, delinquent: str) -> None:
    promise, updated = frequency(word), day(claimed)
    starts = [(due, PromiseStanding.DUE), (overdue, PromiseStanding.OVERDUE), (delinquent, PromiseStanding.DELINQUENT)]
    assert deadlines(promise, updated, TZ) == tuple(day(text) for text, _ in starts)
    before = PromiseStanding.FRESH
    for text, begins in starts:
        assert standing(promise, updated, day(text) - timedelta(seconds=1), TZ) is before
        assert standing(promise, updated, day(text), TZ) is begins
        before = begins


def test_what_cannot_be_judged_is_no_broken_promise() -> None:
    late = CLAIMED + timedelta(days=4000)
    assert standing(frequency("实时"), CLAIMED, late, TZ) is PromiseStanding.REALTIME
    assert standing(frequency("不定期"), CLAIMED, late, TZ) is PromiseStanding.NO_PROMISE
    assert standing(frequency(None), CLAIMED, late, TZ) is PromiseStanding.NO_PROMISE
    assert standing(frequency("每月"), None, late, TZ) is PromiseStanding.NO_DATE


def test_every_promise_of_the_table_can_be_judged_or_promises_nothing() -> None:
    for row in table.rows("frequencies", "code", "zh", "overdue", "realtime"):
        found = standing(frequency(row["zh"]), CLAIMED, CLAIMED, TZ)
        judged = row["overdue"] and row["realtime"] != "yes"
        assert (found in JUDGED) == bool(judged), row["code"]


def test_a_promise_is_kept_until_its_grace_is_over() -> None:
    counts = Counter({one: number for number, one in enumerate(PromiseStanding, start=1)})
    told = kept(counts)
    assert told.judged == sum(counts[one] for one in JUDGED)
    assert told.overdue == sum(counts[one] for one in BROKEN)
    assert told.kept == counts[PromiseStanding.FRESH] + counts[PromiseStanding.DUE]
    assert told.share == told.kept / told.judged
    assert kept({}).share is None


def test_where_dates_are_read_in_rotation_they_are_judged_a_rotation_milder() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    assert judged_at(at, dates_in_details=False) == at
    assert at - judged_at(at, dates_in_details=True) >= timedelta(days=30)
