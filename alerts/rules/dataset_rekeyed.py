"""Datasets that are listed under another id than before.

Reported: `dataset.rekeyed` for each pair once the old id is settled as gone, and `bulk.rekeyed` in place of more than
the bulk limit at once, whose own events are then quiet. Always probable: only title and office link the two ids
(`title_matching`). Not reported: pairs whose old id is listed again, editions of another year, and, of several datasets
with the same title and office, those in excess of the new ids: they are removed.
"""

from alerts.comparison.context import RunContext
from alerts.comparison.event_builder import Draft
from alerts.comparison.run_view import Entries
from alerts.model.events import Confidence, Severity
from alerts.model.states import DatasetState
from alerts.rules.dataset_removed import absent, breakdown


def draft_bulk_rekeyed(many: list[DatasetState], listed: Entries, catalogue: int, step: RunContext) -> list[Draft]:
    """One event each up to the bulk limit; above it one event for all of them, and the single ones are quiet.

    `many` have a twin and are settled in this run; `catalogue` is the number of datasets listed or lost.
    """
    bulk = len(many) > step.policy.bulk_limit(catalogue)
    drafts = [_draft(one, listed, step, quiet=bulk) for one in many]
    if not bulk:
        return drafts
    first = min((one.absences[0] for one in many), key=lambda one: one.at)
    evidence = {
        "count": len(many),
        "catalogue": catalogue,
        "offices": breakdown(one.office for one in many),
        "datasets": [
            {"id": one.twin, "old_id": one.dataset, "title": one.title, "office": one.office}
            for one in many[: step.policy.evidence_listed]
        ],
        "runs": [first.run, step.run.id],
    }
    return [*drafts, Draft("bulk.rekeyed", since=first.at, confidence=Confidence.PROBABLE, evidence=evidence)]


def _draft(gone: DatasetState, listed: Entries, step: RunContext, *, quiet: bool) -> Draft:
    name, first = gone.twin or gone.dataset, gone.absences[0]
    return Draft(
        "dataset.rekeyed",
        name,
        listed.get(name, gone.entry).version,
        subject=gone.dataset,
        episode=first.run,
        since=first.at,
        severity=Severity.QUIET if quiet else None,
        confidence=Confidence.PROBABLE,
        evidence={
            "old_id": gone.dataset,
            "old_title": gone.title,
            "score": round(gone.twin_score, 1),
            "absent": absent(gone),
            "runs": [first.run, step.run.id],
        },
    )
