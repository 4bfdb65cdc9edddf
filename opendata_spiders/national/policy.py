"""Address of the national register and limits of what it is asked, from sources.csv and policy.csv."""

from dataclasses import dataclass
from functools import cache

from opendata_spiders.tables import Tables

_TABLES = Tables("opendata_spiders.national")


@dataclass(frozen=True, slots=True)
class NationalPolicy:
    """One attribute a row of policy.csv, where each is explained."""

    totals_days: int
    night_looks: int
    again_days: int
    asked_days: int
    run_hours: int
    page_size: int
    codes: int


@dataclass(frozen=True, slots=True)
class NationalSource:
    """A row of sources.csv."""

    slug: str
    base_url: str
    context_path: str
    host_group: str


@cache
def national_policy() -> NationalPolicy:
    """The packaged table. Raises TableError."""
    return _TABLES.policy(NationalPolicy)


@cache
def national_source() -> NationalSource:
    """The one source there is. Raises TableError."""
    (row,) = _TABLES.rows("sources", "slug", "base_url", "context_path", "host_group", "attested", "source")
    return NationalSource(row["slug"], row["base_url"], row["context_path"], row["host_group"])
