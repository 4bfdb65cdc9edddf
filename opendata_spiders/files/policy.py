"""The limits of file checks, from policy.csv."""

from dataclasses import dataclass
from functools import cache

from opendata_spiders.tables import Tables


@dataclass(frozen=True, slots=True)
class FilePolicy:
    """One attribute a row of policy.csv, where each is explained."""

    max_mb: int
    head_kb: int
    host_files: int
    night_mb: int
    list_pages: int
    again_hours: int
    download_seconds: int
    inflated_mb: int
    members: int
    reader_seconds: int
    reader_mb: int
    columns: int
    column_chars: int

    @property
    def max_bytes(self) -> int:
        return self.max_mb << 20

    @property
    def head_bytes(self) -> int:
        return self.head_kb << 10

    @property
    def night_bytes(self) -> int:
        return self.night_mb << 20

    @property
    def inflated_bytes(self) -> int:
        return self.inflated_mb << 20


@cache
def file_policy() -> FilePolicy:
    """The packaged table. Raises TableError."""
    return Tables("opendata_spiders.files").policy(FilePolicy)
