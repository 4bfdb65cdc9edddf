"""Which events rest on snapshots that others recorded: told as history, with the source named, and never as news.

That is every event of an imported run; of our own runs what is stated by comparison with an imported list, until one
complete reading of our own is known; and, whenever it is stated, that a dataset is gone which only imported lists show.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from alerts.comparison.context import RunContext
from alerts.model.events import Event
from alerts.model.states import PortalState
from alerts.rules.availability import STREAK_KINDS
from opendata_spiders.store.models import ImportedFrom, Run


def rests_on_import(state: PortalState) -> bool:
    """Whether what is known of a portal was last confirmed by an imported run, and by no reading of our own since."""
    end = state.imported_until
    return end is not None and (state.last_complete_at is None or state.last_complete_at <= end)


def is_cut_loose(step: RunContext) -> bool:
    """Whether a run of our own shows so few of the ids that only snapshots are known to list that they mean others.

    A portal may take its ids from elsewhere than its family, and nobody knows what changed while nobody read it.
    """
    if step.run.imported or not rests_on_import(step.state):
        return False
    known, listed = set(step.view.reader.entries(step.state.known)), set(step.listed)
    return len(known & listed) < step.policy.continued_share * min(len(known), len(listed))


def marked(events: Iterable[Event], before: PortalState, run: Run) -> tuple[Event, ...]:
    """The events of a run, each with the snapshot that it rests on, if it does; `before`: the state before the run."""
    return tuple(replace(event, imported=_source(event, before, run)) for event in events)


def _source(event: Event, before: PortalState, run: Run) -> ImportedFrom | None:
    if run.imported is not None:
        return run.imported
    end = before.imported_until
    if end is None or event.kind in STREAK_KINDS:
        # How a portal could be read is told by our own runs alone.
        return None
    compared = rests_on_import(before) and before.epoch == run.epoch
    last_seen = max(_last_seen(event), default=None)
    return before.imported if compared or (last_seen and last_seen <= end) else None


def _last_seen(event: Event) -> Iterator[datetime]:
    """When the datasets that an event says are gone were last listed."""
    listed = event.evidence.get("datasets")
    for one in (event.evidence, *(listed if isinstance(listed, list | tuple) else ())):
        if isinstance(one, Mapping) and isinstance(at := one.get("last_seen"), datetime):
            yield at
