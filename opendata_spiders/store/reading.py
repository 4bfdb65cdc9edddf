"""The previous reading of a portal: what the next run starts from."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from opendata_spiders.store.manifests import overlay
from opendata_spiders.store.models import Entry, Run, Verdict, Version
from opendata_spiders.store.runs import iterate, last_run
from opendata_spiders.store.versions import get_versions
from opendata_spiders.store.writing import StoreDatabase

VersionLoader = Callable[[Iterable[str]], Mapping[str, Version]]


def _no_versions(_ids: Iterable[str]) -> Mapping[str, Version]:
    return {}


@dataclass(frozen=True, slots=True)
class Reading:
    """The last run that can be trusted, and what is known of its datasets since."""

    run: Run
    entries: Mapping[str, Entry]
    """Last known entry by native id: the run's own, renewed by what later partial runs have read."""
    load: VersionLoader = field(default=_no_versions, repr=False, compare=False)

    def versions(self, ids: Iterable[str]) -> Mapping[str, Version]:
        """Load versions by id, to carry over a detail that need not be read again; unknown ones are left out."""
        return self.load(ids)


def previous(db: StoreDatabase, portal: str) -> Reading | None:
    """Return the portal's previous reading; None before its first complete run."""
    trusted = last_run(db, portal, Verdict.COMPLETE)
    if trusted is None:
        return None
    return Reading(trusted, known(db, portal, trusted), lambda ids: get_versions(db, ids))


def trusted_before(db: StoreDatabase, run: Run) -> Reading | None:
    """Return the reading of the last complete run before `run`; None where there is none."""
    before = last_run(db, run.portal, Verdict.COMPLETE, before_seq=run.seq)
    if before is None or before.manifest is None:
        return None
    return Reading(before, overlay(db, [before.manifest]), lambda ids: get_versions(db, ids))


def known(db: StoreDatabase, portal: str, trusted: Run | None) -> dict[str, Entry]:
    """Return the last known entry of every dataset: of the trusted run, renewed by later partial runs.

    Other verdicts renew nothing: a drifted run may have read empty fields.
    """
    later = iterate(db, portal, after_seq=trusted.seq if trusted else 0)
    partial = [run for run in later if run.verdict is Verdict.PARTIAL]
    return overlay(db, [run.manifest for run in ([trusted] if trusted else []) + partial if run.manifest])
