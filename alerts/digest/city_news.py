"""What happened in each city, as one sort of reader hears of it: filtered, sorted into sections, and counted."""

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
"""Sections that count datasets; the others count matters: one for each event, and for a bulk event what it counts."""
_BULK = {"dataset.new": "bulk.import", "dataset.rekeyed": "bulk.rekeyed"}
"""Quiet kinds that are not counted where a bulk event of the same run covers them."""
Watched = frozenset[tuple[str, str]]
"""Portal id and native id of each dataset somebody watches."""


@dataclass(frozen=True, slots=True, eq=False)
class CityEvents:
    """The events of one city within one section, the most important first."""

    slug: str
    events: tuple[Event, ...]
    count: int
    """How many datasets they are about, or matters they stand for (BY_DATASET)."""
    order: tuple[int, float, int, str]
    """Where the city comes within the section: the worst first, then the one with most events."""
    fingerprint: str = ""
    """Equal only for the same events; empty where some of them are made up for one reader (reminders)."""


@dataclass(frozen=True, slots=True, eq=False)
class CityNews:
    """What one city has to tell a reader."""

    slug: str
    events: tuple[Event, ...]
    """All that is told or counted, in order of writing."""
    sections: Mapping[str, CityEvents]
    """What is told one by one or folded, by section."""
    quiet: Mapping[str, int]
    """The rest, counted by kind: what a fold of that kind counts, datasets or files."""
    about_state: bool
    """Whether one of them is about the state of the city itself."""


def hear(events: Iterable[Event], scope: Filter, role: str, watched: Watched = frozenset()) -> list[CityNews]:
    """Those of any events that such a reader is to hear of, by city."""
    by_slug: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        by_slug[event.slug].append(event)
    return [city_news(slug, heard(found, scope, role, watched), watched) for slug, found in by_slug.items()]


def heard(events: Sequence[Event], scope: Filter, role: str, watched: Watched) -> list[Event]:
    """What the filter takes, and whatever happens to a watched dataset."""
    taken = [
        event
        for event in events
        if scope.takes(event, role) or (is_watched(event, watched) and concerns(role, event.kind))
    ]
    return [*taken, *watched_in_bulk(events, watched)] if watched else taken


def watched_in_bulk(events: Sequence[Event], watched: Watched) -> list[Event]:
    """For each watched dataset in a bulk deletion a removal of its own: the bulk event would hide it."""
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
    # What a later event of the same chain has overtaken is not told: a city that stopped is no longer about to stop.
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
    """Equal only for the same events in the same order.

    The kind and dataset stand beside the id because `watched_in_bulk` makes several events of one.
    """
    named = "\n".join(f"{event.id} {event.kind} {event.dataset}" for event in events)
    return hashlib.sha256(named.encode("utf-8", "surrogatepass")).hexdigest()


def is_watched(event: Event, watched: Watched) -> bool:
    """Whether it is about a dataset the reader watches."""
    return event.dataset is not None and (event.portal, event.dataset) in watched


def _rank(event: Event) -> tuple[int, str, datetime, int]:
    """Kinds of one row of sections.csv stay apart, so that each is folded once."""
    return place_of(event.kind).rank, event.kind, event.since or event.at, event.seq


def city_events(slug: str, section: str, events: Sequence[Event], fingerprint: str = "") -> CityEvents:
    """These events of one city, at least one and in order, as they are counted in that section."""
    first = events[0]
    # Oldest first where time is the point (a stop); elsewhere it does not matter when in the night it was seen.
    age = first.since.timestamp() if first.since and first.dataset is None else 0.0
    count = datasets_in(events) if section in BY_DATASET else sum(_weight(event) for event in events)
    order = (place_of(first.kind).rank, age, -len(events), slug)
    return CityEvents(slug, tuple(events), count, order, fingerprint)


def distinct(events: Iterable[Event]) -> list[Event]:
    """The first event of each kind about each subject: in a week one dataset changes often, and is one dataset.

    The subject is a dataset, for events about a file that file, for those about a city or portal the event itself.
    """
    return list({_subject(event): event for event in reversed(list(events))}.values())[::-1]


def _subject(event: Event) -> tuple[object, ...]:
    if event.dataset is None:
        return event.kind, event.portal, event.seq, event.id
    file = (event.evidence.get("file"), event.evidence.get("name")) if event.kind.startswith("resource.") else None
    return event.kind, event.portal, event.dataset, file


def datasets_in(events: Iterable[Event]) -> int:
    """How many datasets these events are about, each counted once, those of a bulk event included."""
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
    """Whether it stands for many datasets."""
    return event.kind.startswith("bulk.")


def _weight(event: Event) -> int:
    """A bulk event stands for as many datasets as it counts."""
    count = event.evidence.get("count") if is_bulk(event) else None
    return count if isinstance(count, int) else 1


def count_of(cities: Sequence[CityEvents]) -> int:
    """What a section counts in these cities; where none of it is about a dataset, its events."""
    return sum(city.count for city in cities) or sum(len(city.events) for city in cities)


def with_reminders(news: Sequence[CityNews], reminders: Iterable[Event]) -> list[CityNews]:
    """The news with the events of reminders.py added to their cities; watched datasets have none.

    The fingerprints of what is added to are dropped: a reminder's words depend on its reader.
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
    """Every event told or counted, once, in order of writing."""
    events = sorted((event for one in news for event in one.events), key=attrgetter("seq"))
    return tuple(dict.fromkeys(event.id for event in events))
