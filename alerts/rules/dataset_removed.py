"""How missing datasets with a finding are stated: one by one, held for another run, or as one bulk event.

Reported: `dataset.removed`, `dataset.unlisted` (not listed, but its page opens) and `bulk.deletion` (more than the bulk
limit at once, in place of the single ones). More than the bulk limit wait for a third complete run. Not reported:
datasets with a new id.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from alerts.comparison.context import RunContext
from alerts.comparison.event_builder import PORTAL, Draft, named_in
from alerts.comparison.reused_ids import native
from alerts.model.events import Confidence, event_id
from alerts.model.states import WAITING, DatasetState, DatasetStatus
from alerts.rules.absences import AbsenceFinding, Judged
from alerts.rules.return_odds import Sort, last_look, record_of
from opendata_spiders.store.models import LookResult
from opendata_spiders.store.national import NationalLook


@dataclass(frozen=True, slots=True)
class AbsenceResult:
    """Events and states that the absences of a run lead to."""

    drafts: list[Draft]
    datasets: dict[str, DatasetState]
    """The new states of the missing datasets, by native id."""

    @property
    def ended(self) -> list[DatasetState]:
        """The datasets that this run states as gone."""
        return [one for one in self.datasets.values() if one.status not in WAITING]


_OPEN = (AbsenceFinding.WAIT, AbsenceFinding.DOUBTED)


def draft_missing(judged: list[Judged], catalogue: int, step: RunContext) -> AbsenceResult:
    """State missing datasets one by one up to the bulk limit; above it they wait for a third run and make one event.

    `catalogue` is the number of datasets known before this run. A dataset with a twin is neither lost nor stated here;
    many with twins wait likewise, so that `dataset_rekeyed` states one event for all. A dataset whose page opens is not
    deleted.
    """
    limit = step.policy.bulk_limit(catalogue)
    mass = sum(
        not one.state.twin
        and one.finding is not AbsenceFinding.DOUBTED
        and (one.finding is not AbsenceFinding.WAIT or last_look(one.state) is not LookResult.OPEN)
        and len(one.state.absences) >= step.policy.removal_absences
        for one in judged
    )
    moved = sum(one.state.twin is not None for one in judged)
    # Settled are those missing from a third complete run, and those that are few.
    settled = [
        one
        for one in judged
        if one.finding not in _OPEN
        and ((moved if one.state.twin else mass) <= limit or len(one.state.absences) >= step.policy.undecided_absences)
    ]
    lost = [one for one in settled if not one.state.twin]
    deleted = [one for one in lost if one.finding is not AbsenceFinding.UNLISTED]
    bulk = deleted if len(deleted) > limit else []
    at_once = {one.state.dataset for one in bulk}
    single = [one for one in lost if one.state.dataset not in at_once]
    answers = _national([one.state for one in single], step)
    drafts = [_draft(one, answers.get(native(one.state.dataset)), step) for one in single]
    if bulk:
        drafts.append(_bulk_draft(bulk, catalogue, limit, step))
    ended = {one.state.dataset: _tombstone(one, step, bulk=one.state.dataset in at_once) for one in settled}
    # Held: it would have been stated if fewer were missing.
    waiting = {
        one.state.dataset: one.state if one.finding in _OPEN else replace(one.state, status=DatasetStatus.HELD)
        for one in judged
        if one.state.dataset not in ended
    }
    return AbsenceResult(drafts, waiting | ended)


def _tombstone(one: Judged, step: RunContext, *, bulk: bool) -> DatasetState:
    run, unlisted = step.run, one.finding is AbsenceFinding.UNLISTED
    subject = ("bulk.deletion", PORTAL, run.id) if bulk else (_kind(one), one.state.dataset, one.state.absences[0].run)
    return replace(
        one.state,
        status=DatasetStatus.UNLISTED if unlisted else DatasetStatus.REMOVED,
        ended=run.at,
        ended_by=event_id(subject[0], step.view.part, subject[1], subject[2]),
        lost_as=() if one.state.twin else (f"{step.lens.day(run.at):%Y-%m}", one.sort.value),
    )


def _kind(one: Judged) -> str:
    if one.state.twin:
        return "dataset.rekeyed"
    return "dataset.unlisted" if one.finding is AbsenceFinding.UNLISTED else "dataset.removed"


def _draft(one: Judged, answer: NationalLook | None, step: RunContext) -> Draft:
    gone = one.state
    # Only probable if its page could not be checked in the run that settles it, or if it is one of several namesakes.
    looked = gone.absences[-1].look is not LookResult.UNKNOWN and one.finding is not AbsenceFinding.INFERRED
    return Draft(
        _kind(one),
        gone.dataset,
        gone.entry.version,
        episode=gone.absences[0].run,
        since=gone.absences[0].at,
        confidence=Confidence.CONFIRMED if looked and not gone.namesakes else Confidence.PROBABLE,
        evidence={
            "absent": absent(gone),
            "look": gone.absences[-1].look,
            "declared": step.run.declared,
            "seen": step.run.seen,
            "last_seen": gone.last_seen,
            "entry": {"version": gone.entry.version, "clocks": gone.entry.clocks, "frequency": gone.entry.frequency},
            **_reused(gone, step),
            **({"namesakes": gone.namesakes} if gone.namesakes else {}),
            **_odds([one], step),
            **_answered(answer, gone),
        },
    )


def _national(gone: Iterable[DatasetState], step: RunContext) -> Mapping[str, NationalLook]:
    """The last answer of the national register about each dataset since its first absence, by the portal's own id."""
    since: dict[str, datetime] = {}
    for one in gone:
        name, first = native(one.dataset), one.absences[0].at
        since[name] = min(first, since.get(name, first))
    return step.view.national.said(since, step.run.at)


