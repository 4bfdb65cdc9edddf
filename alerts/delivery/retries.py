"""When a failed delivery is tried again, and when it is given up (retries.csv)."""

from datetime import datetime, timedelta
from functools import cache

from opendata_spiders.tables import Tables

GIVE_UP_AFTER = timedelta(days=3)
"""Counted from the time at which a delivery was first to be sent; long enough for the outage of a weekend."""


@cache
def _steps() -> tuple[timedelta, ...]:
    return tuple(timedelta(minutes=int(row["minutes"])) for row in Tables("alerts.delivery").rows("retries", "minutes"))


def next_try(attempts: int, first: datetime, now: datetime) -> datetime | None:
    """The time of the next attempt after `attempts` failed ones (including the last), or None to give up."""
    if now - first >= GIVE_UP_AFTER:
        return None
    steps = _steps()
    return now + steps[min(attempts, len(steps)) - 1]
