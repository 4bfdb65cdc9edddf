"""The shell around the fold: folds every run that was not folded yet, portal by portal, in commit order."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo

from alerts.comparison.file_samples import StoredSamples
from alerts.comparison.other_portals import StoredNeighbours
from alerts.comparison.run_view import SHANGHAI, RunView
from alerts.engine.fold import Folded, fold, summary
from alerts.engine.repository import RaceLostError, commit, load
from alerts.model.events import Event
from alerts.model.policy import EventPolicy
from alerts.model.states import Memory
from opendata_spiders.store.models import Run, Window
from opendata_spiders.store.store import Store


@dataclass(frozen=True, slots=True)
class PortalRef:
    """A portal to be folded."""

    id: str
    slug: str
    tz: tzinfo = SHANGHAI
    registered: bool = False
    """Whether the register holds it."""
    parents: tuple[str, ...] = ()
    """Ids of the portals of the level above."""


@dataclass(frozen=True, slots=True)
class FoldReport:
    """What folding one portal did."""

    place: PortalRef
    runs: int = 0
    events: list[Event] = field(default_factory=list)


def fold_new(store: Store, place: PortalRef, policy: EventPolicy, ours: tuple[Window, ...] = ()) -> FoldReport:
    """Fold every run after the last folded one; `ours` are the nights in which our own line failed.

    Two processes at once do no harm: the slower one takes over what the faster one has written and goes on.
    """
    runs, events = 0, list[Event]()
    while True:
        memory = load(store, place.id)
        try:
            for folded, stated in _fold_all(store, place, memory, policy, ours):
                memory, runs = folded.memory, runs + 1
                events += stated
        except RaceLostError:
            continue
        return FoldReport(place, runs, events)


def _fold_all(
    store: Store, place: PortalRef, memory: Memory, policy: EventPolicy, ours: tuple[Window, ...]
) -> Iterator[tuple[Folded, list[Event]]]:
    for run in store.graded_runs(place.id, after_seq=memory.state.last_seq):
        view = view_of(store, place, run, ours)
        folded = stored(store, fold(memory, view, policy))
        shown = summary(folded.memory.state, view.lens, policy)
        yield folded, commit(store, memory.state, folded, shown)
        memory = folded.memory


def view_of(store: Store, place: PortalRef, run: Run, ours: tuple[Window, ...]) -> RunView:
    """The run as a fold sees it."""
    beside = StoredNeighbours(store, place.parents, place.registered)
    samples = StoredSamples(store, place.id)
    return RunView(run, store, place.tz, uplink_down=is_within(run.started, ours), neighbours=beside, samples=samples)


def stored(store: Store, folded: Folded) -> Folded:
    """The fold with what is known after a partial run stored as a manifest of its own."""
    if folded.merged is None:
        return folded
    known = store.put_entries(folded.merged.values())
    state = replace(folded.memory.state, known=known)
    return replace(folded, memory=replace(folded.memory, state=state), merged=None)


def is_within(started: datetime, windows: tuple[Window, ...]) -> bool:
    """Whether a reading that began then fell into one of these nights."""
    return any(start <= started <= end for start, end in windows)
