"""The database as the crawl writes it and `alerts` reads it."""

import logging
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from pymongo import DESCENDING
from pymongo.client_session import ClientSession
from pymongo.errors import PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from opendata_spiders.store import collections, leases, reading
from opendata_spiders.store import counters as weekly
from opendata_spiders.store import views as datasets
from opendata_spiders.store.clock import to_stored
from opendata_spiders.store.codec import to_document
from opendata_spiders.store.content import read_canonical, unpack
from opendata_spiders.store.errors import ClockError, StoreError
from opendata_spiders.store.leases import Lease
from opendata_spiders.store.manifests import SeenAgain, get_manifest, put_entries, read_entries
from opendata_spiders.store.models import Entry, Run, Version, Window
from opendata_spiders.store.regrades import Regrade, graded, regrades
from opendata_spiders.store.runs import from_document, insert, iterate, last_at, last_manifest, last_run
from opendata_spiders.store.schema import Mode
from opendata_spiders.store.trouble import explain, is_passing
from opendata_spiders.store.versions import every_version, get_versions, missing_versions, put_versions
from opendata_spiders.store.writing import StoreDatabase

T = TypeVar("T")
P = ParamSpec("P")

log = logging.getLogger(__name__)

PATIENCE = timedelta(minutes=10)
"""How long a write waits for a database that restarts: as long as a lease lasts without a heartbeat."""
SHORTEST_PAUSE = 0.5
LONGEST_PAUSE = 15.0
"""Seconds between two tries."""

MAJORITY = ReadConcern("majority")
DURABLE = WriteConcern(w="majority", j=True)


def _on_database(function: Callable[Concatenate[StoreDatabase, P], T]) -> Callable[Concatenate["Store", P], T]:
    """Make a method of a function whose first parameter is the database; the function's docstring describes it."""

    @wraps(function)
    def method(store: "Store", /, *args: P.args, **options: P.kwargs) -> T:
        return function(store.db, *args, **options)

    return method


