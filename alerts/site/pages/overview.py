"""The first page: the state of every city, and the latest events."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from alerts.audience.remarks import Remark, remark_words
from alerts.model.events import Event
from alerts.model.places import PortalName
from alerts.publish.standing import STALE, is_stale, shown_state
from alerts.records.isolation import apart
from alerts.records.published import newest
from alerts.records.queries import CityView
from alerts.site.policy import policy
from alerts.site.sources import Sources
from alerts.site.tree import Trees
from alerts.site.words import said
from alerts.text.labels import Both
from alerts.text.parts import as_text
from alerts.text.statements import Statement, both, place_name, statement_of
from alerts.text.templates import when

_ORDER = (
    "stopped",
    "stopped_faking",
    "down",
    "stopping",
    "slowed",
    "empty",
    "resumed",
    "live",
    "undated",
    "blocked",
    "drifted",
)


@dataclass(frozen=True, slots=True)
class CityRow:
    """One city's row: its state as of the last complete run."""

    view: CityView
    place: Both
    key: str
    """The state, or `stale`; determines the colour."""
    as_of: str
    """Day of the last complete run, if the state is stale; else empty."""
    note: Both
    """A person's note on the city."""


def city_rows(
    views: Iterable[CityView], places: Mapping[str, PortalName], now: datetime, notes: Mapping[str, Remark]
) -> list[CityRow]:
    """The cities, the most severe state first, then the longest silence; stale ones come last.

    `notes` are by portal id.
    """

    def words(note: Remark) -> Both:
        return both(lambda wording: as_text(remark_words(note, wording, now)))

    rows = []
    for view in views:
        with apart("portal", view.slug):
            note = notes.get(view.portal)
            rows.append(
                CityRow(
                    view=view,
                    place=place_name(view.slug, places),
                    key=shown_state(view, now),
                    as_of=when(view.last_complete_at)[:10] if is_stale(view, now) else "",
                    note=words(note) if note else Both("", ""),
                )
            )
    return sorted(rows, key=lambda row: (_rank(row.key), -(row.view.days_silent or 0), row.view.slug))


def _rank(state: str) -> int:
    return _ORDER.index(state) if state in _ORDER else len(_ORDER) + (state == STALE)


def event_rows(events: Iterable[Event], places: Mapping[str, PortalName]) -> list[tuple[Event, Statement]]:
    """The events in the given order, each with its statement; one that cannot be worded is left out."""
    rows = []
    for event in events:
        with apart("page", event.id):
            rows.append((event, statement_of(event, places)))
    return rows


def put(trees: Trees, sources: Sources) -> None:
    """Put the page into both trees."""
    events = (one for one in newest(sources.store, policy().overview_events) if one.id not in sources.without)
    trees.put(
        "index.html",
        "overview.html.j2",
        title=said("name"),
        section="overview",
        made=sources.now,
        cities=city_rows(sources.cities, sources.places, sources.now, sources.notes),
        events=event_rows(map(sources.withdrawals.mark, events), sources.places),
    )
