"""The events of each city for one filter and role: filtered, sorted into sections, and counted."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from operator import attrgetter

from alerts.audience.filters import Filter
from alerts.model.events import Event, Severity
from alerts.model.sections import concerns, place_of, section_order

WATCHED = "watched"
"""The section of watched datasets."""
BY_DATASET = frozenset({WATCHED, "removed", "overdue", "new"})
"""Sections that count datasets; the others count one for each event, and for a bulk event its own count."""
_BULK = {"dataset.new": "bulk.import", "dataset.rekeyed": "bulk.rekeyed"}
"""Quiet kinds that are not counted if a bulk event of the same run covers them."""
Watched = frozenset[tuple[str, str]]
"""Portal id and native id of each dataset that a subscriber watches."""


@dataclass(frozen=True, slots=True, eq=False)
class CityEvents:
    """The events of one city within one section, the most important first."""

    slug: str
    events: tuple[Event, ...]
    count: int
    """Number of datasets they are about, or of events (BY_DATASET)."""
    order: tuple[int, float, int, str]
    """Sort key of the city within the section: the most severe first, then the one with most events."""
    fingerprint: str = ""
    """Equal only for the same events; empty if some of them are reminders, which are made for one reader."""


@dataclass(frozen=True, slots=True, eq=False)
class CityNews:
    """The news of one city for a reader."""

    slug: str
    events: tuple[Event, ...]
    """All events reported or counted, in order of writing."""
    sections: Mapping[str, CityEvents]
    """The events listed one by one or folded into one line, by section."""
    quiet: Mapping[str, int]
    """The quiet events, counted by kind: datasets or files, as a folded line of that kind counts."""
    about_state: bool
    """Whether one of the events is about the state of the city itself."""


def hear(events: Iterable[Event], scope: Filter, role: str, watched: Watched = frozenset()) -> list[CityNews]:
    """The news by city: the events that a reader with this scope and role gets."""
    by_slug: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        by_slug[event.slug].append(event)
    return [city_news(slug, heard(found, scope, role, watched), watched) for slug, found in by_slug.items()]


def heard(events: Sequence[Event], scope: Filter, role: str, watched: Watched) -> list[Event]:
    """The events that match the filter, and all events about watched datasets."""
    taken = [
        event
        for event in events
        if scope.takes(event, role) or (is_watched(event, watched) and concerns(role, event.kind, watched=True))
    ]
    return [*taken, *watched_in_bulk(events, watched)] if watched else taken


def watched_in_bulk(events: Sequence[Event], watched: Watched) -> list[Event]:
    """A removal of its own for each watched dataset in a bulk deletion, because the bulk event would hide it."""
    bulks = [event for event in events if event.kind == "bulk.deletion"] if watched else []
    return [
        replace(
            event,
            kind="dataset.removed",
            dataset=row["id"],
            title=row["title"],
            office=row["office"],
            evidence={"last_seen": row.get("last_seen"), "runs": [event.run]},
        )
        for event in bulks
        for row in event.evidence.get("datasets") or ()
        if (event.portal, row["id"]) in watched
    ]


def city_news(slug: str, events: Sequence[Event], watched: Watched = frozenset()) -> CityNews:
    """The news of one city; quiet events are only counted, unless they are about a watched dataset."""
    by_section: dict[str, list[Event]] = defaultdict(list)
    quiet: list[Event] = []
    bulks = {(event.kind, event.run) for event in events}
    # An event superseded by a later one of its chain is left out: a city that stopped is no longer about to stop.
    last = {(place_of(event.kind).chain, event.portal, event.dataset): event for event in events}
    for event in sorted(events, key=_rank):
        chain = place_of(event.kind).chain
        if chain and last[chain, event.portal, event.dataset] is not event:
            continue
        if is_watched(event, watched):
            by_section[WATCHED].append(event)
        elif event.severity is not Severity.QUIET:
            by_section[place_of(event.kind).section].append(event)
        elif (_BULK.get(event.kind), event.run) not in bulks:
            quiet.append(event)
    sections = {name: city_events(slug, name, found, fingerprint(found)) for name, found in by_section.items()}
    about_state = any(event.kind.startswith("city.") for event in events)
    return CityNews(slug, tuple(events), sections, Counter(event.kind for event in distinct(quiet)), about_state)


def fingerprint(events: Sequence[Event]) -> str:
    """A hash that is equal only for the same events in the same order.

    It includes kind and dataset beside the id, because `watched_in_bulk` makes several events of one.
    """
    named = "\n".join(f"{event.id} {event.kind} {event.dataset}" for event in events)
    return hashlib.sha256(named.encode("utf-8", "surrogatepass")).hexdigest()


def is_watched(event: Event, watched: Watched) -> bool:
    """Whether it is about a dataset the reader watches."""
    return event.dataset is not None and (event.portal, event.dataset) in watched


def _rank(event: Event) -> tuple[int, str, datetime, int]:
    """Sort key that keeps events of one kind together, also within a row of sections.csv: each kind is folded once."""
    return place_of(event.kind).rank, event.kind, event.since or event.at, event.seq


def city_events(slug: str, section: str, events: Sequence[Event], fingerprint: str = "") -> CityEvents:
    """The events of one city in a section with their count; `events` holds at least one and is in order."""
    first = events[0]
    # Oldest first where the duration matters (a stop); elsewhere the time within the night does not matter.
    age = first.since.timestamp() if first.since and first.dataset is None else 0.0
    count = datasets_in(events) if section in BY_DATASET else sum(_weight(event) for event in events)
    order = (place_of(first.kind).rank, age, -len(events), slug)
    return CityEvents(slug, tuple(events), count, order, fingerprint)


def distinct(events: Iterable[Event]) -> list[Event]:
    """The first event of each kind about each subject, so that a dataset that changes often counts once.

    The subject is a dataset, for events about a file that file, for events about a city or portal the event itself.
    """
    return list({_subject(event): event for event in reversed(list(events))}.values())[::-1]


def _subject(event: Event) -> tuple[object, ...]:
    if event.dataset is None:
        return event.kind, event.portal, event.seq, event.id
    file = (event.evidence.get("file"), event.evidence.get("name")) if event.kind.startswith("resource.") else None
    return event.kind, event.portal, event.dataset, file


def datasets_in(events: Iterable[Event]) -> int:
    """Number of datasets these events are about, each counted once, including those of bulk events."""
    ids = {(event.portal, event.dataset) for event in events if event.dataset is not None}
    bulks = [event for event in events if is_bulk(event)]
    named = {
        (event.portal, row.get("id"))
        for event in bulks
        for row in event.evidence.get("datasets") or ()
        if isinstance(row, Mapping)
    }
    return len(ids - named) + sum(_weight(event) for event in bulks)


def is_bulk(event: Event) -> bool:
    """Whether it is one event for many datasets."""
    return event.kind.startswith("bulk.")


def _weight(event: Event) -> int:
    """The number of datasets of a bulk event; 1 for any other event."""
    count = event.evidence.get("count") if is_bulk(event) else None
    return count if isinstance(count, int) else 1


def count_of(cities: Sequence[CityEvents]) -> int:
    """The count of a section for these cities; the number of events if none of them is about a dataset."""
    return sum(city.count for city in cities) or sum(len(city.events) for city in cities)


def with_reminders(news: Sequence[CityNews], reminders: Iterable[Event]) -> list[CityNews]:
    """The news with the events of reminders.py added to their cities.

    Sections that get a reminder lose their fingerprint, because the text of a reminder depends on its reader.
    """
    cities = {one.slug: one for one in news}
    extra: dict[str, list[Event]] = defaultdict(list)
    for event in reminders:
        extra[event.slug].append(event)
    for slug, events in extra.items():
        more, before = city_news(slug, events), cities.get(slug)
        sections = dict(before.sections) if before else {}
        for name, added in more.sections.items():
            known = sections[name].events if name in sections else ()
            sections[name] = city_events(slug, name, sorted((*known, *added.events), key=_rank))
        if before:
            about_state = before.about_state or more.about_state
            more = replace(before, events=(*before.events, *more.events), about_state=about_state)
        cities[slug] = replace(more, sections=sections)
    return list(cities.values())


def by_section(news: Iterable[CityNews]) -> dict[str, list[CityEvents]]:
    """Section to its cities, in the order of a digest."""
    found: dict[str, list[CityEvents]] = {name: [] for name in section_order()}
    for one in news:
        for name, city in one.sections.items():
            found[name].append(city)
    return {name: sorted(cities, key=attrgetter("order")) for name, cities in found.items() if cities}


def event_ids(news: Iterable[CityNews]) -> tuple[str, ...]:
    """Id of every event reported or counted, once, in order of writing."""
    events = sorted((event for one in news for event in one.events), key=attrgetter("seq"))
    return tuple(dict.fromkeys(event.id for event in events))
