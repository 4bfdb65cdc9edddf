"""Which events a digest lists, in which order: by section, by city, by kind."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby

from alerts.digest.lines import counted, event_line, folded_line, shared_notes
from alerts.digest.model import Group, Line, Picture, Section, Words
from alerts.digest.rules import place_of, policy, section_order
from alerts.digest.wording import Wording
from alerts.events import Event, Severity


@dataclass(frozen=True, slots=True)
class Lot:
    """The events of one section and one city."""

    slug: str
    events: tuple[Event, ...]


def listed(events: Iterable[Event]) -> list[Event]:
    """Those told one by one or folded; quiet ones are only counted."""
    return [event for event in events if event.severity is not Severity.QUIET]


def lots(events: Iterable[Event]) -> dict[str, list[Lot]]:
    """Section to its cities, in the order of a digest: the worst city of a section first, then the fullest."""
    by_section: dict[str, dict[str, list[Event]]] = {name: {} for name in section_order()}
    for event in sorted(events, key=_rank):
        by_section[place_of(event.kind).section].setdefault(event.slug, []).append(event)
    return {name: _cities(cities) for name, cities in by_section.items() if cities}


def _rank(event: Event) -> tuple[int, datetime, int]:
    return place_of(event.kind).rank, event.since or event.at, event.seq


def _cities(cities: dict[str, list[Event]]) -> list[Lot]:
    found = [Lot(slug, tuple(events)) for slug, events in cities.items()]
    return sorted(found, key=lambda lot: (_rank(lot.events[0])[0], _age(lot), -len(lot.events), lot.slug))


def _age(lot: Lot) -> float:
    """Oldest first where time is the point (a stop); elsewhere it does not matter when in the night it was seen."""
    first = lot.events[0]
    return first.since.timestamp() if first.since and first.dataset is None else 0.0


def sections(events: Sequence[Event], picture: Picture, wording: Wording, now: datetime) -> tuple[Section, ...]:
    """Everything listed, as the sections of a digest; what a city's lines rest on is told where it comes first."""
    told: set[tuple[str, tuple[Words, ...]]] = set()
    found = [_section(name, cities, picture, wording, now) for name, cities in lots(listed(events)).items()]
    return tuple(replace(one, groups=tuple(_once(group, told) for group in one.groups)) for one in found)


def _once(group: Group, told: set[tuple[str, tuple[Words, ...]]]) -> Group:
    key = (group.heading, group.notes)
    if key in told:
        return replace(group, notes=())
    told.add(key)
    return group


def _section(name: str, cities: list[Lot], picture: Picture, wording: Wording, now: datetime) -> Section:
    shown, rest = cities[: policy().groups_max], cities[policy().groups_max :]
    groups = [_group(lot, picture, wording, now) for lot in shown]
    if rest:
        groups.append(Group("", (_rest_line(rest, picture, wording),)))
    return Section(
        name,
        wording.text(f"sections/{name}"),
        tuple(groups),
        sum(weight(event) for lot in cities for event in lot.events),
    )


def _group(lot: Lot, picture: Picture, wording: Wording, now: datetime) -> Group:
    lines = _city_lines(lot, picture, wording, now)
    return Group(city_name(lot.slug, picture, wording), lines, shared_notes(lot.events, picture, wording))


def _city_lines(lot: Lot, picture: Picture, wording: Wording, now: datetime) -> tuple[Line, ...]:
    lines: list[Line] = []
    for _, same in groupby(lot.events, key=lambda event: event.kind):
        kind = list(same)
        if len(kind) > policy().fold_over:
            lines.append(folded_line(kind, wording))
        else:
            lines += [event_line(event, picture, wording, now) for event in kind]
    return tuple(lines)


def _rest_line(rest: list[Lot], picture: Picture, wording: Wording) -> Line:
    """The cities beyond the first ones: each with its number, none unnamed."""
    counted = [_with_count(lot, picture, wording) for lot in rest]
    joined = wording.text("list_separator").join(counted)
    count = sum(len(lot.events) for lot in rest)
    return Line(wording.say("fold_rest", cities=len(rest), count=count, list=joined))


def _with_count(lot: Lot, picture: Picture, wording: Wording) -> str:
    name = city_name(lot.slug, picture, wording)
    if len(lot.events) == 1 and lot.events[0].dataset is None:
        return name
    return wording.plain("place_count", place=name, count=len(lot.events))


def weight(event: Event) -> int:
    """A bulk event stands for as many datasets as it counts."""
    count = event.evidence.get("count")
    return count if event.kind.startswith("bulk.") and isinstance(count, int) else 1


def city_name(slug: str, picture: Picture, wording: Wording) -> str:
    """The city as a reader of this language says it; the slug of a portal that the register no longer holds."""
    place = picture.places.get(slug)
    if place is None:
        return slug
    return place.name_zh if wording.language == "zh" else place.name_en


def tally(events: Iterable[Event], wording: Wording) -> Line | None:
    """Quiet events, counted by kind."""
    counts = Counter(event.kind for event in events if event.severity is Severity.QUIET)
    if not counts:
        return None
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    phrases = [counted(kind, count, wording) for kind, count in ordered]
    return Line(wording.say("summary/tally", list=wording.text("list_separator").join(phrases)))
