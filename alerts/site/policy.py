"""Limits of the pages (policy.csv)."""

from dataclasses import dataclass
from functools import cache

from opendata_spiders.tables import Tables


@dataclass(frozen=True, slots=True)
class SitePolicy:
    """One attribute for each row of policy.csv, which gives the meanings."""

    overview_events: int
    overview_week: int
    overview_rank: int
    city_events: int
    city_removed: int
    city_offices: int
    city_terms: int
    terms_lines: int
    current_days: int
    title_chars: int
    table_rows: int
    table_bytes: int
    removed_latest: int
    search_fresh_days: int


@cache
def policy() -> SitePolicy:
    """The numbers as shipped. Raises TableError."""
    return Tables("alerts.site").policy(SitePolicy)
