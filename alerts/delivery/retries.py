"""When a failed delivery is tried again, and when it is given up (retries.csv)."""

from datetime import datetime, timedelta
from functools import cache

from opendata_spiders.tables import Tables

GIVE_UP_AFTER = timedelta(days=3)
"""Counted from when it was first to be sent; long enough for a weekend's outage."""


@cache
def _steps() -> tuple[timedelta, ...]:
    return tuple(timedelta(minutes=int(row["minutes"])) for row in Tables("alerts.delivery").rows("retries", "minutes"))


def next_try(attempts: int, first: datetime, now: datetime) -> datetime | None:
    """The next try after `attempts` failed ones (this one counted), or None to give up."""
    if now - first >= GIVE_UP_AFTER:
        return None
    steps = _steps()
    return now + steps[min(attempts, len(steps)) - 1]
