"""Dates as portals write them: naive local time in a closed list of notations, to aware UTC.

A text in no notation of the list is refused, and so is one that two notations would read as different days. A date that
is guessed wrong makes a city look updated, or stopped; a date that is refused is reported as a finding.

- A year has four digits. `18-NOV-26`, `4/12/20`, `26-11-18` and `26年11月18日` are refused.
- Where the year stands last and the month is a number (`18/11/2026`), the day is read if it can be no month.
- A zone is an offset (`+08:00`, `+0800`, `+08`, `GMT+8`, `UTC+08:00`), UTC, or the name that the portal's own zone has
  at that moment: in Shanghai CST is +08:00, and EST is refused. Without a zone the date is of the portal's own.
- 24:00 is the end of the day. 下午 and PM may go with 13 to 23. 上午 12:00 is refused: it means noon or midnight.
- A year, a month («2021-12»: its first day) and a distance from now («3天前») are read with a finding, for they name no
  day: as an update date they could be weeks wrong, and a stored distance would mean another day every night.
- Quarters, weeks without a day, day numbers and serial numbers of spreadsheets are refused.
"""

import calendar
import math
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import cache, lru_cache
from typing import Any
from unicodedata import normalize as unicode_form

from opendata_spiders.normalise import texts
from opendata_spiders.policy import policy

UNPARSED = "field.date_unparsed"
FUTURE = "field.date_future"
ANCIENT = "field.date_ancient"
VAGUE = "field.date_vague"

FINDINGS = frozenset({UNPARSED, FUTURE, ANCIENT, VAGUE})
"""All codes of this module; which of them a text has may change from night to night."""
UPDATE_CLOCKS = ("data_updated", "updated")
"""The date fields that state an update."""

_LONGEST_OBJECT = 400
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EARLIEST_ZONE = timezone(timedelta(hours=14))
_ZONES = {"z": UTC, "ut": UTC, "utc": UTC, "gmt": UTC, "北京时间": timezone(timedelta(hours=8))}
_OFFSETS = timedelta(hours=-12), timedelta(hours=14)
_CHINESE_DIGITS = str.maketrans("〇○零一二三四五六七八九", "000123456789")
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−", "-"))
_MONTHS = {
    name.casefold(): number
    for names in (calendar.month_name, calendar.month_abbr)
    for number, name in enumerate(names)
    if name
} | {"sept": 9}

_NAME = r"(?P<name>[a-z]{3,9}|\d{1,2}月)"
_NUMBER = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>\d{4})"
_DAYS = (
    _YEAR + r"\s*[-/.]\s*(?P<month>\d{1,2})\s*[-/.]\s*(?P<day>\d{1,2})",  # 2023-6-16, 2023/06/16, 2023.6.16
    _YEAR + r"\s*年\s*(?P<month>\d{1,2})\s*月\s*(?P<day>\d{1,2})\s*[日号]",  # 2023年8月1日
    r"(?P<year>(?:19|20)\d\d)(?P<month>\d\d)(?P<day>\d\d)",  # 20220615
    _NAME + rf"\.?\s+{_NUMBER},?\s+{_YEAR}",  # Dec 15, 2019
    _NUMBER + rf"(?:\s+|\s*-\s*){_NAME}\.?,?(?:\s+|\s*-\s*){_YEAR}",  # 15 December 2019, 18-NOV-2026, 18-11月-2026
    _YEAR + rf"(?:\s+|\s*-\s*){_NAME}\.?(?:\s+|\s*-\s*){_NUMBER}",  # 2019-Dec-15
    r"(?P<one>\d{1,2})\s*(?P<between>[-/.])\s*(?P<two>\d{1,2})\s*(?P=between)\s*" + _YEAR,  # 18/11/2026
    _YEAR + r"-?W(?P<week>\d\d)-?(?P<of_week>[1-7])",  # 2026-W47-3
)
_BEFORE = r"(?:(?:mon|tue(?:s)?|wed(?:nes)?|thu(?:r|rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s+)?"
_AFTER = r"(?:\s*\(?(?:星期|周|礼拜)[一二三四五六日天1-6]\)?)?"
_HALF = r"上午|下午|[ap]\.?m\.?"
_CLOCK = (
    rf"(?:(?P<half>{_HALF})\s*)?(?P<hour>\d{{1,2}})"
    r"(?:\s*:\s*(?P<minute>\d{1,2})(?:\s*:\s*(?P<second>\d{1,2})(?:[.,](?P<fraction>\d{1,9}))?)?"
    r"|\s*[时点]\s*(?:(?P<minutes>\d{1,2})\s*分\s*(?:(?P<seconds>\d{1,2})\s*秒)?)?)"
    rf"(?:\s*(?P<later_half>{_HALF}))?"
)
_FIGURES = r"(?P<hour>\d\d)(?P<minute>\d\d)(?:(?P<second>\d\d)(?:\.?(?P<fraction>\d{3}))?)?"
_OFFSET = r"(?P<sign>[-+])(?P<hours>\d{1,2}?)(?::?(?P<rest>\d\d))?"
_ZONE = rf"(?:\s*(?P<zone>[a-z]{{1,5}}|北京时间)?(?:\s*{_OFFSET})?(?:\s*[(\[][^)\]\d]*[)\]])?)?"
_ONLY_DAY = r"(?:(?P<zone>Z)|(?P<sign>[+])(?P<hours>\d\d):(?P<rest>\d\d))?"


