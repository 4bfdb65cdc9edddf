"""How absences that amount to something are told: one by one, held for a further run, or as one bulk event."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from alerts.diff.drafts import PORTAL, Draft, named_in
from alerts.diff.removal import Finding, Judged, last_look
from alerts.diff.reused import native
from alerts.diff.state import DatasetState, Status
from alerts.diff.step import Step
from alerts.events import Confidence, event_id
from alerts.policy import Policy
from opendata_spiders.store.models import LookResult, Run


@dataclass(frozen=True, slots=True)
class Told:
    """What a run's absences lead to."""

    drafts: list[Draft]
    datasets: dict[str, DatasetState]
    """The missing datasets' new states."""


def tell_missing(judged: list[Judged], catalogue: int, step: Step) -> Told:
    """One by one up to the bulk limit; above it they wait for a third complete run and make one event.

    `catalogue` counts what is listed and what is lost; a dataset with a twin is neither lost nor told here. Many that
    have one wait likewise, so that one event speaks for all of them (`rekeyed`).
    """
    limit = step.policy.bulk_limit(catalogue)
    mass = sum(_may_be_lost(one, step.policy) for one in judged)
    moved = sum(one.state.twin is not None for one in judged)
    settled = [one for one in judged if _is_settled(one, step.policy, held=(moved if one.state.twin else mass) > limit)]
    names = {one.state.dataset for one in settled}
    held = [one for one in judged if one.finding is not Finding.WAIT and one.state.dataset not in names]
    lost = [one for one in settled if not one.state.twin]
    bulk = len(lost) > limit
    drafts = [_bulk_draft(lost, catalogue, limit, step)] if bulk else [_draft(one, step) for one in lost]
    waiting = {one.state.dataset: one.state for one in judged if one.finding is Finding.WAIT}
    return Told(drafts, waiting | _held(held) | _ended(settled, step.run, bulk=bulk))


def _may_be_lost(one: Judged, policy: Policy) -> bool:
    still_open = one.finding is Finding.WAIT and last_look(one.state) is LookResult.OPEN
    return len(one.state.absences) >= policy.removal_absences and not still_open and not one.state.twin


def _is_settled(one: Judged, policy: Policy, *, held: bool) -> bool:
    """Found, and not to be held: a third complete run settles it, and so does being one of a few."""
    if one.finding is Finding.WAIT:
        return False
    return not held or len(one.state.absences) >= policy.undecided_absences


def _held(held: Iterable[Judged]) -> dict[str, DatasetState]:
    return {one.state.dataset: replace(one.state, status=Status.HELD) for one in held}


def _ended(settled: Iterable[Judged], run: Run, *, bulk: bool) -> dict[str, DatasetState]:
    return {one.state.dataset: _tombstone(one, run, bulk=bulk and not one.state.twin) for one in settled}


def _tombstone(one: Judged, run: Run, *, bulk: bool) -> DatasetState:
    unlisted = one.finding is Finding.UNLISTED
    subject = ("bulk.deletion", PORTAL, run.id) if bulk else (_kind(one), one.state.dataset, _episode(one.state))
    return replace(
        one.state,
        status=Status.UNLISTED if unlisted else Status.REMOVED,
        ended=run.at,
        ended_by=event_id(subject[0], run.portal, subject[1], subject[2]),
    )


def _episode(gone: DatasetState) -> str:
    return gone.absences[0].run


def _kind(one: Judged) -> str:
    if one.state.twin:
        return "dataset.rekeyed"
    return "dataset.unlisted" if one.finding is Finding.UNLISTED else "dataset.removed"


def _draft(one: Judged, step: Step) -> Draft:
    gone = one.state
    return Draft(
        _kind(one),
        gone.dataset,
        gone.entry.version,
        episode=_episode(gone),
        since=gone.absences[0].at,
        confidence=_confidence(one),
        evidence={
            "absent": absent(gone),
            "look": gone.absences[-1].look,
            "declared": step.run.declared,
            "seen": step.run.seen,
            "last_seen": gone.last_seen,
            "entry": {"version": gone.entry.version, "clocks": gone.entry.clocks, "frequency": gone.entry.frequency},
            **_reused(gone, step),
            **({"namesakes": gone.namesakes} if gone.namesakes else {}),
        },
    )


def _reused(gone: DatasetState, step: Step) -> dict[str, Any]:
    """What its id means now, where it was used again."""
    entry = step.view.reader.entries(step.run.manifest).get(native(gone.dataset))
    if entry is None or native(gone.dataset) == gone.dataset:
        return {}
    return {"reused": named_in(step.view.reader.versions([entry.version], evidence=False).get(entry.version))}


def _confidence(one: Judged) -> Confidence:
    """Inferred where nobody could look in the run that settles it, and which of several namesakes it is."""
    looked = one.state.absences[-1].look is not LookResult.UNKNOWN and one.finding is not Finding.INFERRED
    return Confidence.CONFIRMED if looked and not one.state.namesakes else Confidence.PROBABLE


def absent(gone: DatasetState) -> list[Mapping[str, Any]]:
    """Its absences that count, as evidence."""
    return [{"run": one.run, "at": one.at, "look": one.look} for one in gone.absences]


def _bulk_draft(settled: list[Judged], catalogue: int, limit: float, step: Step) -> Draft:
    gone = [one.state for one in settled]
    evidence = {
        "count": len(gone),
        "catalogue": catalogue,
        "threshold": limit,
        "offices": breakdown(one.office for one in gone),
        "themes": breakdown(theme for one in gone for theme in one.theme or ("",)),
        "datasets": [
            {"id": one.dataset, "title": one.title, "office": one.office, "last_seen": one.last_seen}
            for one in gone[: step.policy.evidence_listed]
        ],
        "absent": absent(gone[0]),
        "declared": step.run.declared,
        "seen": step.run.seen,
    }
    return Draft("bulk.deletion", since=min(one.absences[0].at for one in gone), evidence=evidence)


def breakdown(names: Iterable[str]) -> list[list[Any]]:
    """Pairs of name and number, most first: portal text is never a key."""
    return [[name, count] for name, count in sorted(Counter(names).items(), key=lambda pair: (-pair[1], pair[0]))]
