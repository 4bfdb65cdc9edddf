"""Leases: one process at a time reads a portal, and one at a time the servers of a host group.

Both are one document, which names the host group under a unique index. A reading that was abandoned is recorded as a
failed run. Whatever else must not meet a reading reserves the portal, or holds the host group, under the same lease;
abandoned, it leaves no trace. Leases count in real time, whatever WATCH_NOW says.
"""

import contextlib
import socket
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self
from uuid import uuid4

from pymongo.errors import DuplicateKeyError

from opendata_spiders.store import processes, runs
from opendata_spiders.store.clock import real_now, to_stored
from opendata_spiders.store.errors import HostHeldError, LeaseHeldError, LeaseLostError
from opendata_spiders.store.models import Run, Verdict
from opendata_spiders.store.writing import Document, StoreDatabase

SILENCE = timedelta(minutes=10)
"""A lease without a heartbeat for this long is taken over; holders beat about once a minute."""
ATTEMPTS = 10
READING = "read"
"""The purpose of most leases."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The exclusive right to read one portal; a context manager that releases it."""

    db: StoreDatabase
    portal: str
    slug: str
    run_id: str
    """Id the run will have when it is committed."""
    seq: int
    at: datetime
    host_group: str = ""
    """Name of the servers that are held with it; empty for a run that asks no server (an import)."""

    def beat(self) -> None:
        """Renew the lease. Raises LeaseLostError when the run was declared abandoned meanwhile."""
        beaten = self.db.leases.update_one({"_id": self.portal, "run": self.run_id}, {"$set": {"beat": real_now()}})
        if not beaten.matched_count:
            raise LeaseLostError(f"Run {self.run_id} was declared abandoned by another process; start a new run")

    def release(self) -> None:
        """Remove the lease; harmless when it is gone already."""
        self.db.leases.delete_one({"_id": self.portal, "run": self.run_id})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.release()


def take(db: StoreDatabase, portal: str, slug: str, *, at: datetime, host_group: str = "") -> Lease:
    """Take the lease of a portal and of its host group, to read it; an abandoned reading is recorded as failed first.

    Raises LeaseHeldError naming who has the portal and since when, HostHeldError who reads another portal there.
    """

    def next_reading() -> Lease:
        seq = runs.next_seq(db, portal)
        return Lease(db, portal, slug, runs.run_id(slug, at, seq), seq, to_stored(at), host_group)

    return _taken(next_reading, READING)


def reserve(db: StoreDatabase, portal: str, slug: str, purpose: str) -> Lease:
    """Take the lease of a portal without reading it; `purpose`: what for, as in «is being PURPOSE».

    Raises LeaseHeldError naming who has it and since when.
    """
    return _taken(lambda: Lease(db, portal, slug, f"{slug}: {purpose}", 0, real_now()), purpose)


def hold_host(db: StoreDatabase, host_group: str, slug: str, purpose: str) -> Lease:
    """Take the lease of a host group alone, to ask its servers for something of a portal that is no reading.

    `slug` and `purpose`: of which portal and what for, as in «SLUG is being PURPOSE». Raises HostHeldError naming who
    asks them and since when.
    """
    nobody = f"*{uuid4()}"  # the id of no portal: the host group alone decides
    return _taken(lambda: Lease(db, nobody, slug, f"{slug}: {purpose}", 0, real_now(), host_group), purpose)


def _taken(make: Callable[[], Lease], purpose: str) -> Lease:
    for _ in range(ATTEMPTS):
        lease = make()
        try:
            lease.db.leases.insert_one(_document(lease, purpose))
        except DuplicateKeyError:
            _clear(lease)
        else:
            return lease
    raise LeaseHeldError(f"Several processes want to use {lease.slug} at once; let one finish and run again")


def _document(lease: Lease, purpose: str) -> Document:
    now = real_now()
    held = {"host_group": lease.host_group} if lease.host_group else {}
    return {
        "_id": lease.portal,
        **held,
        "purpose": purpose,
        "run": lease.run_id,
        "slug": lease.slug,
        "seq": lease.seq,
        "at": lease.at,
        **processes.identity(),
        "host": socket.gethostname(),
        "started": now,
        "beat": now,
    }


def holder(db: StoreDatabase, portals: Collection[str], host_group: str) -> Document | None:
    """Return a lease of one of these portals or of the host group whose holder may be alive; None if all are free."""
    held = db.leases.find({"$or": [{"_id": {"$in": [*portals]}}, {"host_group": host_group}]})
    return next((one for one in held if abandoned(one) is None), None)


def _clear(lease: Lease) -> None:
    """Remove an abandoned lease of the portal or the host group that is wanted, after recording its run as failed.

    Raises LeaseHeldError, or HostHeldError, if it is not abandoned.
    """
    db = lease.db
    of_host = {"host_group": lease.host_group} if lease.host_group else None
    held = db.leases.find_one({"_id": lease.portal}) or (of_host and db.leases.find_one(of_host))
    if held is None:
        return
    why = abandoned(held)
    if why is None:
        kind = LeaseHeldError if held["_id"] == lease.portal else HostHeldError
        raise kind(
            f"{held['slug']} is being {held.get('purpose', READING)} by process {held['pid']} on {held['host']} since "
            f"{held['started']:%Y-%m-%d %H:%M:%S} UTC (run {held['run']}); wait for it to end, or end it"
        )
    if held.get("purpose", READING) == READING:
        # Already recorded: the process died between its commit and the release, or another one is clearing up too.
        with contextlib.suppress(LeaseLostError):
            runs.insert(db, _failed(db, held, why))
    db.leases.delete_one({"_id": held["_id"], "run": held["run"], "beat": held["beat"]})


def abandoned(held: Document) -> str | None:
    """Say why a lease, or another claim with `beat` and the holder's identity, is abandoned; None if it may not be."""
    silent = real_now() - held["beat"]
    if silent > SILENCE:
        return f"not heard of for {silent.total_seconds() / 60:.0f} minutes"
    return "its process is gone" if processes.has_ended(held) else None


def _failed(db: StoreDatabase, held: Document, why: str) -> Run:
    before = runs.last_run(db, held["_id"])
    return Run(
        id=held["run"],
        portal=held["_id"],
        slug=held["slug"],
        family=before.family if before else "",
        epoch=before.epoch if before else "",
        seq=0,
        at=held["at"],
        started=held["started"],
        finished=real_now(),
        verdict=Verdict.FAILED,
        reason=f"{runs.ABANDONED}: process {held['pid']} on {held['host']}, {why}",
        base_url=before.base_url if before else "",
        finish_reason=runs.ABANDONED,
    )
