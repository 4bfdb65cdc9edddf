"""Dates as portals write them: naive local time in a dozen forms, to aware UTC."""

import calendar
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import cache, lru_cache
from typing import Any
from unicodedata import normalize as unicode_form

from dateparser.date import DateDataParser

from opendata_spiders.normalise import table, texts

UNPARSED = "field.date_unparsed"
FUTURE = "field.date_future"
ANCIENT = "field.date_ancient"

_LONGEST_OBJECT = 400
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EARLIEST_ZONE = timezone(timedelta(hours=14))
_CHINESE_DIGITS = str.maketrans("〇○零一二三四五六七八九", "000123456789")

_TIME = r"(?:\s*T?\s*(\d{1,2})(?:[:时点](\d{1,2})(?:[:分](\d{1,2})(?:[.,](\d{1,9}))?秒?)?分?)?时?)?"
_ZONE = r"\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})?"
_NUMERIC = (
    # 2023-6-16, 2023/06/16 10:30, 2023.6.16, 2023-06-16T10:30:00.0, with or without a zone
    re.compile(r"(\d{4})\s*[-/.]\s*(\d{1,2})\s*[-/.]\s*(\d{1,2})" + _TIME + _ZONE),
    # 2023年8月1日, 2023年08月01日 10时30分
    re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})[日号]?" + _TIME + _ZONE),
    # 20220615, 20220615103000, 202206151030
    re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2})?)?"),
    # 2021-12, 2021/12, 2021年12月, 202112: the first of the month
    re.compile(r"(\d{4})[-/.年](\d{1,2})月?"),
    re.compile(r"((?:19|20)\d{2})(0[1-9]|1[0-2])"),
    # 2021年, 2021: the first of January
    re.compile(r"((?:19|20)\d{2})年?"),
)
_MONTHS = {name.casefold(): number for number, name in enumerate(calendar.month_abbr) if name}
# Dec 15, 2019 3:00:49 AM
_ENGLISH = re.compile(
    r"([a-z]{3})[a-z]*\.? (\d{1,2}), ?(\d{4})(?:,? (\d{1,2}):(\d{2})(?::(\d{2}))? ?([ap]m)?)?", re.IGNORECASE
)
# Mon Jun 15 10:30:00 CST 2022: java.util.Date as text; its CST is China's, dateparser takes it for Chicago's
_JAVA = re.compile(r"[a-z]{3} ([a-z]{3}) (\d{1,2}) (\d{2}):(\d{2}):(\d{2}) (?:[a-z]{3,4} )?(\d{4})", re.IGNORECASE)
_RELATIVE = re.compile(r"前|昨|今天|刚刚|ago|yesterday", re.IGNORECASE)
_WORDY = re.compile(r"(?=.*\d)(?=.*[^\W\d_])")


@dataclass(frozen=True, slots=True)
class DateReading:
    """One date read: aware UTC, or None; an implausible value is still given, so that evidence can show it."""

    value: datetime | None
    finding: str | None = None


def date_reading(raw: object, *, tz: tzinfo, now: datetime) -> DateReading:
    """Read a portal's date; `tz` is the portal's zone, used wherever the text names none. Never raises.

    Accepts text, milliseconds or seconds (as number or text) and a java.util.Date sent as an object.
    """
    if texts.is_blank(raw):
        return DateReading(None)
    value = _utc(_parse(raw, tz, now), tz)
    if value is None:
        return DateReading(None, UNPARSED)
    if value > _newest(now):
        return DateReading(value, FUTURE)
    return DateReading(value, ANCIENT if value < _floor() else None)


def plausible(value: datetime, now: datetime) -> bool:
    """Whether a date can be that of an update: neither before 2008 nor more than a day after `now` (limits.csv)."""
    return _floor() <= value <= _newest(now)


def newest_update(clocks: Mapping[str, Any], *, tz: tzinfo, now: datetime) -> datetime | None:
    """Newest plausible of the clocks data_updated and updated; published only where both are blank.

    An update date that cannot be read is not no date: falling back would make a typing error look like an old dataset.
    """

    def claimed(*names: str) -> datetime | None:
        readings = (date_reading(clocks.get(name), tz=tz, now=now).value for name in names)
        return max((value for value in readings if value and plausible(value, now)), default=None)

    if any(not texts.is_blank(clocks.get(name)) for name in ("data_updated", "updated")):
        return claimed("data_updated", "updated")
    return claimed("published")


@cache
def _floor() -> datetime:
    """Give the first moment that is 2008-01-01 anywhere: a date printed as that day is not yet ancient."""
    day = date.fromisoformat(table.limits()["date_floor"])
    return datetime(day.year, day.month, day.day, tzinfo=_EARLIEST_ZONE).astimezone(UTC)


def _newest(now: datetime) -> datetime:
    return now + timedelta(days=int(table.limits()["date_future_days"]))


def _parse(raw: object, tz: tzinfo, now: datetime) -> datetime | None:
    raw = _opened(raw)
    if isinstance(raw, dict):
        return _java_object(raw)
    if isinstance(raw, bool | list | tuple | set):
        return None
    if isinstance(raw, float) and not math.isfinite(raw):
        return None
    written = unicode_form("NFKC", texts.text(raw) or "").strip("'\" ")
    if len(written) > int(table.limits()["date_length"]):
        return None
    return _absolute(written) or _guessed(written, tz, now)


