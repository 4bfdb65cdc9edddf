import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opendata_spiders import normalise
from opendata_spiders.normalise import newest_update, plausible

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)

JAVA_DATE = {
    "year": 123, "month": 1, "date": 16, "day": 4, "hours": 0, "minutes": 0, "seconds": 0,
    "time": 1676476800000, "timezoneOffset": -480,
}  # fmt: skip

SEEN = [
    ("2023-06-16", "2023-06-16 00:00:00"),
    ("2023-6-16", "2023-06-16 00:00:00"),
    ("2022-4-07", "2022-04-07 00:00:00"),
    ("2023-06-16 10:30", "2023-06-16 10:30:00"),
    ("2023-06-16 10:30:05", "2023-06-16 10:30:05"),
    ("2023-06-16 10:30:05.0", "2023-06-16 10:30:05"),
    ("2023-06-16T10:30:05", "2023-06-16 10:30:05"),
    ("2023-06-16T02:30:05Z", "2023-06-16 10:30:05"),
    ("2023-06-16T10:30:05+08:00", "2023-06-16 10:30:05"),
    ("2023-06-16T02:30:05-0000", "2023-06-16 10:30:05"),
    ("20220615", "2022-06-15 00:00:00"),
    (20220615, "2022-06-15 00:00:00"),
    ("20220615103000", "2022-06-15 10:30:00"),
    (20220615103000, "2022-06-15 10:30:00"),
    ("202206151030", "2022-06-15 10:30:00"),
    ("2023/01/01", "2023-01-01 00:00:00"),
    ("2023.1.1", "2023-01-01 00:00:00"),
    ("2023年01月01日", "2023-01-01 00:00:00"),
    ("2023年8月1日", "2023-08-01 00:00:00"),
    ("2023年8月1日 10时30分", "2023-08-01 10:30:00"),
    ("2023年8月1日 10:30:00", "2023-08-01 10:30:00"),
    (1686900000000, "2023-06-16 15:20:00"),
    (1686900000000.0, "2023-06-16 15:20:00"),
    ("1686900000000", "2023-06-16 15:20:00"),
    (1686900000, "2023-06-16 15:20:00"),
    ("1686900000", "2023-06-16 15:20:00"),
    (JAVA_DATE, "2023-02-16 00:00:00"),
    ({name: JAVA_DATE[name] for name in ("year", "month", "date")}, "2023-02-16 00:00:00"),
    (json.dumps(JAVA_DATE), "2023-02-16 00:00:00"),
    ("Dec 15, 2019 3:00:49 AM", "2019-12-15 03:00:49"),
    ("Dec 15, 2019 12:00:49 PM", "2019-12-15 12:00:49"),
    ("Dec 15, 2019, 12:00:49 AM", "2019-12-15 00:00:49"),
    ("Mon Jun 15 10:30:00 CST 2022", "2022-06-15 10:30:00"),
    ("15 December 2019", "2019-12-15 00:00:00"),
    ("2021-12", "2021-12-01 00:00:00"),
    ("2021年12月", "2021-12-01 00:00:00"),
    ("202112", "2021-12-01 00:00:00"),
    ("2021", "2021-01-01 00:00:00"),
    ("二〇二三年", "2023-01-01 00:00:00"),
    ("二零二三年八月一日", "2023-08-01 00:00:00"),
    ("二〇二三年十二月三十一日", "2023-12-31 00:00:00"),
    ("二〇二三年十月二十日", "2023-10-20 00:00:00"),
    ("2023-06-16", "2023-06-16 00:00:00"),
    (" 2023-06-16 ", "2023-06-16 00:00:00"),
    ("3天前", "2026-11-21 10:00:00"),
]


def read(raw: object) -> normalise.DateReading:
    return normalise.date(raw, tz=SHANGHAI, now=NOW)


@pytest.mark.parametrize(("raw", "local"), SEEN)
def test_every_form_seen_on_a_portal(raw, local):
    expected = datetime.fromisoformat(local).replace(tzinfo=SHANGHAI).astimezone(UTC)
    reading = read(raw)
    assert (reading.value, reading.finding) == (expected, None)
    assert reading.value.tzinfo is UTC


