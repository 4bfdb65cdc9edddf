"""What a file may be, from limits.csv."""

from dataclasses import dataclass
from functools import cache

from opendata_spiders.tables import Tables


@dataclass(frozen=True, slots=True)
class ImportLimits:
    """One attribute for each row of limits.csv, which gives units and meanings."""

    file_mb: int
    rows: int
    id_chars: int
    faults: int
    fitting_share: float
    files: int
    later_snapshots: int
    later_days: int


@cache
def limits() -> ImportLimits:
    """The limits as shipped. Raises TableError."""
    return Tables("alerts.imports").policy(ImportLimits, "limits")


class ImportRefusedError(ValueError):
    """Raised for a file that is not taken in; the message says why in one sentence, and what to do."""
