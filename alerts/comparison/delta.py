"""Which datasets differ between what is known and what a run lists."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from alerts.comparison.event_builder import label
from alerts.comparison.reused_ids import find_reused, former, native
from alerts.comparison.run_view import Entries, RunView
from alerts.model.policy import EventPolicy
from alerts.model.states import DatasetState, DatasetStatus, Memory
from opendata_spiders import normalise
from opendata_spiders.store.models import Entry

WAITING = (DatasetStatus.PENDING, DatasetStatus.HELD)
ENDED = (DatasetStatus.REMOVED, DatasetStatus.UNLISTED)


@dataclass(frozen=True, slots=True)
class Delta:
    """A run's list against the known one; everything by native id."""

    listed: Entries
    """All that the run lists."""
    appeared: Entries
    """Listed now, and neither known nor a tombstone."""
    vanished: Entries
    """Known until now, not listed."""
    differing: Mapping[str, tuple[Entry, Entry]]
    """Known and listed, with entries that are not equal."""
    returned: Mapping[str, DatasetState]
    """Listed again after an absence that had not been stated."""
    left: Mapping[str, DatasetState]
    """Listed again after they were lost in a migration."""
    back: Mapping[str, DatasetState]
    """Listed again after they were stated as removed or unlisted."""
    missing: Mapping[str, DatasetState]
    """Still absent, not stated yet."""
    reused: Mapping[str, str] = field(default_factory=dict)
    """Ids that mean another dataset now, each with the name under which the former one is missing; the new one is
    among `appeared`, the former among `vanished` under that name."""
    undone: frozenset[str] = frozenset()
    """Missing already, and never stated: the new ids of datasets that are listed under their old ones again."""


def delta(memory: Memory, view: RunView, policy: EventPolicy) -> Delta:
    """Compare the run's manifest with the known one; only buckets that differ are looked into."""
    found = _by_id(memory, view)
    reused = find_reused(found.differing, view, view.lens, policy)
    return _apart(found, reused, memory, view) if reused else found


def _by_id(memory: Memory, view: RunView) -> Delta:
    manifest, known = view.run.manifest, memory.state.known
    before, after = view.reader.changed_entries(known, manifest)
    listed = view.reader.entries(manifest)
    again = {name: state for name, state in memory.datasets.items() if name in listed}
    returned = {name: state for name, state in again.items() if state.status in WAITING}
    unsaid = {state.twin for state in returned.values()} - listed.keys()
    missing = {name: one for name, one in memory.datasets.items() if name not in listed and one.status in WAITING}
    gone = {name: entry for name, entry in before.items() if name not in after and name not in memory.datasets}
    return Delta(
        listed=listed,
        appeared={name: entry for name, entry in after.items() if name not in before and name not in again},
        vanished={name: entry for name, entry in gone.items() if name not in unsaid},
        differing=_pairs(before, after, returned, listed),
        returned=returned,
        left={name: state for name, state in again.items() if state.status is DatasetStatus.LEFT},
        back={name: state for name, state in again.items() if state.status in ENDED},
        missing={name: one for name, one in missing.items() if name not in unsaid},
        undone=frozenset(missing.keys() & unsaid),
    )


def _apart(found: Delta, reused: list[str], memory: Memory, view: RunView) -> Delta:
    """With the ids that mean another dataset as vanished and appeared; one that means its former one again is back."""
    day = view.lens.day(view.run.at).isoformat()
    names = {name: former(name, day) for name in reused}
    again = {name: key for name in reused if (key := _former_of(name, found.listed[name], memory, view))}
    returned = {key: memory.datasets[key] for key in again.values()}
    return replace(
        found,
        appeared={**found.appeared, **{name: found.listed[name] for name in reused if name not in again}},
        vanished={**found.vanished, **{names[name]: found.differing[name][0] for name in reused}},
        differing={name: pair for name, pair in found.differing.items() if name not in names},
        returned={**found.returned, **returned},
        missing={name: one for name, one in found.missing.items() if name not in returned},
        reused={name: key for name, key in names.items() if name not in again},
    )


def _former_of(name: str, entry: Entry, memory: Memory, view: RunView) -> str | None:
    """The former dataset of an id that waits to be told as gone and is what the id means again."""
    waiting = [key for key, one in memory.datasets.items() if key != name and native(key) == name]
    version = view.reader.versions([entry.version], evidence=False).get(entry.version)
    now = normalise.second_key(label(version, "title"), label(version, "office"))
    known = (memory.datasets[key] for key in waiting)
    return next(
        (one.dataset for one in known if one.status in WAITING and normalise.second_key(one.title, one.office) == now),
        None,
    )


def _pairs(
    before: Entries, after: Entries, returned: Mapping[str, DatasetState], listed: Entries
) -> dict[str, tuple[Entry, Entry]]:
    pairs = {name: (before[name], entry) for name, entry in after.items() if name in before}
    pairs |= {name: (state.entry, listed[name]) for name, state in returned.items()}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
