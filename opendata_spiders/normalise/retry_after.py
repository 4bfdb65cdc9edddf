"""Reads Retry-After: seconds, or a date in the forms of the standard and in those that servers write."""

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_tz

_SECONDS = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_LONGEST = timedelta(days=366)
_CHINA = timezone(timedelta(hours=8))


def retry_after(value: str, now: datetime) -> timedelta | None:
    """Read the value of a Retry-After header, from `now` (aware) on; None for what is neither seconds nor a date.

    A date without a zone is UTC, as in HTTP; CST is China's time. A date that has passed gives zero, and no result is
    longer than a year. Never raises.
    """
    text = value.strip()
    if _SECONDS.fullmatch(text):
        return min(timedelta(seconds=float(text)) if len(text) < 12 else _LONGEST, _LONGEST)
    moment = _iso(text) or _http(text)
    return None if moment is None else min(max(moment - now, timedelta()), _LONGEST)


def _iso(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _http(text: str) -> datetime | None:
    """Read the three forms of RFC 9110, and the form of mail headers, which is like the first."""
    try:
        parts = parsedate_tz(text[:64])
        if parts is None:
            return None
        zone = _CHINA if text.upper().endswith("CST") else timezone(timedelta(seconds=parts[9] or 0))
        return datetime(*parts[:6], tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError, TypeError, IndexError):
        return None
