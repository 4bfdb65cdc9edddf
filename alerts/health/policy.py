"""The thresholds of the watch's own health, read from policy.csv."""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


class HealthPolicyError(ValueError):
    """Raised when policy.csv does not hold what the code asks for."""


@dataclass(frozen=True, slots=True)
class HealthPolicy:
    """One attribute a row of policy.csv; units and meanings stand there."""

    no_run_hours: float
    family_hosts: float
    family_share: float
    software_walls: float
    fill_was: float
    fill_drop: float
    runs_back: float
    fault_days: float


@cache
def policy() -> HealthPolicy:
    """The numbers as shipped; HealthPolicyError where table and code disagree."""
    rows = csv.DictReader(files(__package__).joinpath("policy.csv").read_text("utf-8").splitlines())
    try:
        return HealthPolicy(**{row["name"]: float(row["value"]) for row in rows})
    except (TypeError, ValueError) as error:
        raise HealthPolicyError(f"alerts/health/policy.csv and alerts/health/policy.py disagree: {error}") from error
