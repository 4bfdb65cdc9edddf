"""How long what is kept, read from retention.csv."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache

from alerts.model.kinds import EventScope
from opendata_spiders.store.clock import SHANGHAI
from opendata_spiders.tables import Tables


@dataclass(frozen=True, slots=True)
class UpkeepPolicy:
    """One attribute for each row of retention.csv, which gives units and reasons."""

    every_days: int
    nightly_months: int
    monthly_months: int
    whole_scopes: frozenset[EventScope]
    counters_months: int
    rounds_months: int
    nights_months: int
    looks_months: int


@cache
def upkeep_policy() -> UpkeepPolicy:
    """The numbers as shipped. Raises TableError."""
    return Tables("alerts.upkeep").policy(UpkeepPolicy, "retention")


def months_before(now: datetime, months: int) -> datetime:
    """The same day and time so many months earlier, at most the 28th, which every month has."""
    months_since = 12 * now.year + now.month - 1 - months
    return now.replace(year=months_since // 12, month=months_since % 12 + 1, day=min(now.day, 28))


def year_of(at: datetime) -> str:
    """The year of a time by China's calendar."""
    return f"{at.astimezone(SHANGHAI):%Y}"


def month_of(at: datetime) -> str:
    """The month of a time by China's calendar: 2026-11."""
    return f"{at.astimezone(SHANGHAI):%Y-%m}"
