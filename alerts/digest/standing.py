"""What is true now whatever happened last night: who is stopped, what could be read, who cannot speak."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from alerts.digest.model import CityGroup, Line, Picture, PortalStanding, Section
from alerts.digest.order import city_name, remark_words
from alerts.model.places import Silent
from alerts.model.sections import levels, policy
from alerts.text.parts import Part, Tone, Words
from alerts.text.wording import Wording
from opendata_spiders.store.models import Verdict

STOPPED = ("stopped", "stopped_faking")
_SECTIONS: Mapping[str, tuple[str, ...]] = {
    "stopped": (*STOPPED, "down", "empty"),
    "slowed": ("stopping", "slowed"),
}
"""Section of a first digest to the states it tells."""
TOLD_FIRST = frozenset(state for states in _SECTIONS.values() for state in states)


def stopped(picture: Picture) -> list[PortalStanding]:
    """Cities that have stopped, the longest first."""
    found = [one for one in picture.standings if one.state in STOPPED]
    return sorted(found, key=lambda one: (-one.days_in_state, one.slug))


def read_lately(one: PortalStanding, now: datetime) -> bool:
    """Whether there was a whole reading within the time a heartbeat speaks of."""
    month = timedelta(days=policy().heartbeat_days)
    return one.reliable or (one.trusted is not None and now - one.trusted < month)


def still_stopped(picture: Picture, told: Iterable[str], wording: Wording, now: datetime) -> Line | None:
    """One line on the cities that were stopped before, `told` being the slugs this digest speaks of anyway."""
    known = set(told)
    found = [one for one in stopped(picture) if one.slug not in known]
    if not found:
        return None
    names = [
        wording.plain(
            "summary/stopped_item",
            place=city_name(one.slug, picture, wording),
            days=one.days_in_state,
            read=wording.plain_as_of(one.trusted, now) or None,
        )
        for one in found[: policy().places_named]
    ]
    words = wording.say("summary/still_stopped", count=len(found), list=_cut_list(names, len(found), wording))
    return Line(words)


def _cut_list(names: Sequence[str], total: int, wording: Wording) -> str:
    shown, hidden = wording.text("list_separator").join(names), total - len(names)
    return wording.plain("coverage/more", list=shown, count=hidden) if hidden > 0 else str(shown)


def first_sections(picture: Picture, wording: Wording, now: datetime) -> tuple[Section, ...]:
    """The state of play as sections, in the order of every digest."""
    told = [_state_section(name, states, picture, wording, now) for name, states in _SECTIONS.items()]
    sections = [*told, _overdue(picture, wording, now), _silent(picture, wording)]
    return tuple(section for section in sections if section.groups)


def _state_section(name: str, states: tuple[str, ...], picture: Picture, wording: Wording, now: datetime) -> Section:
    found = sorted(
        (one for one in picture.standings if one.state in states),
        key=lambda one: (states.index(one.state), -one.days_in_state, one.slug),
    )
    groups = tuple(_state_group(one, picture, wording, now) for one in found)
    return Section(name, wording.text(f"sections/{name}"), groups, len(groups))


def _state_group(one: PortalStanding, picture: Picture, wording: Wording, now: datetime) -> CityGroup:
    notes = (remark_words(one.note, wording, now),) if one.note else ()
    return CityGroup(city_name(one.slug, picture, wording), (_state_line(one, wording, now),), notes)


def _state_line(one: PortalStanding, wording: Wording, now: datetime) -> Line:
    since = one.last_evidence or one.since
    values = {"since": wording.day(since, now) if since else None, "days": one.days_in_state or None}
    key = f"first/{one.state}"
    sure = (Part(wording.text("confidence/claimed")),) if one.claimed and one.state in STOPPED else ()
    aged = wording.as_of(one.trusted, now) if "days" in wording.used(key, **values) else ()
    return Line(wording.say(key, **values) + wording.asides(sure, aged))


def _overdue(picture: Picture, wording: Wording, now: datetime) -> Section:
    found = sorted((one for one in picture.standings if one.overdue), key=lambda one: (-one.overdue, one.slug))
    shown, rest = found[: levels()[0].groups_max], found[levels()[0].groups_max :]
    lines = [Line(_overdue_words(one, picture, wording, now)) for one in shown]
    lines += [_overdue_rest(rest, picture, wording)] if rest else []
    groups = (CityGroup("", tuple(lines)),) if lines else ()
    return Section("overdue", wording.text("sections/overdue"), groups, sum(one.overdue for one in found))


def _overdue_words(one: PortalStanding, picture: Picture, wording: Wording, now: datetime) -> Words:
    """One row a city: as many as there are, this is a table to glance at."""
    place = Part(city_name(one.slug, picture, wording) + wording.text("label"))
    counted = wording.say("first/overdue", overdue=one.overdue, datasets=one.datasets or None)
    return (place, *counted, *wording.asides(wording.as_of(one.trusted, now)))


def _overdue_rest(rest: list[PortalStanding], picture: Picture, wording: Wording) -> Line:
    counted = [
        wording.plain("place_count", place=city_name(one.slug, picture, wording), count=one.overdue)
        for one in rest[: levels()[0].rest_named]
    ]
    joined = wording.places(counted, len(rest))
    return Line(wording.say("fold_rest", cities=len(rest), count=sum(one.overdue for one in rest), list=joined))


def _silent(picture: Picture, wording: Wording) -> Section:
    """Filters that cannot fire, and why."""
    lines = silent_lines(picture.silent, wording)
    groups = (CityGroup("", lines),) if lines else ()
    return Section("silent", wording.text("first/silent_heading"), groups, len(picture.silent))


def silent_lines(silent: Iterable[Silent], wording: Wording) -> tuple[Line, ...]:
    """One line a reason, with every place it holds for."""
    reasons: dict[str, list[str]] = {}
    for one in silent:
        reasons.setdefault(one.why, []).append(one.name_zh if wording.language == "zh" else one.name_en)
    separator = wording.text("list_separator")
    return tuple(
        Line(wording.say(f"first/silent/{why}", places=separator.join(names))) for why, names in sorted(reasons.items())
    )


def coverage(picture: Picture, role: str, wording: Wording, now: datetime) -> tuple[Line, ...]:
    """How much of what the subscriber follows could be read, and what could not; nothing is claimed of the latter."""
    return (*_read(picture, role, wording, now), *_flapping(picture, wording), *_everything(picture, wording))


def _flapping(picture: Picture, wording: Wording) -> Iterator[Line]:
    """Where parts of the catalogue vanish and come back: what is lost there is stated later."""
    flapping = [one for one in picture.standings if one.flapping]
    for one in flapping[: policy().places_named]:
        place = city_name(one.slug, picture, wording)
        yield Line(wording.say("coverage/flapping", place=place, **(one.flapping or {})))


def _everything(picture: Picture, wording: Wording) -> tuple[Line, ...]:
    """Where all of it is told, if it is."""
    return (Line((Part(wording.text("coverage/site"), Tone.LINK, picture.site_url),)),) if picture.site_url else ()


def _read(picture: Picture, role: str, wording: Wording, now: datetime) -> tuple[Line, ...]:
    total = len(picture.standings)
    doubtful = [one for one in picture.standings if not one.reliable]
    if not total:
        return (Line(wording.say("coverage/empty_scope")),)
    key = "all" if not doubtful else "some" if len(doubtful) < total else "none"
    first = Line(wording.say(f"coverage/{key}", total=total, checked=total - len(doubtful)))
    if not doubtful:
        return (first,)
    items = [_doubtful(one, picture, wording, now) for one in doubtful[: policy().places_named]]
    cut = _cut_list(items, len(doubtful), wording)
    listed = Line(wording.say("coverage/doubtful", count=len(doubtful), list=cut))
    return (first, listed, *(_reasons(doubtful, picture, wording) if role == "operator" else ()))


def _doubtful(one: PortalStanding, picture: Picture, wording: Wording, now: datetime) -> str:
    why = wording.text(f"coverage/verdicts/{one.verdict or 'unread'}")
    place = city_name(one.slug, picture, wording)
    if one.trusted is None:
        return wording.plain("coverage/item", place=place, why=why)
    return wording.plain("coverage/item_since", place=place, why=why, date=wording.day(one.trusted, now))


def _reasons(doubtful: Iterable[PortalStanding], picture: Picture, wording: Wording) -> list[Line]:
    """For operators: the numbers behind each verdict, as the run states them."""
    return [
        Line((Part(city_name(one.slug, picture, wording) + wording.text("label")), *_reason(one, wording)))
        for one in doubtful
        if one.reason and one.verdict != Verdict.COMPLETE
    ]


def _reason(one: PortalStanding, wording: Wording) -> tuple[Part, ...]:
    return wording.quote(one.reason, 2 * policy().value_chars, "value_quote")
