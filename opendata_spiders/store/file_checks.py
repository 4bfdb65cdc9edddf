"""Rounds of checks of the files of watched datasets: one document a portal and round, in commit order."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from pymongo.errors import DuplicateKeyError

from opendata_spiders.store.codec import from_document, to_document
from opendata_spiders.store.errors import StoreError
from opendata_spiders.store.runs import ATTEMPTS
from opendata_spiders.store.writing import StoreDatabase

LIST = ""
"""The `file` of the check of the dataset's list of files."""
PREVIEW = " preview"
"""The `file` of the check of a preview (what the portal shows of a table without a download); no file id begins with a
blank."""


class FileOutcome(StrEnum):
    """The result of one file check. A file that was not requested is «unseen», never «fine»."""

    OK = "ok"
    FAILED = "failed"
    UNSEEN = "unseen"
    """Not requested: not its turn, budget used up, login needed, conditional terms, or an error of this program."""


@dataclass(frozen=True, slots=True)
class FileCheck:
    """One check of one file of one watched dataset."""

    dataset: str
    """Native id of the dataset."""
    file: str
    """The portal's own id of the file within the dataset, else its name; or LIST, or PREVIEW."""
    name: str = ""
    outcome: FileOutcome = FileOutcome.UNSEEN
    why: str = ""
    """Class of the failure (files/failures.csv: not_found, server_error, empty, html, …) or reason why it is unseen."""
    status: int | None = None
    """HTTP status of the answer; None without one."""
    size: int | None = None
    """Bytes of the whole file; None when not known."""
    declared: str = ""
    """Format the portal declares, as it wrote it."""
    kind: str = ""
    """Format by the first bytes (csv, json, xlsx, pdf, html …); empty when unknown."""
    columns: tuple[str, ...] = ()
    """Header row of a table, or columns of a preview, as written; empty when there is none or it was not read."""
    rows: int | None = None
    """Rows of data below the header, of the whole file or table; None when not counted, not shown or cut at the cap."""
    content_hash: str = ""
    """Hash of a table's cell values (row order and generated stamps left out), else of the bytes; empty when cut."""
    url: str = ""
    """Address that was asked, as evidence; never with a secret."""

    @property
    def is_file(self) -> bool:
        """Whether it is the check of a file, not of the list of files or the preview."""
        return self.file not in (LIST, PREVIEW)


@dataclass(frozen=True, slots=True)
class FileRound:
    """One round of checks of one portal's watched files; the document is the commit."""

    id: str
    portal: str
    slug: str
    seq: int
    """1, 2, 3 … per portal, in commit order; set by `insert`."""
    at: datetime
    """Domain time (UTC)."""
    started: datetime
    finished: datetime
    host: str = ""
    """Host that was asked: if all its files fail at once, the failure is the host's."""
    checks: tuple[FileCheck, ...] = ()


def insert(db: StoreDatabase, looked: FileRound) -> FileRound:
    """Store a round as the portal's next one and return it with its `seq`.

    Raises StoreError when a round with this id is there already: two processes checked in the same second.
    """
    for _ in range(ATTEMPTS):
        last = last_round(db, looked.portal)
        numbered = replace(looked, seq=last.seq + 1 if last else 1)
        try:
            db.file_rounds.insert_one(to_document(numbered))
        except DuplicateKeyError:
            if db.file_rounds.find_one({"_id": looked.id}):
                break
        else:
            return numbered
    raise StoreError(f"Another process is looking at the files of {looked.slug}; let it end and look again")


def rounds(db: StoreDatabase, portal: str, *, after_seq: int = 0) -> Iterator[FileRound]:
    """Yield a portal's rounds in commit order."""
    for found in db.file_rounds.find({"portal": portal, "seq": {"$gt": after_seq}}).sort("seq", 1):
        yield from_document(FileRound, found)


def last_seq(db: StoreDatabase, portal: str, until: datetime) -> int:
    """Return the number of a portal's last round by then (domain time); 0 before the first."""
    found = db.file_rounds.find_one({"portal": portal, "at": {"$lte": until}}, {"seq": 1}, sort=[("seq", -1)])
    return int(found["seq"]) if found else 0


def last_round(db: StoreDatabase, portal: str) -> FileRound | None:
    """Return a portal's last round; None before the first."""
    found = db.file_rounds.find_one({"portal": portal}, sort=[("seq", -1)])
    return from_document(FileRound, found) if found else None


def by_ids(db: StoreDatabase, ids: Iterable[str]) -> list[FileRound]:
    """Return the rounds with these ids in commit order, those not stored left out."""
    found = db.file_rounds.find({"_id": {"$in": list(ids)}}).sort("seq", 1)
    return [from_document(FileRound, one) for one in found]
