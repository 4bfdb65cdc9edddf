"""Watched datasets that a complete run did not list: an early word for their watchers alone, worded as possible.

Reported: `dataset.possibly_gone`, once for each absence, while nothing is stated of it yet, and `dataset.listed_again`
if it is listed again before anything is. Not reported: a dataset whose page opens, that seems to be listed under
another id, or whose row may only be hidden (the printed total has room for it); more missing at once than the bulk
limit; and any absence on a portal whose datasets vanish and return all the time.
"""

from dataclasses import replace

from alerts.comparison.context import RunContext
from alerts.comparison.delta import Delta
from alerts.comparison.event_builder import Draft
from alerts.comparison.reused_ids import native
from alerts.model.events import Confidence
from alerts.model.states import WAITING, DatasetState
from alerts.rules.dataset_removed import AbsenceResult, absent
from alerts.rules.return_odds import is_flapping
from opendata_spiders.store.models import LookResult


def with_possibly_gone(told: AbsenceResult, catalogue: int, step: RunContext) -> AbsenceResult:
    """The result with an event for each watched dataset that may be gone, and with states that remember it.

    `catalogue` is the number of datasets known before this run.
    """
    waiting = [one for one in told.datasets.values() if one.status in WAITING]
    many = sum(not one.twin for one in waiting) > step.policy.bulk_limit(catalogue)
    if many or is_flapping(step.state):
        return told
    fresh = [one for one in waiting if native(one.dataset) in step.view.watched and _may_be_gone(one)]
    drafts = [_possibly_gone(one, step) for one in fresh]
    warned = {one.dataset: replace(one, warned=True) for one in fresh}
    return AbsenceResult([*told.drafts, *drafts], {**told.datasets, **warned})


def _may_be_gone(one: DatasetState) -> bool:
    last = one.absences[-1]
    hidden = last.gap > max(0, one.gap_before)
    return not (one.warned or one.twin or hidden or last.look is LookResult.OPEN)


def _possibly_gone(one: DatasetState, step: RunContext) -> Draft:
    return Draft(
        "dataset.possibly_gone",
        one.dataset,
        one.entry.version,
        episode=one.absences[0].run,
        since=one.absences[0].at,
        confidence=Confidence.PROBABLE,
        evidence={
            "absent": absent(one),
            "look": one.absences[-1].look,
            "declared": step.run.declared,
            "seen": step.run.seen,
            "last_seen": one.last_seen,
        },
    )


def draft_listed_again(delta: Delta, step: RunContext) -> list[Draft]:
    """One event for each dataset whose watchers were told that it may be gone, and that is listed again."""
    drafts = []
    for name, one in sorted(delta.returned.items()):
        entry = delta.listed.get(native(name)) if one.warned else None
        if entry is not None:
            first = one.absences[0]
            evidence = {"away_days": step.lens.days_between(first.at, step.run.at), "runs": [first.run, step.run.id]}
            drafts.append(Draft("dataset.listed_again", name, entry.version, since=step.run.at, evidence=evidence))
    return drafts
