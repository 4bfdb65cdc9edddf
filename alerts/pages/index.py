"""What the first page shows: where every city stands, and what was stated last."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from alerts.apart import apart
from alerts.digest.model import Place
from alerts.events import Event
from alerts.pages.addresses import event_path
from alerts.pages.evidence import when
from alerts.pages.labels import Both, label
from alerts.pages.told import place_name, told
from alerts.read import CityView

_ORDER = ("stopped", "stopped_faking", "down", "stopping", "slowed", "empty", "resumed", "live", "blocked", "drifted")


@dataclass(frozen=True, slots=True)
class CityRow:
    """One city's line."""

    slug: str
    place: Both
    key: str
    state: Both
    since: str
    last_update: str
    silent: int | None
    looked: str
    verdict: Both
    known: int
    overdue: int


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event's line."""

    path: str
    day: str
    severity: str
    title: Both
    what: Both
    withdrawn: bool


def city_rows(views: Iterable[CityView], places: Mapping[str, Place]) -> list[CityRow]:
    """The cities, those in the worst state first, the longest silent among them first."""
    ordered = sorted(views, key=lambda view: (_rank(view.state), -(view.days_silent or 0), view.slug))
    rows = []
    for view in ordered:
        with apart("portal", view.slug):
            rows.append(_city(view, places))
    return rows


def _rank(state: str) -> int:
    return _ORDER.index(state) if state in _ORDER else len(_ORDER)


def _city(view: CityView, places: Mapping[str, Place]) -> CityRow:
    return CityRow(
        slug=view.slug,
        place=place_name(view.slug, places),
        key=view.state,
        state=label(f"state.{view.state}"),
        since=when(view.since)[:10],
        last_update=when(view.evidence.date)[:10] if view.evidence else "",
        silent=view.days_silent,
        looked=when(view.last_at),
        verdict=label(f"verdict.{view.last_verdict.value}") if view.last_verdict else Both("", ""),
        known=view.counts.get("known", 0),
        overdue=view.counts.get("overdue", 0) + view.counts.get("delinquent", 0),
    )


def event_rows(events: Sequence[Event], places: Mapping[str, Place]) -> list[EventRow]:
    """The events as they come; one that cannot be told is left out."""
    rows = []
    for event in events:
        with apart("page", event.id):
            rows.append(_event(event, places))
    return rows


def _event(event: Event, places: Mapping[str, Place]) -> EventRow:
    words = told(event, places)
    return EventRow(
        path=event_path(event.id),
        day=when(event.at)[:10],
        severity=event.severity.value,
        title=words.title,
        what=words.what,
        withdrawn=bool(event.retracted),
    )