def _compiled(*parts: str) -> re.Pattern[str]:
    return re.compile("".join(parts), re.IGNORECASE | re.ASCII)


_FORMS = (
    *(_compiled(_BEFORE, day, _AFTER, _ONLY_DAY) for day in _DAYS),
    *(_compiled(_BEFORE, day, _AFTER, r"(?:\s*T\s*|,?\s+)", _CLOCK, _ZONE) for day in _DAYS),
    _compiled(_DAYS[1], _AFTER, _CLOCK, _ZONE),  # 2023年8月1日10时30分
    _compiled(_DAYS[2], r"[T ]?", _FIGURES, _ZONE),  # 20220615103000, 20220615T103000Z
    # Mon Jun 15 10:30:00 CST 2022: java.util.Date as text
    _compiled(_BEFORE, _NAME, r"\s+", _NUMBER, r"\s+", _CLOCK, r"(?:\s+(?P<zone>[a-z]{2,5}))?\s+", _YEAR),
)
_VAGUE = (
    _compiled(_YEAR, r"(?:\s*[-/]\s*(?P<month>\d{1,2})|\.(?P<month_>\d\d))"),  # «2021.1» may be the number 2021.10
    _compiled(_YEAR, r"\s*年\s*(?P<month>\d{1,2})\s*月"),
    _compiled(r"(?P<year>(?:19|20)(?!0[1-9](?:0[1-9]|1[0-2])|1[0-2](?:0[1-9]|1[0-2]))\d\d)(?P<month>\d\d)"),  # 202112
    _compiled(_NAME, r"\.?(?:,?\s+|\s*-\s*)", _YEAR),
    _compiled(r"(?P<year>(?:19|20)\d\d)\s*年?"),
)
_USUAL = _compiled(r"\d{4}-\d\d-\d\d(?: \d\d:\d\d:\d\d)?|\d{13}")  # 13 figures: in no calendar notation
_MILLISECONDS = _compiled(r"(?:\\?/|new )?Date\((?P<figures>-?\d{1,15})(?:[-+]\d{4})?\)(?:\\?/)?")
_SECONDS = {"秒": 1, "秒钟": 1, "分": 60, "分钟": 60, "小时": 3600, "天": 86400, "日": 86400} | {
    f"{name}{ending}": seconds
    for name, seconds in (("second", 1), ("minute", 60), ("hour", 3600), ("day", 86400))
    for ending in (" ", "s ")
}
_AGO = _compiled(rf"(?P<count>\d{{1,4}})\s*(?P<unit>{'|'.join(sorted(_SECONDS, key=len, reverse=True))})(?:之?前|ago)")
_NAMED_DAYS = {"刚刚": 0, "今天": 0, "today": 0, "昨天": 1, "yesterday": 1, "前天": 2}


