"""What the diff remembers of the files of one portal's watched datasets from round to round."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from opendata_spiders.store.codec import from_blob, to_blob
from opendata_spiders.store.file_checks import FileOutcome

VANISHED = "vanished"
"""Class of failure that no probe reports: the list of files was read and holds the file no more."""


@dataclass(frozen=True, slots=True)
class Failing:
    """Consecutive looks that failed for one reason; looks that were not made in between do not count."""

    why: str
    """Class of the failure."""
    round: str
    """The first of them: the episode's round."""
    at: datetime
    last_at: datetime
    checks: int = 1
    stated: bool = False
    """Whether the event that this leads to has been stated."""


@dataclass(frozen=True, slots=True)
class Header:
    """A header row, and the round that showed it first."""

    columns: tuple[str, ...]
    round: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Last:
    """The result of the last look at a file."""

    outcome: FileOutcome
    round: str
    at: datetime
    why: str = ""
    status: int | None = None


@dataclass(frozen=True, slots=True)
class FileState:
    """One file, or the dataset's list of files (LIST), or what is shown of its table (PREVIEW)."""

    file: str
    name: str = ""
    last: Last | None = None
    """Of looks that were made; None: never looked at."""
    ok_round: str = ""
    """The last round that found the file whole."""
    unseen: str = ""
    """Why it was not looked at, where a round after the last look says so."""
    failing: Failing | None = None
    header: Header | None = None
    """The header row that counts."""
    other: Header | None = None
    """Another one, seen since on one day only."""


@dataclass(frozen=True, slots=True)
class Count:
    """The rows of all tables of a dataset together."""

    rows: int
    files: tuple[str, ...]
    """Ids of the tables that were counted; PREVIEW alone where the portal shows the number."""
    round: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Stretch:
    """Rounds in a row that found the same content in all files of a dataset."""

    hashes: Mapping[str, str]
    """File to hash of its content."""
    round: str
    """The first of them."""
    at: datetime
    samples: int = 1
    advances: tuple[datetime, ...] = ()
    """Dates that the portal has claimed as updates since the first and before the last of them."""
    before: datetime | None = None
    """The date claimed when it began."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """The files of one watched dataset."""

    dataset: str
    version: str = ""
    """Its newest version known, for title and office."""
    files: Mapping[str, FileState] = field(default_factory=dict)
    count: Count | None = None
    recount: Count | None = None
    """A far smaller or larger count, seen on one day only."""
    stretch: Stretch | None = None


@dataclass(frozen=True, slots=True)
class FileMemory:
    """Everything the next fold of a round needs to know of one portal."""

    portal: str
    slug: str = ""
    last_round: str = ""
    last_seq: int = 0
    last_at: datetime | None = None
    down: Failing | None = None
    """Rounds in which all files failed alike: the host's failure, not theirs."""
    bundles: Mapping[str, Bundle] = field(default_factory=dict)
    corrections: int = 0
    """How often it was derived anew by a correction."""


def memory_document(memory: FileMemory) -> dict[str, Any]:
    """The memory as one document of the collection `file_states`, packed."""
    return {
        "_id": memory.portal,
        "slug": memory.slug,
        "last_seq": memory.last_seq,
        "corrections": memory.corrections,
        "packed": to_blob(memory),
    }


def memory_of(portal: str, document: Mapping[str, Any] | None) -> FileMemory:
    """The memory from its document; an empty one without."""
    return from_blob(FileMemory, document["packed"]) if document else FileMemory(portal)
