"""Restamps: one new date set on a large part of the catalogue in bulk, which is no update: `platform.restamp`.

Reported once per episode, when a large part of the catalogue (`restamp_share`, `restamp_floor`) moves to one day while
the content of nearly all of these datasets stays the same. From then on that day is no evidence of an update. Not
reported: feeds promised daily or in real time, which share a date honestly; a group with changed content; the later
nights of a restamp that goes on for several nights.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta

from alerts.comparison.context import RunContext
from alerts.comparison.event_builder import Draft
from alerts.model.states import PortalState
from alerts.rules.dataset_changed import Change
from alerts.rules.fake_updates import is_quick
from opendata_spiders.store.models import Entry

_DAYS_KEPT = 400


def find_stamps(changes: Iterable[Change], step: RunContext) -> dict[str, int]:
    """The newly restamped days (ISO) with the number of datasets that moved to each.

    At least restamp_share of the catalogue moved to each of these days, and nearly all of it with the same content. The
    share is that of the whole catalogue even in a partial run, because lists begin with what was updated last.
    """
    lens, policy = step.lens, step.policy
    moved: dict[str, list[Change]] = defaultdict(list)
    for change in changes:
        if change.advanced and change.claimed_after and not is_quick(change.after, lens, policy):
            moved[lens.day(change.claimed_after).isoformat()].append(change)
    least = policy.mass_limit(step.state.size)
    return {
        day: len(group)
        for day, group in sorted(moved.items())
        if day not in step.state.restamps
        and len(group) >= least
        and sum(not change.content_changed for change in group) / len(group) >= policy.restamp_same_content
    }


def shared_days(entries: Iterable[Entry], rows: int, step: RunContext) -> tuple[str, ...]:
    """Days (ISO) later than the newest evidence on a large part of a catalogue: a migration restamps what it moves."""
    lens, evidence = step.lens, step.state.city.evidence
    slow = (entry for entry in entries if not is_quick(entry, lens, step.policy))
    days = Counter(lens.day(at) for entry in slow if (at := lens.claimed(entry.clocks)))
    newer = {day: count for day, count in days.items() if evidence and day > lens.day(evidence.date)}
    return tuple(sorted(day.isoformat() for day, count in newer.items() if count >= step.policy.mass_limit(rows)))


def draft_restamps(stamps: Mapping[str, int], step: RunContext) -> tuple[PortalState, list[Draft]]:
    """Remember the restamped days; one event per episode, however many nights it lasts."""
    state, at = step.state, step.run.at
    if not stamps:
        return state, []
    after = replace(with_stamped(state, stamps), restamped_at=at)
    quiet = timedelta(days=step.policy.restamp_quiet_days)
    if state.restamped_at is not None and at - state.restamped_at <= quiet:
        return after, []
    day, count = max(stamps.items(), key=lambda stamp: stamp[1])
    catalogue = state.size or count
    evidence = {
        "date": day,
        "count": count,
        "catalogue": catalogue,
        "share": round(count / catalogue, 3),
        "runs": [state.last_run if state.trusted == state.known else state.last_complete, step.run.id],
    }
    return after, [Draft("platform.restamp", evidence=evidence)]


def with_stamped(state: PortalState, days: Iterable[str]) -> PortalState:
    """The state with these restamped days (ISO) added."""
    return replace(state, restamps=tuple(dict.fromkeys((*state.restamps, *days)))[-_DAYS_KEPT:])
