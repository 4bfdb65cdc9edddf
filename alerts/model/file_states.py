"""What the diff remembers of the files of one portal's watched datasets from round to round."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from opendata_spiders.store.codec import from_blob, to_blob
from opendata_spiders.store.file_checks import FileOutcome

VANISHED = "vanished"
"""Class of failure that no file check reports: the list of files was read and no longer holds the file."""


@dataclass(frozen=True, slots=True)
class Failing:
    """Consecutive file checks that failed for one reason; checks that were not made in between do not count."""

    why: str
    """Class of the failure."""
    round: str
    """The round of the first of them, which identifies the episode."""
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
    """The result of the last check of a file."""

    outcome: FileOutcome
    round: str
    at: datetime
    why: str = ""
    status: int | None = None


@dataclass(frozen=True, slots=True)
class FileState:
    """One file, or the dataset's list of files (LIST), or the table that the portal shows on a page (PREVIEW)."""

    file: str
    name: str = ""
    last: Last | None = None
    """None: never checked."""
    ok_round: str = ""
    """The last round that found the file whole."""
    unseen: str = ""
    """Why it was not checked in a round after the last check; empty if there is no such round."""
    failing: Failing | None = None
    header: Header | None = None
    """The header row that is compared with new ones."""
    other: Header | None = None
    """A different header row, seen since then on one day only."""


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
    """Consecutive rounds that found the same content in all files of a dataset."""

    hashes: Mapping[str, str]
    """File to hash of its content."""
    round: str
    """The first of these rounds."""
    at: datetime
    samples: int = 1
    advances: tuple[datetime, ...] = ()
    """Update dates that the portal has claimed after the first and before the last of these rounds."""
    before: datetime | None = None
    """The date that was claimed in the first of these rounds."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """The files of one watched dataset."""

    dataset: str
    version: str = ""
    """Id of its newest known version, for title and office."""
    files: Mapping[str, FileState] = field(default_factory=dict)
    count: Count | None = None
    recount: Count | None = None
    """A far smaller or larger count, seen since then on one day only."""
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
    """Rounds in which all files failed for the same reason: the failure of the host, not of single files."""
    bundles: Mapping[str, Bundle] = field(default_factory=dict)
    corrections: int = 0
    """How often a correction has derived it anew."""


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
    """The memory from its document; an empty one without a document."""
    return from_blob(FileMemory, document["packed"]) if document else FileMemory(portal)
