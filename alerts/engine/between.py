"""Compares any two runs of one portal on demand: the events of a diff of just these two. Writes nothing."""

from alerts.comparison.context import RunContext
from alerts.comparison.delta import delta
from alerts.comparison.event_builder import Draft, state_events
from alerts.comparison.run_view import RunView
from alerts.engine.fold import shown_by
from alerts.model.events import Confidence, Event
from alerts.model.memory import Memory
from alerts.model.policy import EventPolicy
from alerts.model.states import DatasetState, PortalState
from alerts.rules.absences import gap, judge_missing
from alerts.rules.dataset_late import draft_late
from alerts.rules.dataset_rekeyed import draft_bulk_rekeyed
from alerts.rules.dataset_removed import absent
from alerts.rules.platform_moved import address, draft_moved, match_epochs
from opendata_spiders.store.models import Run, Verdict


class NotComparableError(ValueError):
    """Raised when two runs have nothing to compare: other portals, or nothing read."""


def compare(before: Run, view: RunView, policy: EventPolicy) -> tuple[Event, ...]:
    """The changes from one run to another, as events that are not stored.

    A dataset that the second run does not list is removed with confidence `probable`, and only if that run is complete:
    one absence proves nothing. Raises NotComparableError.
    """
    _refuse(before, view.run)
    step = RunContext(Memory(_as_known(before, view)), view, view.lens, policy)
    drafts = _drafts(step) if before.epoch == view.run.epoch else draft_moved(match_epochs(step), step)
    return state_events(drafts, view)


def _refuse(before: Run, after: Run) -> None:
    if before.portal != after.portal:
        raise NotComparableError(
            f"{before.id} is a run of {before.slug} and {after.id} one of {after.slug}: name two runs of one portal"
        )
    for run in (before, after):
        if run.manifest is None:
            raise NotComparableError(f"{run.id} read nothing ({run.verdict}: {run.reason}); name another run")


def _as_known(run: Run, view: RunView) -> PortalState:
    return PortalState(
        run.portal,
        run.slug,
        last_run=run.id,
        last_complete=run.id,
        last_complete_at=run.at,
        epoch=run.epoch,
        address=address(run),
        known=run.manifest,
        size=len(view.reader.entries(run.manifest)),
        read_fields=run.fields,
        gap=gap(run),
        declared=run.declared,
        settled=True,
    )


def _drafts(step: RunContext) -> list[Draft]:
    found = delta(step)
    complete = step.run.verdict is Verdict.COMPLETE
    judged = judge_missing(found, step) if complete else []
    shown = shown_by(step, found, {one.state.dataset: one.state for one in judged})
    states = [shown.became.get(one.state.dataset, one.state) for one in judged]
    lost = [state for state in states if not state.twin]
    gone = [_gone(state, step) for state in lost]
    moved = draft_bulk_rekeyed([one for one in states if one.twin], found.listed, len(found.listed) + len(lost), step)
    return [*shown.drafts, *gone, *moved, *(draft_late(found, step) if complete else [])]


def _gone(state: DatasetState, step: RunContext) -> Draft:
    evidence = {
        "absent": absent(state),
        "look": state.absences[-1].look,
        "declared": step.run.declared,
        "seen": step.run.seen,
    }
    return Draft(
        "dataset.removed",
        state.dataset,
        state.entry.version,
        since=step.run.at,
        confidence=Confidence.PROBABLE,
        evidence=evidence,
    )