@pytest.mark.parametrize("raw", ["", None, "None", "null", "NULL", "-", "--", "/", "无", " ", "\t", "undefined"])
def test_nothing_is_no_finding(raw):
    assert read(raw) == normalise.DateReading(None, None)


@pytest.mark.parametrize(
    "raw",
    [
        "12", "3", "2023-13-01", "2023-02-30", "0000-00-00", "每年", "长期有效", "1204次", "V2.1", "10:30",
        "2024第三季度", "1年", "0001-01-01", True, False, [20220615], {}, {"year": "abc"}, 1e300, float("nan"), -5,
        10**400, "9" * 500, "2022-06-15 25:00", "2023-06-16 and much more text that no portal would call a date at all",
    ],
)  # fmt: skip
def test_what_is_no_date_is_stated_and_not_guessed(raw):
    assert read(raw) == normalise.DateReading(None, "field.date_unparsed")


def test_implausible_dates_are_stated_and_still_shown():
    future, ancient = read("2030-01-01"), read("1970-01-01")
    assert (future.finding, future.value.year) == ("field.date_future", 2029)
    assert (ancient.finding, ancient.value.year) == ("field.date_ancient", 1969)


def test_the_edges_of_plausible():
    assert read("2008-01-01").finding is None
    assert read("2007-12-31").finding == "field.date_ancient"
    assert plausible(NOW + timedelta(days=1), NOW)
    assert not plausible(NOW + timedelta(days=1, seconds=1), NOW)
    assert not plausible(datetime(2007, 12, 31, tzinfo=UTC), NOW)


def test_a_naive_date_is_of_the_portals_own_zone():
    assert normalise.date("2023-06-16", tz=UTC, now=NOW).value == datetime(2023, 6, 16, tzinfo=UTC)


FORMS = [
    "%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y%m%d%H%M%S", "%Y年%m月%d日 %H:%M:%S",
    "%Y年%m月%d日 %H时%M分%S秒", "%b %d, %Y %I:%M:%S %p", "%Y-%m-%d %H:%M:%S.0", "%a %b %d %H:%M:%S CST %Y",
    "%Y.%m.%d %H:%M:%S",
]  # fmt: skip
FIRST, LAST = datetime.fromisoformat("2008-01-02"), datetime.fromisoformat("2026-11-23")
MOMENTS = st.datetimes(FIRST, LAST).map(lambda at: at.replace(microsecond=0))


@given(MOMENTS, st.sampled_from(FORMS))
def test_round_trip_of_every_form(moment, form):
    assert read(moment.strftime(form)).value == moment.replace(tzinfo=SHANGHAI).astimezone(UTC)


@given(MOMENTS)
def test_round_trip_without_padding_and_in_figures(moment):
    at = moment.replace(tzinfo=SHANGHAI)
    assert read(f"{at.year}-{at.month}-{at.day} {at.hour}:{at.minute}:{at.second}").value == at.astimezone(UTC)
    for figure in (int(at.timestamp()), int(at.timestamp() * 1000)):
        assert read(figure).value == read(str(figure)).value == at.astimezone(UTC)


def newest(**clocks):
    return newest_update(clocks, tz=SHANGHAI, now=NOW)


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)


def test_newest_update_takes_the_newest_plausible_update():
    assert newest(data_updated="2023-11-30", updated="2026-08-14", published="2025-11-04") == day("2026-08-14")
    assert newest(data_updated="2023-11-30", updated="2099-01-01", published="2025-11-04") == day("2023-11-30")


def test_newest_update_falls_back_to_published_only_without_an_update():
    assert newest(published="2025-11-04", updated="") == day("2025-11-04")
    assert newest(published="2025-11-04", updated="2020-01-01") == day("2020-01-01")
    assert newest(updated="None", published="2099-01-01") is None
    assert newest() is None
