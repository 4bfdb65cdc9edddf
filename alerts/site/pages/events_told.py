"""Events as lines of a list, each linked to its page."""

from collections.abc import Iterable
from dataclasses import dataclass

from alerts.model.events import Event
from alerts.records.isolation import apart
from alerts.site.sources import Sources
from alerts.text.labels import Both
from alerts.text.links import event_path, has_page
from alerts.text.statements import Statement, place_name, statement_of


@dataclass(frozen=True, slots=True)
class ToldEvent:
    """One event as one line."""

    event: Event
    words: Statement
    place: Both
    path: str
    """Of its page; empty if it has none."""


def told(events: Iterable[Event], sources: Sources) -> list[ToldEvent]:
    """The events in the given order, retracted ones marked; one that cannot be worded is left out."""
    lines = []
    for event in events:
        if event.id not in sources.without:
            with apart("page", event.id):
                path = event_path(event.id) if has_page(event) else ""
                words, place = statement_of(event, sources.places), place_name(event.slug, sources.places)
                lines.append(ToldEvent(sources.withdrawals.mark(event), words, place, path))
    return lines
