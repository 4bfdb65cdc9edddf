"""Datasets that lost or gained a large part of their rows, by the number the portal prints."""

from collections.abc import Iterable

from alerts.comparison.context import RunContext
from alerts.comparison.event_builder import Draft
from alerts.model.policy import EventPolicy
from alerts.rules.changes import Change, dataset_draft

_ROWS = "rows"


def size_drafts(changes: Iterable[Change], step: RunContext) -> list[Draft]:
    """One event for each dataset that shrank or grew; none where the whole catalogue counts otherwise than before.

    Where we count the rows of the files ourselves, that count decides (`file_counts`), not the printed number.
    """
    moved = [(change, kind) for change in changes if (kind := size_kind(*_rows(change), step.policy))]
    if len(moved) >= step.policy.mass_limit(step.state.size):
        return []
    counted = step.view.samples.counted
    told = [(change, kind) for change, kind in moved if not counted(change.dataset, *step.lately)]
    return [_draft(kind, change, step) for change, kind in told]


def _rows(change: Change) -> tuple[int | None, int | None]:
    return change.measures.get(_ROWS, (None, None))


def size_kind(before: int | None, after: int | None, policy: EventPolicy) -> str:
    """`dataset.shrunk`, `dataset.grew`, or empty for a change that is none."""
    if before is None or after is None or before < policy.size_floor:
        return ""
    if after <= (1 - policy.shrunk_share) * before:
        return "dataset.shrunk"
    return "dataset.grew" if after >= policy.grown_factor * before else ""


def _draft(kind: str, change: Change, step: RunContext) -> Draft:
    before, after = change.measures[_ROWS]
    evidence = {"before": before, "after": after, "runs": step.runs}
    return dataset_draft(kind, change, evidence, since=step.run.at)
