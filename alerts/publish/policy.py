"""Limits of the feeds (policy.csv)."""

from dataclasses import dataclass
from functools import cache

from opendata_spiders.tables import Tables


@dataclass(frozen=True, slots=True)
class FeedPolicy:
    """One attribute for each row of policy.csv, which gives the meanings."""

    place_entries: int
    country_entries: int


@cache
def policy() -> FeedPolicy:
    """The numbers as shipped. Raises TableError."""
    return Tables("alerts.publish").policy(FeedPolicy)