@dataclass(frozen=True, slots=True)
class DateReading:
    """One date: aware UTC, or None; an implausible or vague value is still returned, so that evidence can show it."""

    value: datetime | None
    finding: str | None = None
    """Code of why the value cannot be an update date; None for one that can."""


@dataclass(frozen=True, slots=True)
class _Written:
    """A text as read, before the portal's zone is applied."""

    at: datetime
    """Naive where the text names no offset."""
    zone: str = ""
    """Name of a zone; accepted only if it is the portal's own at that time."""
    vague: bool = False


def date_reading(raw: object, *, tz: tzinfo, now: datetime) -> DateReading:
    """Read a portal's date; `tz` is the portal's zone, used wherever the text names none. Never raises.

    Accepts the notations of this module's docstring, milliseconds or seconds (as number or text), a java.util.Date
    sent as an object, and java.time's lists of numbers.
    """
    if texts.is_blank(raw):
        return DateReading(None)
    written = _parse(raw, tz, now)
    value = _utc(written, tz) if written else None
    if written is None or value is None:
        return DateReading(None, UNPARSED)
    if value > _newest(now):
        return DateReading(value, FUTURE)
    if value < _floor():
        return DateReading(value, ANCIENT)
    return DateReading(value, VAGUE if written.vague else None)


def plausible(value: datetime, now: datetime) -> bool:
    """Whether a date can be that of an update: neither before 2008 nor more than a day after `now` (policy.csv)."""
    return _floor() <= value <= _newest(now)


def newest_update(
    clocks: Mapping[str, Any], *, tz: tzinfo, now: datetime, lost: Collection[str] = ()
) -> datetime | None:
    """Newest date, without a finding, of the clocks data_updated and updated; published only where both are blank.

    An update date that cannot be read, or in a field the portal has ceased to fill (`lost`: names of fields), does not
    count as blank: falling back to published would make a typing error look like an old dataset.
    """
    return newest_of(date_reading(clocks.get(name), tz=tz, now=now) for name in update_claims(clocks, lost))


def newest_of(readings: Iterable[DateReading]) -> datetime | None:
    """Newest of some dates that can be update dates; None where there is none."""
    return max((one.value for one in readings if one.value and not one.finding), default=None)


def update_claims(clocks: Mapping[str, Any], lost: Collection[str] = ()) -> tuple[str, ...]:
    """Return the clocks by which a dataset says when it was last updated (see `newest_update`)."""
    return UPDATE_CLOCKS if claims_update(clocks, lost) else ("published",)


def claims_update(clocks: Mapping[str, Any], lost: Collection[str] = ()) -> bool:
    """Whether an update date is printed, readable or not, or was until the field was lost."""
    return any(name in lost or not texts.is_blank(clocks.get(name)) for name in UPDATE_CLOCKS)


@cache
def _floor() -> datetime:
    """The first moment at which it is 2008-01-01 anywhere: a date printed as that day is not yet ancient."""
    day = policy().date_floor
    return datetime(day.year, day.month, day.day, tzinfo=_EARLIEST_ZONE).astimezone(UTC)


@lru_cache(maxsize=16)
def _newest(now: datetime) -> datetime:
    return now + timedelta(days=policy().date_future_days)


def _parse(raw: object, tz: tzinfo, now: datetime) -> _Written | None:
    if isinstance(raw, str) and raw.startswith(("{", "[")) and len(raw) <= _LONGEST_OBJECT:
        raw = texts.from_json(raw)  # manifests keep clocks as strings, objects and lists among them as JSON
    if isinstance(raw, dict):
        return _java_object(raw)
    if isinstance(raw, list):
        return _java_list(raw)
    if isinstance(raw, bool) or (isinstance(raw, float) and not (math.isfinite(raw) and raw.is_integer())):
        return None
    written = _clean(texts.scalar(raw))
    if len(written) > policy().date_length:
        return None
    return _absolute(written) or _relative(written, tz, now)


def _clean(written: str) -> str:
    """The text in one line, with one form of each character, and without quotes around it."""
    if not (written.isascii() and written.isprintable()):
        written = texts.text(unicode_form("NFKC", written).translate(_DASHES)) or ""
    return " ".join(written.split()).strip("'\" ")


