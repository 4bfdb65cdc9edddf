import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
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
    ("Wed, 15 Jun 2022 02:30:00 GMT", "2022-06-15 10:30:00"),
    ("Wed Jun 15 2022 10:30:00 GMT+0800 (中国标准时间)", "2022-06-15 10:30:00"),
    ("June 15th, 2022 3:05 p.m.", "2022-06-15 15:05:00"),
    ("15-JUN-2022 10:30:00", "2022-06-15 10:30:00"),
    ("15-6月-2022", "2022-06-15 00:00:00"),
    ("2022-Jun-15", "2022-06-15 00:00:00"),
    ("30/6/2022 23:18", "2022-06-30 23:18:00"),
    ("6/30/2022", "2022-06-30 00:00:00"),
    ("7.7.2022", "2022-07-07 00:00:00"),
    ("2022-W24-3", "2022-06-15 00:00:00"),
    ("2022-06-15 10:30:00 CST", "2022-06-15 10:30:00"),
    ("2022-06-15 10:30:00 +08", "2022-06-15 10:30:00"),
    ("2022-06-15 10:30:00+0800", "2022-06-15 10:30:00"),
    ("2022-06-15 10:30 GMT+08:00", "2022-06-15 10:30:00"),
    ("2022-06-15 10:30 UTC+8", "2022-06-15 10:30:00"),
    ("2022-06-15 10:30 GMT+8", "2022-06-15 10:30:00"),
    ("2022-06-15 05:00 UTC+02:30", "2022-06-15 10:30:00"),
    ("2022-06-15 10:30 (北京时间)", "2022-06-15 10:30:00"),
    ("2022-06-15T10:30:05+08:00[Asia/Shanghai]", "2022-06-15 10:30:05"),
    ("2022-06-15+08:00", "2022-06-15 00:00:00"),
    ("20220615T023000Z", "2022-06-15 10:30:00"),
    ("２０２２－０６－１５　１０：３０", "2022-06-15 10:30:00"),
    ("2022‐06‐15", "2022-06-15 00:00:00"),
    ("2022/6/15 星期三 下午 3:05:00", "2022-06-15 15:05:00"),
    ("2022年6月15日 上午9:05", "2022-06-15 09:05:00"),
    ("2022年6月15日下午15时5分", "2022-06-15 15:05:00"),
    ("2022-06-15 12:30 AM", "2022-06-15 00:30:00"),
    ("2022-06-15 24:00", "2022-06-16 00:00:00"),
    ("2022-12-31 24:00:00", "2023-01-01 00:00:00"),
    ("/Date(1686900000000)/", "2023-06-16 15:20:00"),
    ("\\/Date(1686900000000+0800)\\/", "2023-06-16 15:20:00"),
    ([2022, 6, 15, 10, 30], "2022-06-15 10:30:00"),
    ("[2022, 6, 15, 10, 30, 5, 120000000]", "2022-06-15 10:30:05"),
    ("二零二三年八月一日", "2023-08-01 00:00:00"),
    ("二〇二三年十二月三十一日", "2023-12-31 00:00:00"),
    ("二〇二三年十月二十日", "2023-10-20 00:00:00"),
    ("2023-06-16", "2023-06-16 00:00:00"),
    (" 2023-06-16 ", "2023-06-16 00:00:00"),
]

VAGUE = [
    ("2021-12", "2021-12-01 00:00:00"),
    ("2021年12月", "2021-12-01 00:00:00"),
    ("202112", "2021-12-01 00:00:00"),
    ("2021.10", "2021-10-01 00:00:00"),
    ("December 2021", "2021-12-01 00:00:00"),
    ("2021", "2021-01-01 00:00:00"),
    ("二〇二三年", "2023-01-01 00:00:00"),
    ("3天前", "2026-11-21 10:00:00"),
    ("5小时前", "2026-11-24 05:00:00"),
    ("昨天", "2026-11-23 10:00:00"),
    ("3 days ago", "2026-11-21 10:00:00"),
]


def read(raw: object) -> normalise.DateReading:
    return normalise.date(raw, tz=SHANGHAI, now=NOW)


@pytest.mark.parametrize(("raw", "local"), SEEN)
def test_every_form_seen_on_a_portal(raw, local):
    expected = datetime.fromisoformat(local).replace(tzinfo=SHANGHAI).astimezone(UTC)
    reading = read(raw)
    assert (reading.value, reading.finding) == (expected, None)
    assert reading.value.tzinfo is UTC


