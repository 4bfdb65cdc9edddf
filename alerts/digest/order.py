"""Which events a digest lists, in which order: by section, by city, by kind."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from itertools import groupby

from alerts.digest.lines import counted, event_line, folded_line, shared_notes
from alerts.digest.model import Group, Line, Picture, Section, Words
from alerts.digest.rules import Level, later, levels, place_of, policy, section_order
from alerts.digest.wording import Wording
from alerts.digest.words import columns
from alerts.events import Event, Severity
from alerts.remarks import Remark

WATCHED = "watched"
"""The section of watched datasets."""
Watched = frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Lot:
    """The events of one section and one city."""

    slug: str
    events: tuple[Event, ...]


def listed(events: Iterable[Event], watched: Watched = frozenset()) -> list[Event]:
    """Those told one by one or folded; quiet ones are only counted, unless they are about a watched dataset."""
    return [event for event in events if event.severity is not Severity.QUIET or is_watched(event, watched)]


def lots(events: Iterable[Event], watched: Watched = frozenset()) -> dict[str, list[Lot]]:
    """Section to its cities, in the order of a digest: the worst city of a section first, then the fullest."""
    by_section: dict[str, dict[str, list[Event]]] = {name: {} for name in section_order()}
    for event in sorted(events, key=_rank):
        by_section[_section_of(event, watched)].setdefault(event.slug, []).append(event)
    return {name: _cities(cities) for name, cities in by_section.items() if cities}


def _section_of(event: Event, watched: Watched) -> str:
    return WATCHED if is_watched(event, watched) else place_of(event.kind).section


def is_watched(event: Event, watched: Watched) -> bool:
    """Whether it is about a dataset the reader watches."""
    return event.dataset is not None and (event.portal, event.dataset) in watched


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
    by_section = lots(listed(events, picture.watched), picture.watched)
    told: tuple[Section, ...] = ()
    for level in levels():
        told = _told(by_section, level, picture, wording, now)
        if rows(told) <= level.rows_max:
            break
    return told


def _told(
    by_section: Mapping[str, list[Lot]], level: Level, picture: Picture, wording: Wording, now: datetime
) -> tuple[Section, ...]:
    told: set[tuple[str, tuple[Words, ...]]] = set()
    remarks = notes_by_heading(picture, wording, now)
    sizes = [level, *[later(level)] * len(by_section)]
    pairs = zip(by_section.items(), sizes, strict=False)
    found = [_section(name, cities, size, picture, wording, now) for (name, cities), size in pairs]
    return tuple(replace(one, groups=tuple(_once(group, told, remarks) for group in one.groups)) for one in found)


def rows(sections: Iterable[Section]) -> int:
    """Rows these sections take on a phone, about."""
    return sum(2 + sum(_group_rows(group) for group in section.groups) for section in sections)


def _group_rows(group: Group) -> int:
    texts = [words for line in group.lines for words in (line.words, *line.named, *line.notes)]
    return bool(group.heading) + sum(_rows(words) for words in (*texts, *group.notes))


def _rows(words: Words) -> int:
    return -(-sum(columns(part.text) for part in words) // policy().row_columns)


def _once(group: Group, told: set[tuple[str, tuple[Words, ...]]], remarks: dict[str, Words]) -> Group:
    """The group without what was told of its city before; a person's note stands where the city comes first."""
    remark = remarks.pop(group.heading, None)
    said = (remark,) if remark else ()
    key = (group.heading, group.notes)
    if key in told:
        return replace(group, notes=said)
    told.add(key)
    return replace(group, notes=(*group.notes, *said))


def notes_by_heading(picture: Picture, wording: Wording, now: datetime) -> dict[str, Words]:
    """What people said of the cities, by the name each goes by in this digest."""
    return {
        city_name(one.slug, picture, wording): remark_words(one.note, wording, now)
        for one in picture.standings
        if one.note
    }


