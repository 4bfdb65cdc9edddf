"""The thresholds of a proof, from policy.csv."""

from dataclasses import dataclass
from functools import cache

from opendata_spiders.tables import Tables


@dataclass(frozen=True, slots=True)
class HealingPolicy:
    """One attribute a row of policy.csv, where each is explained."""

    page_seconds: float
    quiet_seconds: float
    pages_opened: int
    recognised_share: float
    recognised_least: int
    matched_least: int
    matched_wanted: int
    pages_most: int
    agree_share: float
    date_share: float
    kappa_least: float
    telling_least: int
    date_telling: int
    apart_least: int
    code_support: int
    details_asked: int
    draft_pages: int


@cache
def healing_policy() -> HealingPolicy:
    """The packaged table. Raises TableError."""
    return Tables("opendata_spiders.healing").policy(HealingPolicy)
