"""The previous reading of a portal, from which the next run starts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo import DESCENDING

from opendata_spiders.store.manifests import overlay
from opendata_spiders.store.models import Entry, Run, Verdict
from opendata_spiders.store.regrades import graded, regrades
from opendata_spiders.store.runs import from_document, iterate
from opendata_spiders.store.writing import StoreDatabase


@dataclass(frozen=True, slots=True)
class TrustedReading:
    """The last complete run, and the last known entry of every dataset."""

    run: Run
    entries: Mapping[str, Entry]
    """Last known entry by native id: the run's own, replaced by those that later partial runs read."""
    partial: tuple[Run, ...] = ()
    """Those later partial runs."""


def previous(db: StoreDatabase, portal: str, until: datetime | None = None) -> TrustedReading | None:
    """Return the portal's previous reading; None before its first complete run. Regrades are applied.

    `until` (domain time) leaves later runs out.
    """
    trusted = _last_trusted(db, portal, until=until)
    if trusted is None:
        return None
    partial = _partial_since(db, portal, trusted, until)
    return TrustedReading(trusted, _overlaid(db, (trusted, *partial)), partial)


def trusted_before(db: StoreDatabase, run: Run) -> TrustedReading | None:
    """Return the reading of the last complete run before `run`; None where there is none."""
    before = trusted_run_before(db, run)
    if before is None or before.manifest is None:
        return None
    return TrustedReading(before, overlay(db, [before.manifest]))


def trusted_run_before(db: StoreDatabase, run: Run) -> Run | None:
    """Return the last complete run before `run`, with regrades applied, but nothing of what it listed."""
    return _last_trusted(db, run.portal, before_seq=run.seq)


def known_untrusted(db: StoreDatabase, portal: str) -> dict[str, Entry]:
    """Return the last known entry of every dataset of a portal that had no complete run yet."""
    return _overlaid(db, _partial_since(db, portal, None))


def _partial_since(
    db: StoreDatabase, portal: str, trusted: Run | None, until: datetime | None = None
) -> tuple[Run, ...]:
    """Return the partial runs since a trusted one, in their order.

    Runs with other verdicts do not count: a drifted run may have read empty fields.
    """
    corrected = regrades(db, portal)
    later = (graded(run, corrected) for run in iterate(db, portal, after_seq=trusted.seq if trusted else 0))
    return tuple(run for run in later if run.verdict is Verdict.PARTIAL and (until is None or run.at <= until))


def _overlaid(db: StoreDatabase, runs: Iterable[Run]) -> dict[str, Entry]:
    return overlay(db, [run.manifest for run in runs if run.manifest])


def _last_trusted(
    db: StoreDatabase, portal: str, *, before_seq: int | None = None, until: datetime | None = None
) -> Run | None:
    """Return the last complete run (before a number, up to a moment), with regrades applied."""
    corrected = regrades(db, portal)
    raised = [run for run, regrade in corrected.items() if regrade.verdict is Verdict.COMPLETE]
    complete = [{"verdict": Verdict.COMPLETE.value, "_id": {"$nin": list(corrected)}}, {"_id": {"$in": raised}}]
    wanted: dict[str, Any] = {"portal": portal, "$or": complete}
    if before_seq is not None:
        wanted["seq"] = {"$lt": before_seq}
    if until is not None:
        wanted["at"] = {"$lte": until}
    found = db.runs.find_one(wanted, sort=[("seq", DESCENDING)])
    return graded(from_document(found), corrected) if found else None
