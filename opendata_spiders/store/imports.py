"""What others recorded: old crawls, kept beside the runs as claims, and dated snapshots, which become marked runs.

No diff, state or figure of ours rests on an old crawl: its rows lie in versions and manifests like those of a run,
under the same addresses, and the document in `imports` names them. A snapshot's run stands among our own
(`Run.imported`).
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from opendata_spiders.store.codec import from_document, to_document
from opendata_spiders.store.leases import reserve
from opendata_spiders.store.models import Entry, Run, Version
from opendata_spiders.store.runs import ABANDONED, iterate
from opendata_spiders.store.runs import from_document as run_of
from opendata_spiders.store.store import Store
from opendata_spiders.store.writing import StoreDatabase


@dataclass(frozen=True, slots=True)
class ImportedRun:
    """One file of an old crawl of one portal."""

    id: str
    """Portal, day and the beginning of the file's hash: the same file imported again replaces itself."""
    portal: str
    slug: str
    as_of: datetime
    """When it was crawled, by the word of whoever imported it (UTC)."""
    imported_at: datetime
    """Domain time (UTC)."""
    file: str
    """Name of the file, without its folder."""
    sha256: str
    """Of the whole file."""
    rows: int
    """Datasets taken from it."""
    bad: int
    """Rows that were left out."""
    odd: int = 0
    """Rows that were taken with a date that cannot be read."""
    keyed_by: str = ""
    """What tells two of its datasets apart: id, page_url, or title and office."""
    faults: tuple[str, ...] = ()
    """What was wrong with the first of them: line, field and reason."""
    columns: tuple[tuple[str, str], ...] = ()
    """Column of the file and the field it was read as; pairs, because text of a file is never used as a key."""
    unread: tuple[str, ...] = ()
    """Columns of the file that were read as no field."""
    manifest: str | None = None
    """Hash of the manifest of its rows."""


def keep_import(store: Store, crawl: ImportedRun, entries: Iterable[Entry], versions: Iterable[Version]) -> ImportedRun:
    """Store an old crawl, its document last, and return it with its manifest.

    Raises LeaseHeldError while the portal is being read, or its old readings are thinned out.
    """
    with reserve(store.db, crawl.portal, crawl.slug, "given an old crawl"):
        return _kept(store, crawl, list(entries), versions)


def _kept(store: Store, crawl: ImportedRun, kept: list[Entry], versions: Iterable[Version]) -> ImportedRun:
    store.put_versions(versions)

    def write() -> ImportedRun:
        whole = replace(crawl, manifest=store.put_entries(kept))
        store.db["imports"].replace_one({"_id": whole.id}, to_document(whole), upsert=True)
        return whole

    return store.persist(write)


def imports_of(db: StoreDatabase, portal: str, until: datetime) -> list[ImportedRun]:
    """The old crawls of a portal that had been imported by then, oldest first."""
    found = db["imports"].find({"portal": portal, "imported_at": {"$lte": until}}).sort([("as_of", 1), ("_id", 1)])
    return [from_document(ImportedRun, one) for one in found]


def imported_runs(db: StoreDatabase, portal: str) -> list[Run]:
    """The runs of a portal that were made from snapshots of others, oldest first."""
    return [run for run in iterate(db, portal) if run.imported]


def first_own_run(db: StoreDatabase, portal: str) -> Run | None:
    """The first run of a portal that read it itself; None if there is none. Abandoned runs have read nothing."""
    wanted = {"portal": portal, "imported": None, "finish_reason": {"$ne": ABANDONED}}
    found = db["runs"].find_one(wanted, sort=[("seq", 1)])
    return run_of(found) if found else None
