"""The limits of a night, from policy.csv."""

from dataclasses import dataclass
from functools import cache

from opendata_spiders.tables import Tables


@dataclass(frozen=True, slots=True)
class NightPolicy:
    """One attribute a row of policy.csv, where each is explained."""

    hosts: int
    night_hours: float
    resume_hours: float
    portal_hours: float
    portal_grace_minutes: float
    silent_minutes: float
    worker_mb: int
    worker_most_mb: int
    retry_processes: int
    alive_minutes: float


@cache
def night_policy() -> NightPolicy:
    """The packaged table. Raises TableError."""
    return Tables("opendata_spiders.night").policy(NightPolicy)