@lru_cache(maxsize=1 << 15)
def _absolute(written: str) -> _Written | None:
    """Read a text that names its day itself; cached, for many datasets print the same text every night."""
    if _USUAL.fullmatch(written) and (usual := _usual(written)):
        return usual
    plain = _in_figures(written)
    for form in _FORMS:
        if found := form.fullmatch(plain):
            return _of_form(found.groupdict())
    return _of_period(plain) or _epoch(plain)


def _usual(written: str) -> _Written | None:
    """Read what most portals write without trying all notations; None for an impossible day or hour."""
    try:
        return _Written(datetime.fromisoformat(written)) if "-" in written else _since_epoch(int(written) / 1000)
    except ValueError:
        return None


def _utc(written: _Written, tz: tzinfo) -> datetime | None:
    try:
        local = written.at if written.at.tzinfo else written.at.replace(tzinfo=tz)
        if written.zone and written.zone != (local.tzname() or "").casefold():
            return None
        return local.astimezone(UTC)
    except (OverflowError, ValueError):  # first or last day of the calendar: readable, but impossible as an update
        return written.at.replace(tzinfo=UTC)


def _in_figures(written: str) -> str:
    """Turn 二〇二三年十二月三十日 into 2023年12月30日."""
    if "年" not in written:
        return written
    figures = written.translate(_CHINESE_DIGITS)
    return re.sub(r"(\d?)十(\d?)(?=[月日号时点分秒])", lambda found: f"{found[1] or 1}{found[2] or 0}", figures)


def _of_form(parts: Mapping[str, str | None]) -> _Written | None:
    day, clock = _day(parts), _clock(parts)
    if day is None or clock is None:
        return None
    try:
        return _zoned(day + clock, parts)
    except OverflowError:
        return None


def _day(parts: Mapping[str, str | None]) -> datetime | None:
    year = int(parts["year"] or 0)
    if parts.get("week"):
        return _of_week(year, int(parts["week"] or 0), int(parts["of_week"] or 0))
    if parts.get("one"):
        return _day_or_month(year, int(parts["one"] or 0), int(parts["two"] or 0))
    return _built(year, _month(parts), int(parts["day"] or 0))


def _month(parts: Mapping[str, str | None]) -> int:
    name = parts.get("name")
    if name is None:
        return int(parts.get("month") or parts.get("month_") or 0)
    return int(name[:-1]) if name.endswith("月") else _MONTHS.get(name.casefold(), 0)


def _of_week(year: int, week: int, day: int) -> datetime | None:
    try:
        return datetime.fromisocalendar(year, week, day)
    except ValueError:
        return None


def _day_or_month(year: int, one: int, two: int) -> datetime | None:
    """Read 18/11/2026 or 11/18/2026, where only one of the two numbers can be the month, or both are equal."""
    readings = {day for day in (_built(year, two, one), _built(year, one, two)) if day}
    return readings.pop() if len(readings) == 1 else None


def _clock(parts: Mapping[str, str | None]) -> timedelta | None:
    """Time of day; midnight where none is written, None for an impossible one."""
    names = ("hour", "minute", "minutes", "second", "seconds")
    hour, minute, minutes, second, seconds = (int(parts.get(name) or 0) for name in names)
    minute, second = minute + minutes, second + seconds
    micro = int((parts.get("fraction") or "0").ljust(6, "0")[:6])
    half = _of_24(hour, parts.get("half"), parts.get("later_half"))
    if half is None or minute > 59 or second > 59 or (half == 24 and (minute or second or micro)):
        return None
    return timedelta(hours=half, minutes=minute, seconds=second, microseconds=micro)


def _of_24(hour: int, *halves: str | None) -> int | None:
    """Hour of the day, 0 to 24; None where it contradicts its half of the day, or is ambiguous with it."""
    named = [half.casefold().replace(".", "") for half in halves if half]
    if not named:
        return hour if hour <= 24 else None
    if len(named) > 1 or (named[0] == "上午" and hour == 12):
        return None
    if named[0] in ("上午", "am"):
        return hour % 12 if hour <= 12 else None
    return hour % 12 + 12 if 0 < hour < 24 else None


