"""What a portal listed before it moved and does not list since: once it is listed again, it is not new.

Portals move catalogues over weeks, and one by one the datasets come after. Nothing is said of those that never do but
their number, in the event of the move.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from alerts.comparison.context import RunContext
from alerts.comparison.delta import ENDED, Delta
from alerts.comparison.event_builder import label
from alerts.model.states import DatasetState, DatasetStatus
from alerts.rules.migration import Moved, named, named_states
from alerts.rules.rekey_matching import find_twins


def left_behind(moved: Moved, step: RunContext) -> dict[str, DatasetState | None]:
    """By native id what the move has left behind: known ones without a match, and what was only missing before it.

    None for all else that was kept apart: listed now, or stated as gone under an id that means another dataset there.
    """
    listed = step.view.reader.entries(step.run.manifest)
    missing = {
        name: one for name, one in step.memory.datasets.items() if one.status not in ENDED and name not in listed
    }
    new = {name: listed[name] for name in moved.new_only}
    others = {name: entry for name, entry in listed.items() if name not in new}
    twins = find_twins(named_states(missing.values(), step), named(new, step), step.policy, lambda: named(others, step))
    came = {twin.old for twin in twins}
    behind = [replace(one, status=DatasetStatus.LEFT, absences=()) for name, one in missing.items() if name not in came]
    return {**dict.fromkeys(step.memory.datasets), **{one.dataset: one for one in (*behind, *_unmatched(moved, step))}}


def come_after(found: Delta, step: RunContext) -> Delta:
    """Without the arrivals that the move had left behind, known by title and office: ids change with the software."""
    behind = {
        name: one
        for name, one in step.memory.datasets.items()
        if one.status is DatasetStatus.LEFT and name not in found.listed
    }
    if not behind or not found.appeared:
        return found
    others = {name: entry for name, entry in found.listed.items() if name not in found.appeared}
    # What has just vanished has the better claim to a title that both bore.
    moved = find_twins(named(found.vanished, step), named(found.appeared, step), step.policy)
    fresh = {name: found.appeared[name] for name in found.appeared.keys() - {twin.new for twin in moved}}
    twins = find_twins(
        named_states(behind.values(), step), named(fresh, step), step.policy, lambda: named(others, step)
    )
    came = {twin.new for twin in twins}
    return replace(
        found,
        appeared={name: one for name, one in found.appeared.items() if name not in came},
        left={**found.left, **{twin.old: behind[twin.old] for twin in twins}},
    )


def forgotten(step: RunContext) -> list[str]:
    """Those that did not come for so long that they would be new."""
    before = step.run.at - timedelta(days=step.policy.left_days)
    return [
        name
        for name, one in step.memory.datasets.items()
        if one.status is DatasetStatus.LEFT and one.last_seen < before
    ]


def _unmatched(moved: Moved, step: RunContext) -> Iterable[DatasetState]:
    known = step.view.reader.entries(step.state.known)
    versions = step.view.reader.versions({known[name].version for name in moved.old_only}, evidence=False)
    for name in moved.old_only:
        version = versions.get(known[name].version)
        yield DatasetState(
            dataset=name,
            status=DatasetStatus.LEFT,
            entry=known[name],
            last_seen=step.state.last_complete_at or step.run.at,
            gap_before=0,
            title=label(version, "title"),
            office=label(version, "office"),
        )
