"""A night's events as one sort of reader hears of them: by city, filtered and put in order once for all of them."""

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
"""Sections that are counted in datasets; the others in matters: one each event, and as many as a bulk event counts."""
_BULK = {"dataset.new": "bulk.import", "dataset.rekeyed": "bulk.rekeyed"}
"""Kinds whose events are quiet where an event of the other kind speaks for all of a run."""
Watched = frozenset[tuple[str, str]]
"""Portal id and native id of each dataset somebody watches."""


@dataclass(frozen=True, slots=True, eq=False)
class Lot:
    """The events of one section and one city, the most important first."""

    slug: str
    events: tuple[Event, ...]
    count: int
    """How many datasets they are about, or matters they stand for (BY_DATASET)."""
    order: tuple[int, float, int, str]
    """Where its city comes in the section: the worst first, then the fullest."""


@dataclass(frozen=True, slots=True, eq=False)
class CityNews:
    """What one city has to tell a reader."""

    slug: str
    events: tuple[Event, ...]
    """All that is told or counted, in order of writing."""
    lots: Mapping[str, Lot]
    """What is told one by one or folded, by section."""
    quiet: Mapping[str, int]
    """The rest, counted by kind: what a fold of that kind counts, datasets or files."""
    turned: bool
    """Whether one of them is about the state of the city itself."""


def hear(events: Iterable[Event], scope: Filter, role: str, watched: Watched = frozenset()) -> list[CityNews]:
    """Of any events those that such a reader is to hear of, by city."""
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
    """A watched dataset that went with many others, as news of its own: the bulk event alone would hide it."""
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
    for event in sorted(_standing(events), key=_rank):
        if is_watched(event, watched):
            by_section[WATCHED].append(event)
        elif event.severity is not Severity.QUIET:
            by_section[place_of(event.kind).section].append(event)
        elif (_BULK.get(event.kind), event.run) not in bulks:
            quiet.append(event)
    lots = {name: lot_of(slug, name, found) for name, found in by_section.items()}
    turned = any(event.kind.startswith("city.") for event in events)
    return CityNews(slug, tuple(events), lots, Counter(event.kind for event in distinct(quiet)), turned)


def _standing(events: Sequence[Event]) -> list[Event]:
    """Without what a later event has overtaken: a city that stopped is no longer about to stop."""
    last = {(place_of(event.kind).chain, event.portal, event.dataset): event for event in events}
    return [
        event
        for event in events
        if not (chain := place_of(event.kind).chain) or last[chain, event.portal, event.dataset] is event
    ]


def is_watched(event: Event, watched: Watched) -> bool:
    """Whether it is about a dataset the reader watches."""
    return event.dataset is not None and (event.portal, event.dataset) in watched


def _rank(event: Event) -> tuple[int, str, datetime, int]:
    """Kinds of one row of sections.csv stay apart, so that each is folded once."""
    return place_of(event.kind).rank, event.kind, event.since or event.at, event.seq


def lot_of(slug: str, section: str, events: Sequence[Event]) -> Lot:
    """These events of one city, at least one and in order, as they are counted in that section."""
    order = (_rank(events[0])[0], _age(events[0]), -len(events), slug)
    count = datasets_in(events) if section in BY_DATASET else sum(_weight(event) for event in events)
    return Lot(slug, tuple(events), count, order)


def _age(first: Event) -> float:
    """Oldest first where time is the point (a stop); elsewhere it does not matter when in the night it was seen."""
    return first.since.timestamp() if first.since and first.dataset is None else 0.0


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


def count_of(lots: Sequence[Lot]) -> int:
    """What a section counts in these cities; where none of it is about a dataset, its events."""
    return sum(lot.count for lot in lots) or sum(len(lot.events) for lot in lots)


def with_occasions(news: Sequence[CityNews], occasions: Iterable[Event]) -> list[CityNews]:
    """The news with what nobody stated that night added to its city (see occasions.py); watched datasets have none."""
    cities = {one.slug: one for one in news}
    extra: dict[str, list[Event]] = defaultdict(list)
    for event in occasions:
        extra[event.slug].append(event)
    for slug, events in extra.items():
        cities[slug] = _joined(cities.get(slug), city_news(slug, events))
    return list(cities.values())


def _joined(before: CityNews | None, more: CityNews) -> CityNews:
    if before is None:
        return more
    lots = {name: _together(name, before.lots.get(name), more.lots.get(name)) for name in {*before.lots, *more.lots}}
    return replace(before, events=(*before.events, *more.events), lots=lots, turned=before.turned or more.turned)


def _together(section: str, one: Lot | None, other: Lot | None) -> Lot:
    events = [event for lot in (one, other) if lot for event in lot.events]
    return lot_of(events[0].slug, section, sorted(events, key=_rank))


def by_section(news: Iterable[CityNews]) -> dict[str, list[Lot]]:
    """Section to its cities, in the order of a digest."""
    found: dict[str, list[Lot]] = {name: [] for name in section_order()}
    for one in news:
        for name, lot in one.lots.items():
            found[name].append(lot)
    return {name: sorted(lots, key=attrgetter("order")) for name, lots in found.items() if lots}


def event_ids(news: Iterable[CityNews]) -> tuple[str, ...]:
    """Every event told or counted, once, in order of writing."""
    events = sorted((event for one in news for event in one.events), key=attrgetter("seq"))
    return tuple(dict.fromkeys(event.id for event in events))