def _zoned(local: datetime, parts: Mapping[str, str | None]) -> _Written | None:
    name = (parts.get("zone") or "").casefold()
    if not parts.get("sign"):
        return _Written(local.replace(tzinfo=_ZONES[name])) if name in _ZONES else _Written(local, name)
    offset = timedelta(hours=int(parts["hours"] or 0), minutes=int(parts.get("rest") or 0))
    offset = -offset if parts["sign"] == "-" else offset
    known = int(parts.get("rest") or 0) < 60 and _OFFSETS[0] <= offset <= _OFFSETS[1]
    return _Written(local.replace(tzinfo=timezone(offset))) if known and name in ("", "ut", "utc", "gmt") else None


def _of_period(plain: str) -> _Written | None:
    """Read a year or a month as its first day."""
    for form in _VAGUE:
        if found := form.fullmatch(plain):
            parts = found.groupdict()
            first = _built(int(parts["year"]), _month(parts) if len(parts) > 1 else 1, 1)
            return _Written(first, vague=True) if first else None
    return None


def _built(*fields: int) -> datetime | None:
    try:
        return datetime(*fields)  # type: ignore[arg-type]  # noqa: DTZ001 - naive on purpose: the portal's zone is added
    except (ValueError, TypeError, OverflowError):
        return None


def _java_object(raw: Mapping[str, Any]) -> _Written | None:
    """Read `{year: 123, month: 1, date: 16, hours: …, time: <ms>}`: years count from 1900, months from 0."""
    if isinstance(raw.get("time"), int | float):
        return _epoch(texts.scalar(raw["time"]))
    fields = [raw.get(name, 0) for name in ("year", "month", "date", "hours", "minutes", "seconds")]
    if not _numbers(fields) or fields[0] > 999:  # a year of four digits does not count from 1900
        return None
    built = _built(fields[0] + 1900, fields[1] + 1, *fields[2:])
    return _Written(built) if built else None


def _java_list(raw: Sequence[Any]) -> _Written | None:
    """Read `[2023, 6, 16, 10, 30, 5, <ns>]`, as java.time's dates are sent: at least a day, seconds left out if 0."""
    if not 3 <= len(raw) <= 7 or not _numbers(raw[:6]) or not 1000 <= raw[0] <= 9999:
        return None
    built = _built(*raw[:6])
    return _Written(built) if built else None


def _numbers(fields: Sequence[object]) -> bool:
    return all(isinstance(one, int) and not isinstance(one, bool) and 0 <= one < 10_000 for one in fields)


def _epoch(written: str) -> _Written | None:
    """Milliseconds (12 or 13 digits) or seconds (9 or 10) since 1970, for numbers in no calendar notation.

    Negative ones, before 1970, are read, so that the finding can say so. Ten digits that may be an hour of the calendar
    (2022061510) are refused.
    """
    if found := _MILLISECONDS.fullmatch(written):
        return _since_epoch(int(found["figures"]) / 1000)
    if not re.fullmatch(r"-?(?:\d{9,10}|\d{12,13})", written, re.ASCII):
        return None
    if len(written) == 10 and _absolute(f"{written[:8]} {written[8:]}:00"):
        return None
    return _since_epoch(int(written) / (1000 if len(written.lstrip("-")) > 10 else 1))


def _since_epoch(seconds: float) -> _Written | None:
    try:
        return _Written(_EPOCH + timedelta(seconds=seconds))
    except OverflowError:
        return None


def _relative(written: str, tz: tzinfo, now: datetime) -> _Written | None:
    """Read a distance from now («3天前»)."""
    if found := _AGO.fullmatch(written):
        seconds = int(found["count"]) * _SECONDS[found["unit"].casefold()]
        return _Written(now - timedelta(seconds=seconds), vague=True)
    days = _NAMED_DAYS.get(written.casefold())
    if days is None:
        return None
    return _Written((now.astimezone(tz) - timedelta(days=days)).replace(tzinfo=None), vague=True)