class Store:
    """One open database. Synchronous: the crawl calls it through `asyncio.to_thread`. Safe to share among threads."""

    def __init__(self, db: StoreDatabase, mode: Mode, why: Callable[[PyMongoError], StoreError] | None = None) -> None:
        self.db = db
        self.mode = mode
        self._why = why
        self._rehearsed = False

    # --- used by the crawl

    def begin(self, portal_id: str, slug: str, *, at: datetime, host_group: str = "") -> Lease:
        """Take the lease of a portal, to read it from the servers of `host_group` at domain time `at`.

        Raises LeaseHeldError when it is being read, HostHeldError while another portal of the host group is, ClockError
        in a replayed database when `at` is not later than the portal's last run.
        """
        lease = leases.take(self.db, portal_id, slug, at=at, host_group=host_group)
        last = last_at(self.db, portal_id) if self.mode is Mode.REPLAY else None
        if last is not None and to_stored(at) <= last:
            lease.release()
            raise ClockError(
                f"{slug} was last read at {last.isoformat()} in this replayed database, and nights only go forward: "
                f"{to_stored(at).isoformat()} is not later; set WATCH_NOW to a later time"
            )
        return lease

    def rehearse(self, lease: Lease) -> None:
        """Write into each collection of a run in a transaction that is aborted, so that missing rights show early.

        Once for each store that is opened: rights are of the database, not of a portal. Raises PyMongoError.
        """
        if self._rehearsed:
            return

        def write() -> None:
            with self.db.client.start_session() as session, session.start_transaction():
                for name in collections.OF_A_RUN:
                    document = {"_id": f"{lease.run_id}?", "portal": lease.portal, "seq": -lease.seq}
                    self.db[name].insert_one(document, session=session)
                session.abort_transaction()

        self.persist(write)
        self._rehearsed = True

    previous = _on_database(reading.previous)
    trusted_before = _on_database(reading.trusted_before)
    trusted_run_before = _on_database(reading.trusted_run_before)
    last_run = _on_database(last_run)

    def known(self, portal_id: str) -> dict[str, Entry]:
        """Return the last known entry of every dataset by native id, also where no run was complete yet."""
        trusted = self.previous(portal_id)
        return dict(trusted.entries) if trusted else reading.known_untrusted(self.db, portal_id)

    def put_versions(self, items: Iterable[Version]) -> int:
        """Store versions in batches; return how many were new. Waits for the database, as `persist` does."""
        kept = list(items)
        return self.persist(lambda: put_versions(self.db, kept))

    def commit(  # noqa: PLR0913 -- all that a run writes
        self,
        run: Run,
        entries: Iterable[Entry],
        *,
        counters: Mapping[str, Mapping[str, str]] | None = None,
        views: datasets.PackedViews | None = None,
        missing: Iterable[str] = (),
        again: SeenAgain | None = None,
    ) -> Run:
        """Write all a run has seen, the run document last, and return the run as stored: `seq`, `manifest` set.

        `again`: entries of an earlier manifest that were seen again, beside those of `entries`, which were read anew.
        `counters`: native id to raw counters; `views`: documents of new and changed datasets; `missing`: native ids
        that the list no longer shows. Without entries there is no manifest. Versions must have been put before. Waits
        for a database that restarts, as `persist` does; the run is written once. Raises LeaseLostError when the run was
        declared abandoned meanwhile; nothing is recorded then.
        """
        seen, gone = list(entries), list(missing)

        def write() -> Run:
            whole = replace(run, manifest=self._put_seen(run.portal, seen, again))
            weekly.put(self.db, whole, counters or {})
            if views:
                datasets.put(self.db, whole, views)
            datasets.mark_missing(self.db, whole, gone)
            return insert(self.db, whole)

        return self.persist(write)

    def _put_seen(self, portal: str, entries: Collection[Entry], again: SeenAgain | None) -> str | None:
        if again:
            return self.put_entries(entries, again.manifest, again.unseen)
        return self.put_entries(entries, against=last_manifest(self.db, portal)) if entries else None

    def put_night(self, night: Mapping[str, Any]) -> None:
        """Record one night over many portals, or replace it: `_id`, times, `planned`, `verdicts`, `uplink_suspect`.

        `finished` is the time up to which it is known: a night is recorded when it begins and as each portal ends.
        """
        self.persist(lambda: self.db.nights.replace_one({"_id": night["_id"]}, dict(night), upsert=True))

    def last_night(self) -> Mapping[str, Any] | None:
        """Return the document of the latest night; None before the first."""
        return self.db.nights.find_one(sort=[("at", DESCENDING), ("_id", DESCENDING)])

    def last_fair_run(self, portal_id: str) -> Run | None:
        """Return the portal's last run, whatever its verdict, outside the nights on which our own connection failed."""
        return self.last_run(portal_id, outside=self.our_failures())

    def our_failures(self) -> tuple[Window, ...]:
        """Return the nights on which most host groups failed at once, which is attributed to our own connection."""
        nights = self.db.nights.find({"uplink_suspect": True}, {"started": 1, "finished": 1})
        return tuple((night["started"], night["finished"]) for night in nights)

    # --- used by `alerts`

    runs = _on_database(iterate)
    regrades = _on_database(regrades)
    manifest = _on_database(get_manifest)
    versions = _on_database(get_versions)
    missing_versions = _on_database(missing_versions)
    every_version = _on_database(every_version)
    put_entries = _on_database(put_entries)

    def graded_runs(self, portal_id: str | None, *, after_seq: int = 0, since: datetime | None = None) -> Iterator[Run]:
        """Yield the same runs, each with the verdict in force: a person may have corrected it."""
        known = self.regrades(portal_id)
        return (graded(run, known) for run in self.runs(portal_id, after_seq=after_seq, since=since))

    def put_regrade(self, regrade: Regrade, session: ClientSession) -> None:
        """Record a correction; raises DuplicateKeyError when somebody else gave the same run its n-th meanwhile."""
        document = {"_id": f"{regrade.run}#{regrade.n}", **to_document(regrade)}
        self.db.regrades.insert_one(document, session=session)

    def run(self, run_id: str) -> Run | None:
        """Return a run by its id, as it was committed."""
        found = self.db.runs.find_one({"_id": run_id})
        return from_document(found) if found else None

    def entries(self, manifest_hash: str | None) -> dict[str, Entry]:
        """Return all entries of a manifest by native id; none for None."""
        return read_entries(self.db, self.manifest(manifest_hash).chunks)

    def counters(self, portal_id: str, iso_week: str) -> dict[str, dict[str, str]]:
        """Return the raw counters kept for a week (`2026-W48`), by native id; empty if none were kept."""
        found = self.db.counters.find_one({"_id": f"{portal_id}:{iso_week}"})
        return dict(read_canonical(unpack(found["blob"]))) if found else {}

    # --- used by both

    def why(self, error: PyMongoError) -> StoreError:
        """Return an error of the driver as a sentence that says what to do."""
        return self._why(error) if self._why else explain(error, "The MongoDB", self.db.name)

    def persist(self, work: Callable[[], T]) -> T:
        """Call `work()` until the database takes it: again and again, with pauses, while it restarts or has no primary.

        `work` must be repeatable, also where it was done and only the answer was lost. Raises PyMongoError after
        PATIENCE, or at once where waiting does not help; `why` turns it into a sentence, as `open_store` does.
        """
        end, pause = time.monotonic() + PATIENCE.total_seconds(), SHORTEST_PAUSE
        while True:
            try:
                return work()
            except PyMongoError as error:
                if not is_passing(error) or time.monotonic() + pause > end:
                    raise
                log.warning("the database does not answer (%s): trying again in %g s", type(error).__name__, pause)
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    def transact(self, work: Callable[[ClientSession], T]) -> T:
        """Call `work(session)` in a transaction and commit it; called again after a passing conflict or failover.

        Every operation in `work` must be given the session; what `work` does beside the database must be repeatable.
        """

        def committed() -> T:
            with self.db.client.start_session() as session:
                return session.with_transaction(work, read_concern=MAJORITY, write_concern=DURABLE)

        return self.persist(committed)
