"""Run documents: written last, each one is the commit of everything it names."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from pymongo import ASCENDING, DESCENDING
from pymongo.errors import AutoReconnect, DuplicateKeyError

from opendata_spiders.store import codec
from opendata_spiders.store.clock import to_stored
from opendata_spiders.store.content import storable
from opendata_spiders.store.errors import LeaseLostError, StoreError
from opendata_spiders.store.models import Run, Window
from opendata_spiders.store.writing import Document, StoreDatabase

_PAIRS = ("look", "stats")
"""Mappings that are stored as sorted lists of pairs."""
ABANDONED = "abandoned"
"""Finish reason of a run whose process died."""
ATTEMPTS = 20
"""Tries to find the next number while others write runs of the same portal without a lease."""


def run_id(slug: str, at: datetime, seq: int) -> str:
    """Return a readable, unique id: guiyang-20261123T021500Z-3."""
    return f"{slug}-{to_stored(at):%Y%m%dT%H%M%SZ}-{seq}"


def to_document(run: Run) -> Document:
    """Return the document of a run; native ids and stats, which may hold dots and dollars, never become keys."""
    return codec.to_document(run) | {name: storable(sorted(getattr(run, name).items())) for name in _PAIRS}


def from_document(document: Mapping[str, Any]) -> Run:
    """Undo `to_document`."""
    return codec.from_document(Run, {**document, **{name: dict(document.get(name, ())) for name in _PAIRS}})


def next_seq(db: StoreDatabase, portal: str) -> int:
    """Return the number the portal's next run will have."""
    last = db.runs.find_one({"portal": portal}, {"seq": 1}, sort=[("seq", DESCENDING)])
    return last["seq"] + 1 if last else 1


def insert(db: StoreDatabase, run: Run) -> Run:
    """Write a run as the portal's next and return it as it was stored, `seq` included.

    May be repeated, also after a lost answer. Raises LeaseLostError when a run with this id was recorded by another
    process that took this one for dead.
    """
    for _ in range(ATTEMPTS):
        document = to_document(replace(run, seq=next_seq(db, run.portal)))
        try:
            db.runs.insert_one(document)
        except DuplicateKeyError as error:
            known = db.runs.find_one({"_id": run.id})
            if known is None:
                if "_id" in ((error.details or {}).get("keyPattern") or {}):
                    raise AutoReconnect("the run is there, but not on the majority of the servers yet") from error
                continue
            if any(known[name] != document[name] for name in ("started", "finished", "finish_reason")):
                raise LeaseLostError(
                    f"Run {run.id} is already recorded as {known['verdict']} ({known['reason']}); "
                    "this reading is not kept, start a new run"
                ) from None
            document = known
        return from_document(document)
    raise StoreError(f"Too many processes write runs of portal {run.portal} at once; let one finish and run again")


def last_run(db: StoreDatabase, portal: str, *, outside: Sequence[Window] = (), imported: bool = False) -> Run | None:
    """Return the portal's last run that began outside these windows, whatever its verdict.

    Of our own readings, or of its `imported` history.
    """
    wanted: Document = {"portal": portal, "imported": {"$ne": None} if imported else None}
    if outside:
        wanted["$nor"] = [{"started": {"$gte": start, "$lte": end}} for start, end in outside]
    found = db.runs.find_one(wanted, sort=[("seq", DESCENDING)])
    return from_document(found) if found else None


def last_manifest(db: StoreDatabase, portal: str) -> str | None:
    """Return the manifest of the portal's last run that has one."""
    wanted = {"portal": portal, "manifest": {"$ne": None}}
    found = db.runs.find_one(wanted, {"manifest": 1}, sort=[("seq", DESCENDING)])
    return found["manifest"] if found else None


def last_at(db: StoreDatabase, portal: str) -> datetime | None:
    """Return the domain time of the portal's last run; abandoned runs have read nothing and do not count."""
    wanted = {"portal": portal, "finish_reason": {"$ne": ABANDONED}}
    found = db.runs.find_one(wanted, {"at": 1}, sort=[("seq", DESCENDING)])
    return found["at"] if found else None


def iterate(
    db: StoreDatabase, portal: str | None, *, after_seq: int = 0, since: datetime | None = None
) -> Iterator[Run]:
    """Yield runs in commit order; of all portals (by time) when `portal` is None. `since` compares domain time."""
    wanted: Document = {"seq": {"$gt": after_seq}}
    if portal is not None:
        wanted["portal"] = portal
    if since is not None:
        wanted["at"] = {"$gte": since}
    order = [("seq", ASCENDING)] if portal is not None else [("at", ASCENDING), ("_id", ASCENDING)]
    for document in db.runs.find(wanted, sort=order):
        yield from_document(document)
