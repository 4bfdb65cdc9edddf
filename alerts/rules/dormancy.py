"""Datasets that promise nothing and have not been updated for years, or for several times their own usual gap."""

from collections.abc import Iterator
from datetime import datetime

from alerts.comparison.context import RunContext
from alerts.comparison.delta import Delta
from alerts.comparison.event_builder import Draft
from alerts.model.events import Confidence
from alerts.rules.fake_updates import Habits, own_gap
from alerts.rules.overdue import missing_since, reads_otherwise, step_judged_at
from opendata_spiders.store.models import Entry


def dormant_drafts(delta: Delta, habits: Habits, step: RunContext) -> list[Draft]:
    """One event for each dataset that fell asleep since the last complete run, its date standing still meanwhile."""
    last = step.state.last_complete_at
    if last is None or reads_otherwise(step):
        return []
    return list(_fallen_asleep(delta, habits, step, (step_judged_at(step, last), step_judged_at(step))))


def _fallen_asleep(
    delta: Delta, habits: Habits, step: RunContext, moments: tuple[datetime, datetime]
) -> Iterator[Draft]:
    lens, policy, missing = step.lens, step.policy, missing_since(delta, step)
    for name, entry in delta.listed.items():
        claimed = _unpromised_date(entry, step)
        if claimed is None or lens.days_between(claimed, moments[1]) <= policy.dormant_days:
            continue
        gap = own_gap(habits.get(name), policy)
        limit = max(policy.dormant_days, policy.dormant_gap_factor * (gap or 0))
        before, after = (lens.days_between(claimed, at) for at in (missing.get(name, moments[0]), moments[1]))
        if before <= limit < after and not _moved(delta.differing.get(name), step):
            yield _draft(name, entry, claimed, gap, step)


def _unpromised_date(entry: Entry, step: RunContext) -> datetime | None:
    promise = step.lens.promise(entry.frequency)
    return None if promise.realtime or promise.due is not None else step.lens.claimed(entry.clocks)


def _moved(pair: tuple[Entry, Entry] | None, step: RunContext) -> bool:
    """Whether date or promise are others than before: then it is they that changed, not the dataset that grew old."""
    if pair is None:
        return False
    before, after = pair
    dates = (step.lens.claimed(before.clocks), step.lens.claimed(after.clocks))
    return dates[0] != dates[1] or before.frequency != after.frequency or before.detailed != after.detailed


def _draft(name: str, entry: Entry, claimed: datetime, gap: float | None, step: RunContext) -> Draft:
    evidence = {
        "claimed": claimed,
        "days_silent": step.lens.days_between(claimed, step.run.at),
        "frequency_raw": entry.frequency,
        "own_gap": gap,
        "runs": step.runs,
    }
    return Draft(
        "dataset.dormant",
        name,
        entry.version,
        since=claimed,
        confidence=Confidence.PROBABLE if step.run.dates_in_details else Confidence.CLAIMED,
        evidence=evidence,
    )
