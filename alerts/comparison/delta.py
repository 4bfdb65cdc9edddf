"""Which datasets differ between what is known and what a run lists."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from alerts.comparison.context import RunContext
from alerts.comparison.dating import dates_listed
from alerts.comparison.event_builder import label
from alerts.comparison.reused_ids import find_reused, former, native
from alerts.comparison.run_view import Entries
from alerts.model.catalogue_dates import CatalogueDates
from alerts.model.states import ENDED, WAITING, DatasetState, DatasetStatus
from opendata_spiders import normalise
from opendata_spiders.store.models import Entry


@dataclass(frozen=True, slots=True)
class Delta:
    """The differences between a run's list and the known one; everything by native id."""

    listed: Entries
    """All entries that the run lists, loaded on demand."""
    dates: CatalogueDates
    """The dates of all listed entries."""
    appeared: Entries
    """Listed now, neither known nor with a state."""
    vanished: Entries
    """Known until now, not listed."""
    differing: Mapping[str, tuple[Entry, Entry]]
    """Known and listed, with entries that are not equal."""
    returned: Mapping[str, DatasetState]
    """Listed again after an absence that was not stated."""
    left: Mapping[str, DatasetState]
    """Listed again after a loss in a migration."""
    back: Mapping[str, DatasetState]
    """Listed again after they were stated as removed or unlisted."""
    waiting: Mapping[str, DatasetState]
    """Missing before the run and not listed by it, nothing stated of them yet …"""
    missing: Mapping[str, DatasetState]
    """… without those that never were datasets of their own (`undone`)."""
    reused: Mapping[str, str] = field(default_factory=dict)
    """Ids that refer to another dataset now, each with the name under which the earlier dataset is missing. The new
    dataset is in `appeared`, the earlier one in `vanished` under that name."""
    undone: frozenset[str] = frozenset()
    """Missing and never stated: twins whose datasets are listed under their old ids again."""

    def unlisted_since(self, moment: datetime, step: RunContext) -> Mapping[str, DatasetState]:
        """What is missing and not listed by the run: those `waiting`, and those stated as gone at `moment` or later."""
        ended = step.memory.datasets.ended_since(moment)
        return {**self.waiting, **{name: one for name, one in ended.items() if name not in self.back}}


def delta(step: RunContext) -> Delta:
    """Compare the run's manifest with the known one; only entries that differ are read.

    A dataset with a state is not in the known manifest, so it is listed again only if its id came with this run.
    """
    found = _by_id(step)
    reused = find_reused(found.differing, step)
    return _apart(found, reused, step) if reused else found


def _by_id(step: RunContext) -> Delta:
    listed, datasets = step.listed, step.memory.datasets
    before, after = step.view.reader.changed_entries(step.state.known, step.run.manifest)
    held = datasets.of(before.keys() ^ after.keys())
    again = {name: state for name, state in held.items() if name in after}
    waiting = {name: state for name, state in datasets.waiting().items() if name not in after}
    returned = {name: state for name, state in again.items() if state.status in WAITING}
    unsaid = {state.twin for state in returned.values() if state.twin and state.twin not in listed}
    gone = {name: entry for name, entry in before.items() if name not in after and name not in held}
    return Delta(
        listed=listed,
        dates=dates_listed(step),
        appeared={name: entry for name, entry in after.items() if name not in before and name not in again},
        vanished={name: entry for name, entry in gone.items() if name not in unsaid},
        differing=_pairs(before, after, returned),
        returned=returned,
        left={name: state for name, state in again.items() if state.status is DatasetStatus.LEFT},
        back={name: state for name, state in again.items() if state.status in ENDED},
        waiting=waiting,
        missing={name: one for name, one in waiting.items() if name not in unsaid},
        undone=frozenset(waiting.keys() & unsaid),
    )


def _apart(found: Delta, reused: list[str], step: RunContext) -> Delta:
    """Split reused ids into a vanished and an appeared dataset.

    If the id refers to its earlier dataset again, that one is listed as returned instead of appeared.
    """
    day = step.lens.day(step.run.at).isoformat()
    names = {name: former(name, day) for name in reused}
    again = {name: key for name in reused if (key := _former_of(name, found.listed[name], step))}
    returned = step.memory.datasets.of(again.values())
    return replace(
        found,
        appeared={**found.appeared, **{name: found.listed[name] for name in reused if name not in again}},
        vanished={**found.vanished, **{names[name]: found.differing[name][0] for name in reused}},
        differing={name: pair for name, pair in found.differing.items() if name not in names},
        returned={**found.returned, **returned},
        missing={name: one for name, one in found.missing.items() if name not in returned},
        reused={name: key for name, key in names.items() if name not in again},
    )


def _former_of(name: str, entry: Entry, step: RunContext) -> str | None:
    """The earlier dataset of a reused id, if it is not reported as removed yet and the id refers to it again."""
    version = step.view.reader.versions([entry.version], evidence=False).get(entry.version)
    now = normalise.second_key(label(version, "title"), label(version, "office"))
    known = (one for key, one in step.memory.datasets.waiting().items() if key != name and native(key) == name)
    return next((one.dataset for one in known if normalise.second_key(one.title, one.office) == now), None)


def _pairs(before: Entries, after: Entries, returned: Mapping[str, DatasetState]) -> Mapping[str, tuple[Entry, Entry]]:
    pairs = {name: (before[name], entry) for name, entry in after.items() if name in before}
    pairs |= {name: (state.entry, after[name]) for name, state in returned.items()}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
