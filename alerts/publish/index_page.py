"""What the first page shows: where every city stands, and what was stated last."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.audience.remarks import Remark, remark_words
from alerts.model.events import Event
from alerts.model.places import PortalName
from alerts.publish.evidence_rows import when
from alerts.publish.policy import policy
from alerts.records.isolation import apart
from alerts.records.queries import CityView
from alerts.text.labels import Both, label
from alerts.text.links import event_path
from alerts.text.parts import as_text
from alerts.text.statements import both, place_name, told

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
_TRIED = frozenset({"down", "empty", "blocked", "drifted"})
"""States of the last readings whatever their verdict: they are told as of these."""
STALE = "stale"
"""Style of a state that nobody has seen lately."""


@dataclass(frozen=True, slots=True)
class CityRow:
    """One city's line: its state as of the last complete reading."""

    slug: str
    place: Both
    key: str
    """The state, or `stale`: how it is coloured."""
    state: Both
    as_of: str
    """Day of the last complete reading, where that is too long ago to be today's state."""
    since: str
    last_update: str
    silent: int | None
    looked: str
    """When the portal was last read completely."""
    tried: str
    """When it was last tried, where that reading was not complete."""
    verdict: Both
    known: int
    overdue: int
    note: Both
    """What a person says of it."""


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event's line."""

    path: str
    day: str
    severity: str
    title: Both
    what: Both
    withdrawn: bool


def city_rows(
    views: Iterable[CityView], places: Mapping[str, PortalName], now: datetime, notes: Mapping[str, Remark]
) -> list[CityRow]:
    """The cities, those in the worst state first, the longest silent among them first; what is stale comes last.

    `notes` are by id of the portal.
    """
    rows = []
    for view in views:
        with apart("portal", view.slug):
            rows.append((view, _city(view, places, now, notes.get(view.portal))))
    ordered = sorted(rows, key=lambda row: (_rank(row[1].key), -(row[0].days_silent or 0), row[0].slug))
    return [row for _, row in ordered]


def _rank(state: str) -> int:
    return _ORDER.index(state) if state in _ORDER else len(_ORDER) + (state == STALE)


def _city(view: CityView, places: Mapping[str, PortalName], now: datetime, note: Remark | None) -> CityRow:
    read = view.last_complete_at
    stale = read is None or now - read > timedelta(days=policy().current_days)
    return CityRow(
        slug=view.slug,
        place=place_name(view.slug, places),
        key=STALE if stale and view.state not in _TRIED else view.state,
        state=label(f"state.{view.state}"),
        as_of=when(read)[:10] if stale else "",
        since=when(view.since)[:10],
        last_update=when(view.evidence.date)[:10] if view.evidence else "",
        silent=view.days_silent,
        looked=when(read),
        tried=when(view.last_at) if view.last_at != read else "",
        verdict=label(f"verdict.{view.last_verdict.value}") if view.last_verdict else Both("", ""),
        known=view.counts.get("known", 0),
        overdue=view.counts.get("overdue", 0) + view.counts.get("delinquent", 0),
        note=both(lambda wording: as_text(remark_words(note, wording, now))) if note else Both("", ""),
    )


def event_rows(events: Sequence[Event], places: Mapping[str, PortalName]) -> list[EventRow]:
    """The events as they come; one that cannot be told is left out."""
    rows = []
    for event in events:
        with apart("page", event.id):
            rows.append(_event(event, places))
    return rows


def _event(event: Event, places: Mapping[str, PortalName]) -> EventRow:
    words = told(event, places)
    return EventRow(
        path=event_path(event.id),
        day=when(event.at)[:10],
        severity=event.severity.value,
        title=words.title,
        what=words.what,
        withdrawn=bool(event.retracted),
    )