def _answered(answer: NationalLook | None, gone: DatasetState) -> dict[str, Any]:
    """Additional evidence, never part of the rule."""
    if answer is None or answer.at < gone.absences[0].at:
        return {}
    return {"national_at": answer.at, "national_entries": answer.entries, "national_codes": answer.codes}


def _reused(gone: DatasetState, step: RunContext) -> dict[str, Any]:
    """Title and office of the dataset that its id refers to now, if the id was reused."""
    if native(gone.dataset) == gone.dataset:
        return {}
    entry = step.view.reader.entries(step.run.manifest).get(native(gone.dataset))
    if entry is None:
        return {}
    return {"reused": named_in(step.view.reader.versions([entry.version], evidence=False).get(entry.version))}


def _odds(many: list[Judged], step: RunContext) -> Mapping[str, Any]:
    """The portal's record and the chance of a return, if vanished datasets of this portal have returned before."""
    odds = max((one.odds for one in many if one.odds), key=lambda one: one.chance, default=None)
    record = record_of(step.state)
    if odds is None or not record["back"]:
        return {}
    return {**record, "chance": round(odds.chance, 4), "away_days": odds.away_days}


def absent(gone: DatasetState) -> list[Mapping[str, Any]]:
    """The absences of the dataset that count, as evidence."""
    return [{"run": one.run, "at": one.at, "look": one.look} for one in gone.absences]


def _bulk_draft(settled: list[Judged], catalogue: int, limit: float, step: RunContext) -> Draft:
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
        **_odds(settled, step),
    }
    looked = all(one.sort in (Sort.FEW_GONE, Sort.MANY_GONE) for one in settled)
    sure = Confidence.CONFIRMED if looked else Confidence.PROBABLE
    return Draft("bulk.deletion", confidence=sure, since=min(one.absences[0].at for one in gone), evidence=evidence)


def breakdown(names: Iterable[str]) -> list[list[Any]]:
    """Pairs of name and number, largest number first; not a mapping, because portal text is never used as a key."""
    return [[name, count] for name, count in sorted(Counter(names).items(), key=lambda pair: (-pair[1], pair[0]))]
