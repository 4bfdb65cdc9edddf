"""Takes in a folder of dated snapshots as marked runs of one portal, oldest first, before its first own run.

Every snapshot is read and graded as the crawl reads and grades a list; `alerts diff` folds the runs as history. The
look at the pages of missing datasets cannot be made any more. Where a list is shorter than it was and no total says
that it may be, the later snapshots decide whether it is whole (`_Later`); nobody looked at its datasets all the same.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from alerts.imports.catalogue_formats import RecordedCatalogue, read_catalogue
from alerts.imports.limits import ImportRefusedError, limits
from alerts.imports.old_crawl import refuse_other_servers, servers
from alerts.imports.snapshot_files import SnapshotFile, file_sha256, read_bytes, snapshot_files
from opendata_spiders.crawl.extractor import RecordedExtractor, epoch_of
from opendata_spiders.crawl.list_reader import ListFacts
from opendata_spiders.crawl.previous import load_previous
from opendata_spiders.crawl.recorded_list import RecordedList, RecordedReading, read_recorded
from opendata_spiders.crawl.run_builder import RunFrame
from opendata_spiders.crawl.target import target_from_arguments
from opendata_spiders.pages.bodies import plain
from opendata_spiders.pages.contract import ListPage, PageError
from opendata_spiders.policy import policy
from opendata_spiders.register import Attributor, Portal, Register
from opendata_spiders.store.clock import real_now
from opendata_spiders.store.imports import first_own_run, imported_runs
from opendata_spiders.store.models import ImportedFrom, LookResult, Run
from opendata_spiders.store.store import Store

_NO_FAMILY = 0
"""Extractor version of snapshots, which no family has: what differs from our readings may be the parser alone."""


@dataclass(frozen=True, slots=True)
class HistorySource:
    """Whose snapshots they are, and how they are read."""

    portal: Portal
    recorded_by: str
    columns: Mapping[str, str] = field(default_factory=dict)
    """Column to the field that it is read as, for flat tables."""
    moved: bool = False
    """Whether the portal stood at another address then."""


@dataclass(slots=True)
class HistoryReport:
    """What became of the files of a folder."""

    runs: list[Run] = field(default_factory=list)
    """The new runs, oldest first."""
    known: int = 0
    """Files that had been taken in before."""
    faults: list[str] = field(default_factory=list)
    """Files that could not be read, each with the reason."""

    @contextmanager
    def naming(self, one: SnapshotFile) -> Iterator[None]:
        """Name the file if it turns out to be one that is not taken in."""
        try:
            yield
        except ImportRefusedError as error:
            self.faults.append(f"{plain(one.name)}: {error}")


def import_history(
    store: Store, register: Register, folder: Path, source: HistorySource, now: datetime
) -> HistoryReport:
    """Take in every snapshot that was not taken in before; one that cannot be read is named and left out.

    Raises ImportRefusedError, before anything is written, for a portal that we have read ourselves, a file older than
    the last one taken in, and whatever `snapshot_files` refuses.
    """
    portal, report = source.portal, HistoryReport()
    _refuse_own(store, portal)
    fresh = _fresh(store, source, snapshot_files(folder, portal.timezone, now), report)
    later = _Later()
    for one, _ in fresh:
        with suppress(ImportRefusedError):
            later.add(one.at, _read(one, source))
    for one, sha256 in fresh:
        imported = ImportedFrom(source.recorded_by, plain(one.name), sha256, now)
        with report.naming(one):
            report.runs.append(_take(store, register, one, source, imported, later))
    return report


@dataclass(slots=True)
class _Later:
    """What the snapshots of a folder tell of those before them: when each dataset was listed next."""

    whole: list[datetime] = field(default_factory=list)
    """Times of the snapshots that are not cut off."""
    spells: dict[str, list[list[datetime]]] = field(default_factory=dict)
    """By native id the first and last times of the snapshots in a row that list it."""
    before: datetime | None = None

    def add(self, at: datetime, catalogue: RecordedCatalogue) -> None:
        """Add a snapshot; call it in the order of their times."""
        if not catalogue.cut:
            self.whole.append(at)
        for row in catalogue.rows:
            spells = self.spells.setdefault(row.id, [])
            if spells and spells[-1][1] in (self.before, at):
                spells[-1][1] = at
            else:
                spells.append([at, at])
        self.before = at

    def look(self, at: datetime, known: AbstractSet[str], facts: ListFacts) -> dict[str, LookResult]:
        """In place of a look at their pages: which of the known datasets that a snapshot lacks stay away.

        Nothing can be said at the end of the folder, and of a list that lost more than `first_share` allows.
        """
        end = self._enough(at) if len(facts.ids) >= policy().first_share * len(known) else None
        return {
            name: LookResult.UNKNOWN if end is None or self._lists(name, at, end) else LookResult.GONE
            for name in known - facts.ids
        }

    def _enough(self, at: datetime) -> datetime | None:
        """The first whole snapshot by which something that is missing at `at` counts as staying away."""
        after = self.whole[bisect_right(self.whole, at) :][limits().later_snapshots - 1 :]
        return next((one for one in after if one - at >= timedelta(days=limits().later_days)), None)

    def _lists(self, name: str, after: datetime, until: datetime) -> bool:
        return any(first <= until and last > after for first, last in self.spells.get(name, ()))


def _refuse_own(store: Store, portal: Portal) -> None:
    if own := first_own_run(store.db, portal.id):
        raise ImportRefusedError(
            f"{portal.slug} was first read by ourselves on {own.at:%Y-%m-%d}, and a history is taken in before that "
            "alone; import it into a database in which this portal was not read yet"
        )


def _fresh(
    store: Store, source: HistorySource, files: list[SnapshotFile], report: HistoryReport
) -> list[tuple[SnapshotFile, str]]:
    """The files that were not taken in before, with their hashes; all are later than those that were.

    One that could not be read then, and still cannot, is named again.
    """
    before = imported_runs(store.db, source.portal.id)
    known = {(run.at, run.imported.sha256) for run in before if run.imported}
    hashed = [(one, file_sha256(one.path)) for one in files]
    fresh = [(one, sha256) for one, sha256 in hashed if (one.at, sha256) not in known]
    report.known = len(hashed) - len(fresh)
    if not before:
        return fresh
    last, readable = before[-1].at, list[SnapshotFile]()
    for one in (one for one, _ in fresh if one.at <= last):
        with report.naming(one):
            _read(one, source)
            readable.append(one)
    if readable:
        raise ImportRefusedError(
            f"{plain(readable[0].name)} was taken before the last snapshot that was imported of {source.portal.slug} "
            f"({last:%Y-%m-%d}), and runs only go forward; leave out what is older, or import the whole history into a "
            "new database"
        )
    return [(one, sha256) for one, sha256 in fresh if one.at > last]


def _read(one: SnapshotFile, source: HistorySource) -> RecordedCatalogue:
    """The list in a file; raises ImportRefusedError."""
    read = read_bytes(one.path)
    catalogue = read_catalogue(read.content, source.portal, source.columns)
    if catalogue.on_portal and not source.moved:
        refuse_other_servers(source.portal, servers(catalogue.pages.values()))
    total = catalogue.total if one.total is None else one.total
    return replace(catalogue, total=total, cut=catalogue.cut or read.cut)


def _take(  # noqa: PLR0913, PLR0917 -- one file, whose it is, and what the others tell of it
    store: Store, register: Register, one: SnapshotFile, source: HistorySource, imported: ImportedFrom, later: _Later
) -> Run:
    portal, catalogue = source.portal, _read(one, source)
    by = RecordedExtractor(catalogue.family, catalogue.fields, extractor_version=_NO_FAMILY)
    target = target_from_arguments(portal, by.family, {})
    with store.begin(portal.id, portal.slug, at=one.at) as lease:
        _refuse_own(store, portal)
        previous = load_previous(store, portal.id, epoch_of(by, target), imported=True)
        reading = read_recorded(
            _as_list(catalogue),
            by,
            target,
            RunFrame(lease.run_id, one.at, real_now(), "imported", imported=imported),
            previous,
            attributor=Attributor(portal, portal.tenant, register.governments),
            look=lambda facts: later.look(one.at, previous.entries.keys(), facts),
        )
        store.put_versions(reading.versions)
        # No page was looked at: what the later snapshots tell decides about the list, and about no dataset.
        run = replace(reading.run, look={}, reason=_reason(reading, catalogue))
        # `datasets` shows what a portal lists today: nothing of a history is written there.
        return store.commit(run, reading.tally.entries.values(), counters=reading.tally.counters)


def _reason(reading: RecordedReading, catalogue: RecordedCatalogue) -> str:
    """The reason of the verdict, where a snapshot has another than a list that we read."""
    run = reading.run
    if catalogue.cut:
        return f"{run.seen:,} datasets read; {catalogue.cut}"
    if reading.by_look:
        return f"{run.seen:,} datasets; what it lacks ({len(run.look):,}) stays away from the later snapshots too"
    return run.reason


def _as_list(catalogue: RecordedCatalogue) -> RecordedList:
    """The snapshot as one page of a list; of one that is cut off the page after it cannot be read."""
    why, rows, declared = catalogue.cut, tuple(catalogue.rows), catalogue.total
    page = ListPage(rows, declared, catalogue.without_id)

    async def fetch(number: int) -> ListPage:
        if why and (number > 1 or not rows):
            raise PageError(why)
        return page if number == 1 else ListPage((), declared)

    length = len(rows) + catalogue.without_id
    return RecordedList(fetch, max(1, length if why else length + 1), lambda name: catalogue.pages.get(name, ""))
