"""What the store holds, as plain data: shared by the crawl that writes it and the diff that reads it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from opendata_spiders.exits import Exit

Window = tuple[datetime, datetime]
"""When a night began and ended, in real time."""


class Verdict(StrEnum):
    """How far one run may be trusted; only a complete run may report a removal, a stop or a delay."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    BLOCKED = "blocked"
    DRIFTED = "drifted"
    EMPTY = "empty"
    UNREACHABLE = "unreachable"
    FAILED = "failed"

    @property
    def exit_status(self) -> int:
        """The exit status of `scrapy crawl`; part of the command's interface."""
        return Exit.DONE if self is Verdict.COMPLETE else Exit[self.name]


@dataclass(frozen=True, slots=True)
class Entry:
    """One dataset as one run saw it: one line of a manifest chunk.

    Only raw values and what follows from them (the owner), and nothing that moves by itself, so that an unchanged night
    yields the same chunks.
    """

    id: str
    """The portal's native id; with the portal's id it is the dataset's key."""
    list_fp: str
    """Hash of the list row's content and clock fields: equal means that the row need not be read again."""
    version: str
    """Id of the version (content of list row and detail)."""
    clocks: Mapping[str, str] = field(default_factory=dict)
    """Raw dates by field name (published, updated, data_updated), as the portal wrote them."""
    measures: Mapping[str, str] = field(default_factory=dict)
    """Raw numbers by field name (rows, storage, files, apis), as the portal wrote them."""
    frequency: str | None = None
    """The raw promise, copied from the content: it is judged every night without loading versions."""
    detailed: bool = False
    """Whether the version holds a detail page (of this run or an earlier one)."""
    owner: str = ""
    """Adcode of the government it belongs to, where that is another than the portal's (register/attribution.py)."""
    owner_rule: str = ""
    """The rule that attributed it to another government; empty where it belongs to the portal's."""


@dataclass(frozen=True, slots=True)
class Version:
    """One immutable raw content of one dataset's metadata; `id` is the hash of portal, dataset and content."""

    id: str
    portal: str
    dataset: str
    family: str
    content: Mapping[str, Any]
    """Raw values of the content fields by canonical name (fields.csv), exactly as the portal wrote them."""
    list_body: str = ""
    """The list row as it was read (JSON text or HTML), kept as evidence."""
    detail_body: str = ""
    """The detail as it was read, kept as evidence; empty if no detail has been read."""
    page_url: str = ""
    first_run: str = ""


class LookResult(StrEnum):
    """What the detail page of a dataset that is missing from the list answered."""

    GONE = "gone"
    OPEN = "open"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something odd in what a portal sent, recorded with the run instead of raised."""

    code: str
    """Namespaced: list.hole, list.duplicate, field.date_future, body.mojibake …; docs/operator.md explains each."""
    detail: str = ""
    dataset: str = ""
    count: int = 1


DETAIL_FAILED = "detail.failed"
"""Code of the finding that a detail that was asked for could not be read."""
ENDED_EARLY = "list.ended_early"
"""Code of the finding that two equal readings of a list are short of its printed total: if that lasts, a person has to
find out whether the portal lists no more, and regrade the run."""


@dataclass(frozen=True, slots=True)
class Measure:
    """The fullest trusted reading of a list whose printed total is wrong: later readings are compared with it."""

    seen: int
    """Distinct datasets, less those that were found gone since."""
    declared: int | None
    """The total as it was printed then."""


@dataclass(frozen=True, slots=True)
class ImportedFrom:
    """The snapshot by somebody else that a run was made from: what we claim of it is history, never news."""

    recorded_by: str
    """Who recorded it, as whoever imported it says."""
    file: str
    """Name of the file, without its folder."""
    sha256: str
    """Of the file as it lay there, compressed or not."""
    imported_at: datetime
    """Domain time (UTC)."""


@dataclass(frozen=True, slots=True)
class Run:
    """One reading of one portal's list. Written last: its presence is the commit of everything it names."""

    id: str
    portal: str
    slug: str
    family: str
    epoch: str
    seq: int
    """1, 2, 3 … per portal, in commit order; the diff folds runs by it."""
    at: datetime
    """Domain time (UTC), with which the portal's dates are compared; of an imported run when the snapshot was taken."""
    started: datetime
    """Real time (UTC); of an imported run when it was imported."""
    finished: datetime
    verdict: Verdict
    reason: str
    """One English sentence with the numbers behind the verdict."""
    base_url: str = ""
    declared: int | None = None
    """The total the portal itself printed (the last one printed, if it moved)."""
    seen: int = 0
    """Distinct datasets read."""
    rows: int = 0
    """Rows read, repeated ones included."""
    passes: int = 0
    """How many times the list was read from start to end."""
    pages: int = 0
    holes: tuple[int, ...] = ()
    """List pages that could not be read, by page number."""
    total_trusted: bool = True
    """False when the portal's total is wrong in a stable way and two identical passes replace it."""
    measure: Measure | None = None
    """What the next reading is compared with while the total is wrong; None where it is trusted."""
    manifest: str | None = None
    """Hash of the manifest; None when nothing was read."""
    dates_in_details: bool = False
    """The family's list shows no update date, so that a stop may be stated only after a full sweep of details."""
    detailed: int = 0
    """Datasets whose detail has been read at least once (detail coverage = detailed / seen)."""
    details_read: int = 0
    """Detail pages read in this run."""
    details_failed: int = 0
    look: Mapping[str, LookResult] = field(default_factory=dict)
    """Missing datasets whose detail page was requested: native id to the result."""
    fill: Mapping[str, float] = field(default_factory=dict)
    """Share of seen datasets with a value, by field name (list fields over all rows, detail fields over `detailed`)."""
    readable: Mapping[str, float] = field(default_factory=dict)
    """Share of the printed dates that can be update dates, by field name."""
    lost: tuple[str, ...] = ()
    """Fields that have been empty or unreadable since an earlier trusted run, sorted.

    They are why a drifted run was graded so. A complete or partial run was judged without them, and keeps their earlier
    rates in `fill` and `readable`."""
    fields: tuple[str, ...] = ()
    """Canonical names of the fields this run's extractor reads, less those lost.

    The diff compares only fields that both runs read."""
    extractor_version: int = 1
    normaliser_version: int = 1
    newest_claimed: datetime | None = None
    """Newest plausible update date among the seen datasets (UTC)."""
    requests: int = 0
    finish_reason: str = ""
    findings: tuple[Finding, ...] = ()
    stats: Mapping[str, Any] = field(default_factory=dict)
    imported: ImportedFrom | None = None
    """Whose snapshot it was made from; None for a reading of our own."""