def remark_words(note: Remark, wording: Wording, now: datetime) -> Words:
    """A person's note with who made it and until when it holds."""
    until = wording.day(note.until, now) if note.until else None
    text, by = (
        wording.quote(one, 2 * policy().value_chars, "value_quote") if one else None for one in (note.text, note.by)
    )
    return wording.say("note", text=text, by=by[1:2] if by else None, until=until)


def _section(  # noqa: PLR0913, PLR0917 -- what is told, how much of it, and how
    name: str, cities: list[Lot], level: Level, picture: Picture, wording: Wording, now: datetime
) -> Section:
    shown, rest = cities[: level.groups_max], cities[level.groups_max :]
    groups = [_group(lot, level, picture, wording, now) for lot in shown]
    if rest:
        groups.append(Group("", (_rest_line(rest, level, picture, wording),)))
    return Section(
        name,
        wording.text(f"sections/{name}"),
        tuple(groups),
        sum(weight(event) for lot in cities for event in lot.events),
    )


def _group(lot: Lot, level: Level, picture: Picture, wording: Wording, now: datetime) -> Group:
    """One city's lines; made once for all readers who are told the very same events of it."""
    key = (tuple(map(id, lot.events)), level, picture.watched, id(wording), now)
    if key not in picture.said:
        picture.said[key] = ((lot, wording), _new_group(lot, level, picture, wording, now))
    return picture.said[key][1]


def _new_group(lot: Lot, level: Level, picture: Picture, wording: Wording, now: datetime) -> Group:
    lines = _city_lines(lot, level, picture, wording, now)
    return Group(city_name(lot.slug, picture, wording), lines, shared_notes(lot.events, picture, wording))


def _city_lines(lot: Lot, level: Level, picture: Picture, wording: Wording, now: datetime) -> tuple[Line, ...]:
    lines: list[Line] = []
    for _, same in groupby(lot.events, key=lambda event: event.kind):
        kind = list(same)
        if len(kind) > level.fold_over and kind[0].dataset is not None:
            lines.append(folded_line(kind, wording, now, level))
        else:
            lines += [event_line(event, picture, wording, now, level) for event in kind]
    return tuple(lines)


def _rest_line(rest: list[Lot], level: Level, picture: Picture, wording: Wording) -> Line:
    """The cities beyond the first ones: all counted, some named with their number."""
    counted = [_with_count(lot, picture, wording) for lot in rest]
    joined = wording.places(counted, level.rest_named)
    count = sum(weight(event) for lot in rest for event in lot.events)
    return Line(wording.say("fold_rest", cities=len(rest), count=count, list=joined))


def _with_count(lot: Lot, picture: Picture, wording: Wording) -> str:
    name = city_name(lot.slug, picture, wording)
    if len(lot.events) == 1 and lot.events[0].dataset is None:
        return name
    return _place_count(wording, name, len(lot.events))


@lru_cache(10_000)
def _place_count(wording: Wording, place: str, count: int) -> str:
    return wording.plain("place_count", place=place, count=count)


def weight(event: Event) -> int:
    """A bulk event stands for as many datasets as it counts."""
    if not event.kind.startswith("bulk."):
        return 1
    count = event.evidence.get("count")
    return count if isinstance(count, int) else 1


def city_name(slug: str, picture: Picture, wording: Wording) -> str:
    """The city as a reader of this language says it; the slug of a portal that the register no longer holds."""
    place = picture.places.get(slug)
    if place is None:
        return slug
    return place.name_zh if wording.language == "zh" else place.name_en


def tally(events: Sequence[Event], watched: Watched, wording: Wording) -> Line | None:
    """What is not listed, counted by kind."""
    counts = Counter(event.kind for event in events) - Counter(event.kind for event in listed(events, watched))
    if not counts:
        return None
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    phrases = [counted(kind, count, wording) for kind, count in ordered]
    return Line(wording.say("summary/tally", list=wording.text("list_separator").join(phrases)))
