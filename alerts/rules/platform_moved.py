"""Migrations: a portal is read under another family, address or id rule; its datasets are matched by id or by title.

Reported: `platform.moved`, once per migration, with the number of datasets matched by id, matched by title, found only
before and found only after. Not reported: removals and new datasets of that run. Unmatched datasets are remembered for
`left_days`; one that is listed within that time is not new, because migrations can take weeks.
"""

from dataclasses import dataclass, replace
from datetime import timedelta

from alerts.comparison.context import RunContext
from alerts.comparison.delta import Delta
from alerts.comparison.event_builder import Draft, label
from alerts.model.states import ENDED, DatasetState, DatasetStatus
from alerts.rules.title_matching import TitledDataset, Twin, find_twins, named, named_states
from opendata_spiders.store.models import Run


@dataclass(frozen=True, slots=True)
class Moved:
    """How the datasets of two epochs match; datasets by native id."""

    by_id: int
    twins: list[Twin]
    old_only: list[str]
    new_only: list[str]


def address(run: Run) -> str:
    """Family and base URL: how people tell two epochs apart."""
    return f"{run.family} {run.base_url}".strip()


def draft_moved(moved: Moved, step: RunContext) -> list[Draft]:
    """One event with counts, in place of thousands of removed and new datasets."""
    state = step.state
    evidence = {
        "by_id": moved.by_id,
        "by_key": len(moved.twins),
        "old_only": len(moved.old_only),
        "new_only": len(moved.new_only),
        "before": {"epoch": state.epoch, "address": state.address},
        "after": {"epoch": step.run.epoch, "address": address(step.run)},
        "runs": step.runs,
    }
    return [Draft("platform.moved", since=step.run.at, evidence=evidence)]


def match_epochs(step: RunContext) -> Moved:
    """Match the known datasets with the run's list: by id, else by title, and by office where that is decisive."""
    before, after = (dict(step.view.reader.entries(one).items()) for one in (step.state.known, step.run.manifest))
    same = before.keys() & after.keys()
    old = {name: entry for name, entry in before.items() if name not in same}
    new = {name: entry for name, entry in after.items() if name not in same}
    stayed = {name: after[name] for name in same}
    twins = find_twins(named(old, step), named(new, step), step.policy, lambda: named(stayed, step))
    found = {name for twin in twins for name in (twin.old, twin.new)}
    return Moved(len(same), twins, sorted(old.keys() - found), sorted(new.keys() - found))


def lost_in_migration(moved: Moved, step: RunContext) -> dict[str, DatasetState | None]:
    """Datasets lost in a migration, by native id: known ones without a match, and those that were missing before it.

    None for all other datasets with a state: listed now, or stated as gone under an id that now has another meaning.
    """
    listed = dict(step.listed.items())
    missing = {
        name: one for name, one in step.memory.datasets.items() if one.status not in ENDED and name not in listed
    }
    new = {name: listed[name] for name in moved.new_only}
    others = {name: entry for name, entry in listed.items() if name not in new}
    twins = find_twins(named_states(missing.values(), step), named(new, step), step.policy, lambda: named(others, step))
    came = {twin.old for twin in twins}
    lost = [replace(one, status=DatasetStatus.LEFT, absences=()) for name, one in missing.items() if name not in came]
    known = dict(step.view.reader.entries(step.state.known).items())
    versions = step.view.reader.versions({known[name].version for name in moved.old_only}, evidence=False)
    unmatched = [
        DatasetState(
            dataset=name,
            status=DatasetStatus.LEFT,
            entry=known[name],
            last_seen=step.state.last_complete_at or step.run.at,
            gap_before=0,
            title=label(versions.get(known[name].version), "title"),
            office=label(versions.get(known[name].version), "office"),
        )
        for name in moved.old_only
    ]
    return {**dict.fromkeys(step.memory.datasets), **{one.dataset: one for one in (*lost, *unmatched)}}


def without_latecomers(found: Delta, step: RunContext) -> Delta:
    """The delta without new datasets that were lost in a migration, matched by title and office: their ids differ."""
    if not found.appeared:
        return found
    lost = {name: one for name, one in step.memory.datasets.left().items() if name not in found.left}
    if not lost:
        return found

    def others() -> list[TitledDataset]:
        return named({name: entry for name, entry in found.listed.items() if name not in found.appeared}, step)

    # A dataset that vanished in this run takes precedence over a lost one with the same title.
    moved = find_twins(named(found.vanished, step), named(found.appeared, step), step.policy)
    fresh = {name: found.appeared[name] for name in found.appeared.keys() - {twin.new for twin in moved}}
    twins = find_twins(named_states(lost.values(), step), named(fresh, step), step.policy, others)
    came = {twin.new for twin in twins}
    return replace(
        found,
        appeared={name: one for name, one in found.appeared.items() if name not in came},
        left={**found.left, **{twin.old: lost[twin.old] for twin in twins}},
    )


def expired_losses(step: RunContext) -> list[str]:
    """Datasets lost in a migration for so long that they would be new if they were listed again."""
    return list(step.memory.datasets.left(last_seen_before=step.run.at - timedelta(days=step.policy.left_days)))
