"""The limits of a search for portals, from policy.csv."""

from dataclasses import dataclass
from functools import cache

from opendata_spiders.tables import Tables


@dataclass(frozen=True, slots=True)
class DiscoveryPolicy:
    """One attribute a row of policy.csv, where each is explained."""

    least_rows: int
    guesses: int
    suspects: int
    government_requests: int
    uplink_addresses: int
    budget: int


@cache
def discovery_policy() -> DiscoveryPolicy:
    """The packaged table. Raises TableError."""
    return Tables("opendata_spiders.discovery").policy(DiscoveryPolicy)