@lru_cache(maxsize=1 << 15)
def _absolute(written: str) -> datetime | None:
    """Read what names its own day. The same texts stand on many datasets and come back every night."""
    return _numeric(written) or _epoch(written) or _wordy(written)


def _opened(raw: object) -> object:
    """Undo the JSON in which an object lies in a manifest, whose clocks are strings."""
    if not isinstance(raw, str) or not raw.startswith("{") or len(raw) > _LONGEST_OBJECT:
        return raw
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return raw


def _utc(value: datetime | None, tz: tzinfo) -> datetime | None:
    if value is None:
        return None
    try:
        return (value if value.tzinfo else value.replace(tzinfo=tz)).astimezone(UTC)
    except (OverflowError, ValueError):  # the first and the last day of the calendar
        return None


def _java_object(raw: Mapping[str, Any]) -> datetime | None:
    """Read `{year: 123, month: 1, date: 16, hours: …, time: <ms>}`: years count from 1900, months from 0."""
    if isinstance(raw.get("time"), int | float):
        return _epoch(texts.scalar(raw["time"]))
    fields = [raw.get(name, 0) for name in ("year", "month", "date", "hours", "minutes", "seconds")]
    if not all(isinstance(field, int) and abs(field) < 10_000 for field in fields):
        return None
    return _built(fields[0] + 1900, fields[1] + 1, *fields[2:])


def _numeric(written: str) -> datetime | None:
    plain = written.translate(_CHINESE_DIGITS) if "年" in written else written
    for form in _NUMERIC:
        if found := form.fullmatch(_tens(plain)):
            return _from_groups(*found.groups())
    return None


def _tens(written: str) -> str:
    """Turn 十二月三十日 (its ones already digits: 十2月3十日) into 12月30日."""
    return re.sub(r"(\d?)十(\d?)(?=[月日号时分秒])", lambda found: f"{found[1] or 1}{found[2] or 0}", written)


def _from_groups(year: str, month: str = "1", day: str = "1", *rest: str | None) -> datetime | None:
    clock = [int(part or 0) for part in rest[:3]]
    fraction = int(((rest[3] if len(rest) > 3 else None) or "0").ljust(6, "0")[:6])
    zone = rest[4] if len(rest) > 4 else None
    value = _built(int(year), int(month), int(day), *clock)
    return value and value.replace(microsecond=fraction, tzinfo=_zone(zone))


def _zone(written: str | None) -> tzinfo | None:
    if not written:
        return None
    if written[0] not in "+-":
        return UTC
    offset = timedelta(hours=int(written[1:3]), minutes=int(written[-2:]))
    return timezone(offset if written[0] == "+" else -offset) if offset < timedelta(days=1) else UTC


def _built(*fields: int) -> datetime | None:
    try:
        return datetime(*fields)  # type: ignore[arg-type]  # noqa: DTZ001 - naive on purpose: the portal's zone is added
    except (ValueError, TypeError, OverflowError):
        return None


def _epoch(written: str) -> datetime | None:
    """Milliseconds (12 or 13 digits) or seconds (9 or 10) since 1970; what fits no calendar form was sent as one.

    Negative ones are before 1970: nonsense for a dataset, but nonsense that can be named.
    """
    if not re.fullmatch(r"-?(?:\d{9,10}|\d{12,13})", written, re.ASCII):
        return None
    return _EPOCH + timedelta(seconds=int(written) / (1000 if len(written.lstrip("-")) > 10 else 1))


def _wordy(written: str) -> datetime | None:
    if found := _JAVA.fullmatch(written):
        month, day, hour, minute, second, year = found.groups()
        return _built(int(year), _MONTHS.get(month.lower(), 0), int(day), int(hour), int(minute), int(second))
    if found := _ENGLISH.fullmatch(written):
        month, day, year, hour, minute, second, half = found.groups()
        clock = [_of_24(int(hour or 0), half), int(minute or 0), int(second or 0)]
        return _built(int(year), _MONTHS.get(month.lower(), 0), int(day), *clock)
    return None


def _of_24(hour: int, half: str | None) -> int:
    return hour if half is None else hour % 12 + (12 if half.lower() == "pm" else 0)


def _guessed(written: str, tz: tzinfo, now: datetime) -> datetime | None:
    """Ask dateparser about forms not seen yet («3天前», «15 December 2019»).

    It is given only texts with letters in them: of bare figures it makes dates that nobody wrote
    («12» is 2012, «2023-13-01» swaps day and month).
    """
    relative = bool(_RELATIVE.search(written))
    if not relative and not _WORDY.match(written):
        return None
    settings = {
        "PARSERS": ["relative-time" if relative else "absolute-time"],
        "PREFER_DAY_OF_MONTH": "current" if relative else "first",
        "REQUIRE_PARTS": [] if relative else ["year", "month"],
        "RELATIVE_BASE": now.astimezone(tz).replace(tzinfo=None),
        "DATE_ORDER": "YMD",
    }
    try:
        return DateDataParser(languages=["zh", "en"], settings=settings).get_date_data(written).date_obj
    except (ValueError, OverflowError, TypeError, AttributeError, IndexError, KeyError, RecursionError):
        return None  # a text that dateparser chokes on is no date; the caller states the finding
