"""The thresholds of the monitoring of this service, read from policy.csv."""

from dataclasses import dataclass
from functools import cache

from opendata_spiders.tables import Tables


@dataclass(frozen=True, slots=True)
class HealthPolicy:
    """One attribute for each row of policy.csv, which gives units and meanings."""

    no_run_hours: float
    family_hosts: float
    family_share: float
    software_walls: float
    fill_was: float
    fill_drop: float
    runs_back: float
    fault_days: float
    disk_back_days: float
    disk_least_days: float
    disk_warn_days: float


@cache
def policy() -> HealthPolicy:
    """The numbers as shipped. Raises TableError."""
    return Tables("alerts.health").policy(HealthPolicy)
