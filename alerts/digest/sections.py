"""The sections of a digest: by section, by city, by kind, as detailed as fits on a phone."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import accumulate, chain, groupby

from alerts.audience.remarks import remark_words
from alerts.digest.city_news import CityEvents, CityNews, count_of, is_bulk
from alerts.digest.lines import counted, event_line, folded_line, folds, shared_notes
from alerts.digest.model import CityGroup, Line, Section, View
from alerts.model.sections import DetailLevel, later, levels, policy
from alerts.text.parts import Words
from alerts.text.sanitising import columns
from alerts.text.wording import Wording


def sections(found: Mapping[str, list[CityEvents]], view: View) -> tuple[Section, ...]:
    """The sections of a digest, at the first level of detail that fits; the last level always counts as fitting."""
    *fuller, tightest = levels()
    for level in fuller:
        told = _told(found, level, view)
        if fits(told, level.rows_max):
            return told
    return _told(found, tightest, view)


def _told(found: Mapping[str, list[CityEvents]], level: DetailLevel, view: View) -> tuple[Section, ...]:
    """The sections; the shared evidence of a city and a person's note on it are shown only in its first group."""
    told: set[tuple[str, tuple[Words, ...]]] = set()
    remarks = {
        view.city(one.slug): remark_words(one.note, view.wording, view.now) for one in view.standings if one.note
    }
    sizes = [level, *[later(level)] * len(found)]
    pairs = zip(found.items(), sizes, strict=False)
    shown = [_section(name, cities, size, view) for (name, cities), size in pairs]
    return tuple(replace(one, groups=tuple(_once(group, told, remarks) for group in one.groups)) for one in shown)


def fits(sections: Iterable[Section], rows_max: int) -> bool:
    """Whether these sections take about `rows_max` rows on a phone or fewer; stops counting when it is decided."""
    heights = (rows for section in sections for rows in chain((2,), map(_group_rows, section.groups)))
    return all(rows <= rows_max for rows in accumulate(heights))


def _group_rows(group: CityGroup) -> int:
    texts = [words for line in group.lines for words in (line.words, *line.named, *line.notes)]
    widths = (sum(columns(part.text) for part in words) for words in (*texts, *group.notes))
    return bool(group.heading) + sum(-(-width // policy().row_columns) for width in widths)


def _once(group: CityGroup, told: set[tuple[str, tuple[Words, ...]]], remarks: dict[str, Words]) -> CityGroup:
    """The group without notes that this digest has already shown for its city, and with the person's note once."""
    remark = remarks.pop(group.heading, None)
    said = (remark,) if remark else ()
    key = (group.heading, group.notes)
    if key in told:
        return replace(group, notes=said)
    told.add(key)
    return replace(group, notes=(*group.notes, *said)) if said else group


def _section(name: str, cities: list[CityEvents], level: DetailLevel, view: View) -> Section:
    # A line for one remaining city would take as much room as the city itself.
    most = level.groups_max if len(cities) > level.groups_max + 1 else len(cities)
    shown, rest = cities[:most], cities[most:]
    groups = [_group(city, level, view) for city in shown]
    if rest:
        named = [_with_count(city, view) for city in rest[: level.rest_named]]
        groups.append(CityGroup("", (_rest_line(named, len(rest), count_of(rest), view.wording),)))
    return Section(name, view.wording.text(f"sections/{name}"), tuple(groups), count_of(cities))


def _group(city: CityEvents, level: DetailLevel, view: View) -> CityGroup:
    """One city's lines; built once for all readers who get the same events of it."""
    if not city.fingerprint:
        return _new_group(city, level, view)
    key = (city.slug, city.fingerprint, level, view.wording.language, view.wording.timezone)
    if key not in view.groups:
        view.groups[key] = _new_group(city, level, view)
    return view.groups[key]


def _new_group(city: CityEvents, level: DetailLevel, view: View) -> CityGroup:
    lines: list[Line] = []
    for _, same in groupby(city.events, key=lambda event: event.kind):
        kind = list(same)
        if folds(kind, view.wording, level):
            lines.append(folded_line(kind, view, level))
        else:
            lines += [event_line(event, view, level) for event in kind]
    return CityGroup(view.city(city.slug), tuple(lines), shared_notes(city.events, view))


def _rest_line(named: list[str], cities: int, count: int, wording: Wording) -> Line:
    """One line for the remaining cities: all counted, some `named` with their number."""
    return Line(wording.say("fold_rest", cities=cities, count=count, list=wording.places(named, cities)))


def rest_of_cities(rest: Sequence[tuple[str, int]], wording: Wording) -> Line:
    """One line for cities with their numbers: all counted, as many named as the first level of detail allows."""
    named = [_place_count(wording, place, count) for place, count in rest[: levels()[0].rest_named]]
    return _rest_line(named, len(rest), sum(count for _, count in rest), wording)


def _with_count(city: CityEvents, view: View) -> str:
    name = view.city(city.slug)
    if len(city.events) == 1 and city.events[0].dataset is None and not is_bulk(city.events[0]):
        return name
    return _place_count(view.wording, name, count_of([city]))


@lru_cache(10_000)
def _place_count(wording: Wording, place: str, count: int) -> str:
    """A city with its number; cached, because many readers get the same."""
    return wording.plain("place_count", place=place, count=count)


def tally(news: Iterable[CityNews], wording: Wording) -> Line | None:
    """The events that are not listed, counted by kind."""
    counts: Counter[str] = Counter()
    for one in news:
        counts.update(one.quiet)
    if not counts:
        return None
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    phrases = [counted(kind, count, wording) for kind, count in ordered]
    return Line(wording.say("summary/tally", list=wording.text("list_separator").join(phrases)))
