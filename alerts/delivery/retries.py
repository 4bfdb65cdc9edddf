"""When a failed delivery is tried again, and when it is given up (retries.csv)."""

import csv
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files

GIVE_UP_AFTER = timedelta(days=3)
"""Counted from when it was first to be sent; long enough for a weekend's outage."""


@cache
def _steps() -> tuple[timedelta, ...]:
    text = files(__package__).joinpath("retries.csv").read_text("utf-8")
    return tuple(timedelta(minutes=int(row["minutes"])) for row in csv.DictReader(text.splitlines()))


def next_try(attempts: int, first: datetime, now: datetime) -> datetime | None:
    """The next try after `attempts` failed ones (this one counted), or None to give up."""
    if now - first >= GIVE_UP_AFTER:
        return None
    steps = _steps()
    return now + steps[min(attempts, len(steps)) - 1]
