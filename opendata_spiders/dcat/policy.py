"""The limits of catalogues in DCAT, from policy.csv."""

from dataclasses import dataclass
from functools import cache

from opendata_spiders.tables import Tables


@dataclass(frozen=True, slots=True)
class CataloguePolicy:
    """One attribute a row of policy.csv, where each is explained."""

    document_mb: int
    apart_kb: int
    reader_seconds: int
    reader_mb: int
    shared_chars: int


@cache
def catalogue_policy() -> CataloguePolicy:
    """The packaged table. Raises TableError."""
    return Tables("opendata_spiders.dcat").policy(CataloguePolicy)
