"""Which datasets differ between what is known and what a run lists."""

from collections.abc import Mapping
from dataclasses import dataclass

from alerts.diff.state import DatasetState, Memory, Status
from alerts.diff.view import Entries, RunView
from opendata_spiders.store.models import Entry

WAITING = (Status.PENDING, Status.HELD)
ENDED = (Status.REMOVED, Status.UNLISTED)


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
    """Listed again after a move that had left them behind."""
    back: Mapping[str, DatasetState]
    """Listed again after they were stated as removed or unlisted."""
    missing: Mapping[str, DatasetState]
    """Still absent, not stated yet."""
    undone: frozenset[str] = frozenset()
    """Missing already, and never stated: the new ids of datasets that are listed under their old ones again."""


def delta(memory: Memory, view: RunView) -> Delta:
    """Compare the run's manifest with the known one; only buckets that differ are looked into."""
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
        left={name: state for name, state in again.items() if state.status is Status.LEFT},
        back={name: state for name, state in again.items() if state.status in ENDED},
        missing={name: one for name, one in missing.items() if name not in unsaid},
        undone=frozenset(missing.keys() & unsaid),
    )


def _pairs(
    before: Entries, after: Entries, returned: Mapping[str, DatasetState], listed: Entries
) -> dict[str, tuple[Entry, Entry]]:
    pairs = {name: (before[name], entry) for name, entry in after.items() if name in before}
    pairs |= {name: (state.entry, listed[name]) for name, state in returned.items()}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
