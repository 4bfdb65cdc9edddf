"""Limits of exports (policy.csv)."""

from dataclasses import dataclass
from functools import cache

from opendata_spiders.tables import Tables


@dataclass(frozen=True, slots=True)
class ExportPolicy:
    """One attribute for each row of policy.csv, which gives the meanings."""

    keep_days: int
    keep_months: int
    dcat_datasets: int
    feed_entries: int


@cache
def policy() -> ExportPolicy:
    """The numbers as shipped. Raises TableError."""
    return Tables("alerts.exports").policy(ExportPolicy)
