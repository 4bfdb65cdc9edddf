"""How a digest tells its lots: by section, by city, by kind, as much of each as fits."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from itertools import accumulate, chain, groupby

from alerts.audience.remarks import Remark, last_moment
from alerts.digest.lines import counted, event_line, folded_line, folds, shared_notes
from alerts.digest.lots import CityNews, Lot, count_of, is_bulk
from alerts.digest.model import CityGroup, Line, Picture, Section
from alerts.model.sections import DetailLevel, later, levels, policy
from alerts.text.parts import Words
from alerts.text.sanitising import columns
from alerts.text.wording import Wording


def sections(lots: Mapping[str, list[Lot]], picture: Picture, wording: Wording, now: datetime) -> tuple[Section, ...]:
    """All lots as the sections of a digest; what a city's lines rest on is told where it comes first."""
    *fuller, tightest = levels()
    for level in fuller:
        told = _told(lots, level, picture, wording, now)
        if fits(told, level.rows_max):
            return told
    return _told(lots, tightest, picture, wording, now)


def _told(
    lots: Mapping[str, list[Lot]], level: DetailLevel, picture: Picture, wording: Wording, now: datetime
) -> tuple[Section, ...]:
    told: set[tuple[str, tuple[Words, ...]]] = set()
    remarks = notes_by_heading(picture, wording, now)
    sizes = [level, *[later(level)] * len(lots)]
    pairs = zip(lots.items(), sizes, strict=False)
    found = [_section(name, cities, size, picture, wording, now) for (name, cities), size in pairs]
    return tuple(replace(one, groups=tuple(_once(group, told, remarks) for group in one.groups)) for one in found)


def fits(sections: Iterable[Section], rows_max: int) -> bool:
    """Whether these sections take at most so many rows on a phone, about; counts no further than it must."""
    heights = (rows for section in sections for rows in chain((2,), map(_group_rows, section.groups)))
    return all(rows <= rows_max for rows in accumulate(heights))


def _group_rows(group: CityGroup) -> int:
    texts = [words for line in group.lines for words in (line.words, *line.named, *line.notes)]
    return bool(group.heading) + sum(_rows(words) for words in (*texts, *group.notes))


def _rows(words: Words) -> int:
    return -(-sum(columns(part.text) for part in words) // policy().row_columns)


def _once(group: CityGroup, told: set[tuple[str, tuple[Words, ...]]], remarks: dict[str, Words]) -> CityGroup:
    """The group without what was told of its city before; a person's note stands where the city comes first."""
    remark = remarks.pop(group.heading, None)
    said = (remark,) if remark else ()
    key = (group.heading, group.notes)
    if key in told:
        return replace(group, notes=said)
    told.add(key)
    return replace(group, notes=(*group.notes, *said)) if said else group


def notes_by_heading(picture: Picture, wording: Wording, now: datetime) -> dict[str, Words]:
    """What people said of the cities, by the name each goes by in this digest."""
    return {
        city_name(one.slug, picture, wording): remark_words(one.note, wording, now)
        for one in picture.standings
        if one.note
    }


def remark_words(note: Remark, wording: Wording, now: datetime) -> Words:
    """A person's note with who made it and until when it holds."""
    until = wording.day(last_moment(note.until), now) if note.until else None
    text, by = (
        wording.quote(one, 2 * policy().value_chars, "value_quote") if one else None for one in (note.text, note.by)
    )
    return wording.say("note", text=text, by=by[1:2] if by else None, until=until)


def _section(  # noqa: PLR0913, PLR0917 -- what is told, how much of it, and how
    name: str, cities: list[Lot], level: DetailLevel, picture: Picture, wording: Wording, now: datetime
) -> Section:
    # A line that names one more city takes as much room as that city.
    most = level.groups_max if len(cities) > level.groups_max + 1 else len(cities)
    shown, rest = cities[:most], cities[most:]
    groups = [_group(lot, level, picture, wording, now) for lot in shown]
    if rest:
        groups.append(CityGroup("", (_rest_line(rest, level, picture, wording),)))
    return Section(name, wording.text(f"sections/{name}"), tuple(groups), count_of(cities))


def _group(lot: Lot, level: DetailLevel, picture: Picture, wording: Wording, now: datetime) -> CityGroup:
    """One city's lines; made once for all readers who are told the very same events of it."""
    key = (id(lot), level, id(wording), now)
    if key not in picture.said:
        picture.said[key] = ((lot, wording), _new_group(lot, level, picture, wording, now))
    return picture.said[key][1]


def _new_group(lot: Lot, level: DetailLevel, picture: Picture, wording: Wording, now: datetime) -> CityGroup:
    lines = _city_lines(lot, level, picture, wording, now)
    return CityGroup(city_name(lot.slug, picture, wording), lines, shared_notes(lot.events, picture, wording))


def _city_lines(lot: Lot, level: DetailLevel, picture: Picture, wording: Wording, now: datetime) -> tuple[Line, ...]:
    lines: list[Line] = []
    for _, same in groupby(lot.events, key=lambda event: event.kind):
        kind = list(same)
        if folds(kind, wording, level):
            lines.append(folded_line(kind, wording, now, level))
        else:
            lines += [event_line(event, picture, wording, now, level) for event in kind]
    return tuple(lines)


def _rest_line(rest: list[Lot], level: DetailLevel, picture: Picture, wording: Wording) -> Line:
    """The cities beyond the first ones: all counted, some named with their number."""
    named = [_with_count(lot, picture, wording) for lot in rest[: level.rest_named]]
    joined = wording.places(named, len(rest))
    return Line(wording.say("fold_rest", cities=len(rest), count=count_of(rest), list=joined))


def _with_count(lot: Lot, picture: Picture, wording: Wording) -> str:
    name = city_name(lot.slug, picture, wording)
    if len(lot.events) == 1 and lot.events[0].dataset is None and not is_bulk(lot.events[0]):
        return name
    return _place_count(wording, name, count_of([lot]))


@lru_cache(10_000)
def _place_count(wording: Wording, place: str, count: int) -> str:
    return wording.plain("place_count", place=place, count=count)


def city_name(slug: str, picture: Picture, wording: Wording) -> str:
    """The city as a reader of this language says it; the slug of a portal that the register no longer holds."""
    place = picture.places.get(slug)
    if place is None:
        return slug
    return place.name_zh if wording.language == "zh" else place.name_en


def tally(news: Iterable[CityNews], wording: Wording) -> Line | None:
    """What is not listed, counted by kind."""
    counts: Counter[str] = Counter()
    for one in news:
        counts.update(one.quiet)
    if not counts:
        return None
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    phrases = [counted(kind, count, wording) for kind, count in ordered]
    return Line(wording.say("summary/tally", list=wording.text("list_separator").join(phrases)))
