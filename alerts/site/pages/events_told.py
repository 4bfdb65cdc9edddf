"""Events as lines of a list, each linked to its page."""

from collections.abc import Iterable
from dataclasses import dataclass

from alerts.model.events import Event
from alerts.records.isolation import apart
from alerts.site.sources import Sources
from alerts.text.labels import Both, kind_name
from alerts.text.links import event_path, has_page
from alerts.text.statements import place_name, statement_of


@dataclass(frozen=True, slots=True)
class ToldEvent:
    """One event as one line."""

    event: Event
    name: Both
    """Place and kind; the title of a dataset stands in the sentence."""
    what: Both
    path: str
    """Of its page; empty if it has none."""


def told(events: Iterable[Event], sources: Sources) -> list[ToldEvent]:
    """The events in the given order, retracted ones marked; one that cannot be worded is left out."""
    lines = []
    for event in events:
        if event.id not in sources.without:
            with apart("page", event.id):
                path = event_path(event.id) if has_page(event) else ""
                name = Both.joined((place_name(event.slug, sources.places), kind_name(event.kind)), " · ")
                what = statement_of(event, sources.places).what
                lines.append(ToldEvent(sources.withdrawals.mark(event), name, what, path))
    return lines