@pytest.mark.parametrize(("raw", "local"), VAGUE)
def test_what_names_no_day_is_shown_but_is_no_date_of_an_update(raw, local):
    expected = datetime.fromisoformat(local).replace(tzinfo=SHANGHAI).astimezone(UTC)
    assert read(raw) == normalise.DateReading(expected, "field.date_vague")
    assert newest(updated=raw, published="2020-01-01") is None


@pytest.mark.parametrize("raw", ["", None, "None", "null", "NULL", "-", "--", "/", "无", " ", "\t", "undefined"])
def test_nothing_is_no_finding(raw):
    assert read(raw) == normalise.DateReading(None, None)


@pytest.mark.parametrize(
    "raw",
    [
        "12", "3", "2023-13-01", "2023-02-30", "0000-00-00", "每年", "长期有效", "1204次", "V2.1", "10:30",
        "2024第三季度", "1年", True, False, [20220615], {}, {"year": "abc"}, 1e300, float("nan"), -5,
        10**400, "9" * 500, "2022-06-15 25:00", "2023-06-16 and much more text that no portal would call a date at all",
        # years of two or three digits
        "18-NOV-26", "18-11月-26", "26-11-18", "26/11/18", "4/12/20 23:18", "12.4.20", "Nov 18, 26", "26年11月18日",
        "18 Nov '26", "112年11月18日", "261118", "18-NOV-26 10.30.00.000000 AM", "Wednesday, 18-Nov-26 10:30:00 GMT",
        # two notations, two days
        "4/12/2020", "04-12-2020", "4.12.2020 10:30", "200911", "2022061510", 2022061510, "2021.1", 2021.1, "2026323",
        # no day
        "2026Q3", "2026-Q3", "2026年第三季度", "3rd quarter 2026", "2026年上半年", "2026-W47", "2026-323", "1个月前", "2周前",
        "45095", "45095.5", 45095.25, "2026年农历十月初九", "{}年",
        # zones and times that are none, or not certain
        "2022-06-15 10:30 EST", "2022-06-15 10:30 CST+08:00", "2022-06-15 10:30 +15:00", "2022-06-15 10:30 +0860",
        "2022-06-15 上午12:00", "2022-06-15 13:05 AM", "2022-06-15 0:30 PM", "2022-06-15 24:01", "2022-06-15 23:59:60",
        "2022-06-15 10", "2022-06-15-10:30", "2022-6-110:30", "2022-06-15 上午 9:05 AM",
        # something else, with a date in it
        "until 2022-06-15", "2022-06-15, 2022-06-16", "2022-06-15至2022-06-16", "更新于2022-06-15", "2022-06-15.csv",
        {"year": 2022, "month": 5, "date": 15}, {"year": 122, "month": True, "date": 15}, [2022, 6], [22, 6, 15],
        [2022, 13, 1], [2022, 6, "15"], "2022-02-29", "31/4/2022", "2022-W54-1", "٢٠٢٢-٠٦-١٥", "0000-00-00 00:00:00",
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
    assert read("0001-01-01").finding == "field.date_ancient"  # .NET's empty date
    assert read("9999-12-31 23:59:59").finding == "field.date_future"
    assert plausible(NOW + timedelta(days=1), NOW)
    assert not plausible(NOW + timedelta(days=1, seconds=1), NOW)
    assert not plausible(datetime(2007, 12, 31, tzinfo=UTC), NOW)


def test_a_naive_date_is_of_the_portals_own_zone():
    assert normalise.date("2023-06-16", tz=UTC, now=NOW).value == datetime(2023, 6, 16, tzinfo=UTC)


FORMS = [
    "%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y%m%d%H%M%S", "%Y年%m月%d日 %H:%M:%S",
    "%Y年%m月%d日 %H时%M分%S秒", "%b %d, %Y %I:%M:%S %p", "%Y-%m-%d %H:%M:%S.0", "%a %b %d %H:%M:%S CST %Y",
    "%Y.%m.%d %H:%M:%S", "%d-%b-%Y %H:%M:%S", "%A, %d %B %Y %H:%M:%S +0800", "%Y-%m-%d %H:%M:%S GMT+8", "%Y%m%dT%H%M%S",
    "%Y-%m-%dT%H:%M:%S+08", "%G-W%V-%u %H:%M:%S", "[%Y,%m,%d,%H,%M,%S]", "%d %b %Y %H:%M:%S CST",
]  # fmt: skip
AMBIGUOUS = ["%d/%m/%Y %H:%M:%S", "%m/%d/%Y %H:%M:%S", "%m-%d-%Y", "%d.%m.%Y"]
REFUSED = [
    "%y-%m-%d", "%y/%m/%d %H:%M", "%d-%b-%y", "%d-%b-%y %I.%M.%S %p", "%m/%d/%y %H:%M", "%d.%m.%y", "%b %d, %y", "%y%m%d",
    "%y年%m月%d日", "%A, %d-%b-%y %H:%M:%S GMT", "%Y-%j", "%Y%j", "%Y-W%W", "%Y-%m-%d %H:%M:%S EDT", "%x", "%c %y",
]  # fmt: skip
FIRST, LAST = datetime.fromisoformat("2008-01-02"), datetime.fromisoformat("2026-11-23")
MOMENTS = st.datetimes(FIRST, LAST).map(lambda at: at.replace(microsecond=0))


@given(MOMENTS, st.sampled_from(FORMS))
@settings(derandomize=True)
def test_round_trip_of_every_form(moment, form):
    text = moment.strftime(form).replace("[0", "[").replace(",0", ",")
    assert read(text).value == moment.replace(tzinfo=SHANGHAI).astimezone(UTC)


@given(MOMENTS, st.sampled_from(AMBIGUOUS))
@settings(derandomize=True)
def test_a_year_at_the_end_is_read_as_no_other_day(moment, form):
    reading = read(moment.strftime(form))
    if moment.day > 12 or moment.day == moment.month:
        assert reading.value.astimezone(SHANGHAI).date() == moment.date()
    else:
        assert reading == normalise.DateReading(None, "field.date_unparsed")


@given(MOMENTS, st.sampled_from(REFUSED))
@settings(derandomize=True)
def test_what_only_looks_like_a_date_is_never_another(moment, form):
    assert read(moment.strftime(form)) == normalise.DateReading(None, "field.date_unparsed")


@given(st.text("0123456789-/.: 年月日时分秒TZ+APMQWJanecOt上下午星期二第周前(),[]{}'\"", max_size=24))
@settings(derandomize=True, max_examples=2000)
def test_whatever_is_read_stands_there(text):
    """A reading that counts shows the year it was printed with, or a number of seconds."""
    reading = read(text)
    figures = "".join(filter(str.isdigit, text))
    if reading.value and reading.finding is None and len(figures) not in range(9, 14):
        years = {reading.value.year, reading.value.astimezone(SHANGHAI).year}
        assert any(str(year) in text for year in years)


@given(MOMENTS)
@settings(derandomize=True)
def test_round_trip_without_padding_and_in_figures(moment):
    at = moment.replace(tzinfo=SHANGHAI)
    assert read(f"{at.year}-{at.month}-{at.day} {at.hour}:{at.minute}:{at.second}").value == at.astimezone(UTC)
    for figure in (int(at.timestamp()), int(at.timestamp() * 1000)):
        assert read(figure).value == read(str(figure)).value == at.astimezone(UTC)


def newest(**clocks):
    return newest_update(clocks, tz=SHANGHAI, now=NOW)


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)


def test_the_name_of_a_zone_is_the_portals_own_or_none():
    assert normalise.date("2022-06-15 10:30 EDT", tz=ZoneInfo("America/New_York"), now=NOW).value.hour == 14
    assert normalise.date("2022-06-15 10:30 EST", tz=ZoneInfo("America/New_York"), now=NOW).value is None
    assert normalise.date("2022-06-15 10:30 CST", tz=ZoneInfo("Europe/Berlin"), now=NOW).value is None


def test_newest_update_takes_the_newest_plausible_update():
    assert newest(data_updated="2023-11-30", updated="2026-08-14", published="2025-11-04") == day("2026-08-14")
    assert newest(data_updated="2023-11-30", updated="2099-01-01", published="2025-11-04") == day("2023-11-30")


def test_newest_update_falls_back_to_published_only_without_an_update():
    assert newest(published="2025-11-04", updated="") == day("2025-11-04")
    assert newest(published="2025-11-04", updated="2020-01-01") == day("2020-01-01")
    assert newest(updated="None", published="2099-01-01") is None
    assert newest() is None


def test_newest_update_falls_back_on_no_field_that_the_portal_has_ceased_to_fill():
    assert newest_update({"published": "2025-11-04"}, tz=SHANGHAI, now=NOW, lost=("updated",)) is None
    lost = {"data_updated": "2026-08-14", "published": "2025-11-04"}
    assert newest_update(lost, tz=SHANGHAI, now=NOW, lost=("updated",)) == day("2026-08-14")
