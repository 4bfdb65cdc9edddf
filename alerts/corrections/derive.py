"""Derives one portal's state and events anew in memory, from its first run, with all regrades and retractions."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from alerts.comparison.chunk_reader import ChunkReader
from alerts.corrections.annul import annul
from alerts.engine.fold import fold, summary
from alerts.engine.runner import PortalRef, stored, view_of
from alerts.model.events import Event
from alerts.model.policy import EventPolicy
from alerts.model.states import Memory, PortalState, Summary
from opendata_spiders.store.models import Run, Window
from opendata_spiders.store.store import Store

Words = Mapping[str, list[Event]]
"""The events that persons have retracted, by the run that was the last one folded at that time."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What a derivation depends on besides the runs."""

    store: Store
    place: PortalRef
    policy: EventPolicy
    ours: tuple[Window, ...] = ()
    words: Words = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Derived:
    """The memory and the events that a number of runs lead to."""

    memory: Memory
    events: Mapping[str, Event] = field(default_factory=dict)
    """By id, without those stated before these runs."""
    shown: Summary | None = None


def nothing(place: PortalRef) -> Derived:
    """The state before the first run."""
    return Derived(Memory(PortalState(place.id, "")))


def derive(start: Derived, runs: Iterable[Run], rules: Rules) -> Derived:
    """Fold the runs on top of `start`; only manifests are written, and those are content-addressed."""
    memory, shown, events = start.memory, start.shown, dict[str, Event]()
    reader = ChunkReader(rules.store)
    for run in runs:
        view = view_of(rules.store, rules.place, run, rules.ours, reader)
        folded = stored(rules.store, fold(memory, view, rules.policy))
        memory = folded.memory
        reader.keep(memory.state.known)
        for event in rules.words.get(run.id, ()):
            memory = annul(memory, event)
        events |= {event.id: event for event in folded.events if event.id not in start.events}
        shown = summary(memory.state, view.lens, rules.policy)
    return Derived(memory, events, shown)
