"""How much the feeds hold (policy.csv)."""

from dataclasses import dataclass
from functools import cache

from opendata_spiders.tables import Tables


@dataclass(frozen=True, slots=True)
class FeedPolicy:
    """One attribute a row; meanings stand in the table."""

    place_entries: int
    country_entries: int
    index_events: int
    current_days: int


@cache
def policy() -> FeedPolicy:
    """The numbers as shipped. Raises TableError."""
    return Tables("alerts.publish").policy(FeedPolicy)
