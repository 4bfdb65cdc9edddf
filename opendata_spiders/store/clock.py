"""The domain clock: real time, or WATCH_NOW for replayed nights. Leases, locks and back-off always use real time."""

from collections.abc import Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from opendata_spiders.store.errors import ConfigError

VARIABLE = "WATCH_NOW"
SHANGHAI = ZoneInfo("Asia/Shanghai")
"""China's time zone, the default of portals and readers."""
_FIRST_YEAR, _LAST_YEAR = 2000, 2099
"""Portals began in 2012, and calendar arithmetic needs room before and after."""
_FORM = "write an ISO 8601 time with its zone, such as 2026-11-23T02:15:00+08:00"


def watch_now(env: Mapping[str, str]) -> datetime | None:
    """Return the time WATCH_NOW sets (aware, UTC), or None when it is not set.

    `env` is the environment itself: a .env file is not read for it, because a WATCH_NOW forgotten there would stop the
    clock for good. Raises ConfigError when it is no time or names no zone.
    """
    text = env.get(VARIABLE, "").strip()
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise ConfigError(f"{VARIABLE} (from the environment) names no time zone: {text!r}; {_FORM}")
        if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
            raise ConfigError(
                f"{VARIABLE} (from the environment) lies outside the years {_FIRST_YEAR} to {_LAST_YEAR}: {text!r}; "
                f"{_FORM}"
            )
        return to_stored(moment)
    except (ValueError, OverflowError):
        raise ConfigError(f"{VARIABLE} (from the environment) is no time: {text!r}; {_FORM}") from None


def domain_now(env: Mapping[str, str]) -> datetime:
    """Return the domain's now (aware, UTC, whole milliseconds): WATCH_NOW where set, else the real time."""
    return watch_now(env) or real_now()


def real_now() -> datetime:
    """Return the real time (aware, UTC, whole milliseconds)."""
    return to_stored(datetime.now(UTC))


def to_stored(moment: datetime) -> datetime:
    """Return the moment as the store keeps it: UTC, whole milliseconds. Raises ValueError for a naive one."""
    if moment.tzinfo is None:
        raise ValueError(f"a time without a zone cannot be stored: {moment.isoformat()}")
    moment = moment.astimezone(UTC)
    rest = moment.microsecond % 1000
    return moment.replace(microsecond=moment.microsecond - rest) if rest else moment
