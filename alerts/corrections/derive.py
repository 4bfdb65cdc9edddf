"""Derives one portal's state and events anew in memory, with all regrades and retractions.

From the last checkpoint before the runs concerned, which gives what all runs from the first on would give.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from alerts.comparison.chunk_reader import ChunkReader
from alerts.corrections.annul import annul
from alerts.corrections.event_log import EventLog
from alerts.engine.checkpoints import FoldOf, copied_memory, last_checkpoint
from alerts.engine.fold import fold, summary
from alerts.engine.runner import PortalRef, stored, view_of
from alerts.model.events import Event
from alerts.model.memory import Memory
from alerts.model.policy import EventPolicy
from alerts.model.states import PortalState, Summary
from opendata_spiders.store.errors import PrunedError
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


def known_before(rules: Rules, seq: int, event_log: EventLog, *, made_by: datetime | None = None) -> Derived:
    """What is known at the last checkpoint before the run with this number; without one, nothing.

    `event_log`: of the same portal or part; `made_by`: only of checkpoints copied by then (domain time).
    """
    found = last_checkpoint(rules.store, FoldOf.RUNS, rules.place.id, seq, made_by=made_by)
    if found is None:
        return nothing(rules.place)
    memory, shown = copied_memory(rules.store, found)
    return Derived(memory, event_log.derived_until(found.at), shown)


def derive(start: Derived, runs: Iterable[Run], rules: Rules) -> Derived:
    """Fold the runs after those of `start` on top of it; only manifests are written, and those are content-addressed.

    Raises PrunedError if it needs a list that was thinned out.
    """
    try:
        return _derive(start, (run for run in runs if run.seq > start.memory.state.last_seq), rules)
    except PrunedError as error:
        raise PrunedError(
            f"{rules.place.slug} cannot be derived again from so far back: no checkpoint is kept of that time. {error}"
        ) from None


def _derive(start: Derived, runs: Iterable[Run], rules: Rules) -> Derived:
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
