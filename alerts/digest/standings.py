"""Parts of a digest that do not depend on events: stopped cities, what could be read, places without a portal."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from alerts.audience.remarks import remark_words
from alerts.digest.model import STOPPED, CityGroup, Line, PortalStanding, Section, View
from alerts.digest.sections import rest_of_cities
from alerts.model.places import Silent
from alerts.model.sections import levels, policy
from alerts.text.parts import Part, Tone
from alerts.text.wording import Wording
from opendata_spiders.store.models import Verdict

_SECTIONS: Mapping[str, tuple[str, ...]] = {
    "stopped": (*STOPPED, "down", "empty"),
    "slowed": ("stopping", "slowed"),
}
"""Section of a first digest to the states that it lists."""
TOLD_FIRST = frozenset(state for states in _SECTIONS.values() for state in states)


def stopped(standings: Iterable[PortalStanding]) -> list[PortalStanding]:
    """Cities that have stopped, the longest first."""
    found = [one for one in standings if one.state in STOPPED]
    return sorted(found, key=lambda one: (-one.days_in_state, one.slug))


def read_lately(one: PortalStanding, now: datetime) -> bool:
    """Whether there was a complete run within `heartbeat_days`."""
    month = timedelta(days=policy().heartbeat_days)
    return one.reliable or (one.trusted is not None and now - one.trusted < month)


def still_stopped(view: View, told: Iterable[str] = ()) -> tuple[Line, ...]:
    """One line on the cities that are still stopped, without the slugs in `told`, which the digest mentions anyway."""
    known, wording = set(told), view.wording
    found = [one for one in stopped(view.standings) if one.slug not in known]
    if not found:
        return ()
    names = [
        wording.plain(
            "summary/stopped_item",
            place=view.city(one.slug),
            days=one.days_in_state,
            read=wording.plain_as_of(one.trusted, view.now) or None,
        )
        for one in found[: policy().places_named]
    ]
    return (Line(wording.say("summary/still_stopped", count=len(found), list=_cut_list(names, len(found), wording))),)


def _cut_list(names: Sequence[str], total: int, wording: Wording) -> str:
    shown, hidden = wording.text("list_separator").join(names), total - len(names)
    return wording.plain("coverage/more", list=shown, count=hidden) if hidden > 0 else str(shown)


def first_sections(view: View) -> tuple[Section, ...]:
    """The present states as sections, in the order of every digest."""
    told = [_state_section(name, states, view) for name, states in _SECTIONS.items()]
    silent = silent_lines(view.situation.silent, view.wording)
    heading = view.wording.text("first/silent_heading")
    places = Section("silent", heading, _one_group(silent), len(view.situation.silent))
    return tuple(section for section in (*told, _overdue(view), places) if section.groups)


def _one_group(lines: tuple[Line, ...]) -> tuple[CityGroup, ...]:
    return (CityGroup("", lines),) if lines else ()


def _state_section(name: str, states: tuple[str, ...], view: View) -> Section:
    found = sorted(
        (one for one in view.standings if one.state in states),
        key=lambda one: (states.index(one.state), -one.days_in_state, one.slug),
    )
    groups = tuple(_state_group(one, view) for one in found)
    return Section(name, view.wording.text(f"sections/{name}"), groups, len(groups))


def _state_group(one: PortalStanding, view: View) -> CityGroup:
    wording, since = view.wording, one.last_evidence or one.since
    values = {"since": wording.day(since, view.now) if since else None, "days": one.days_in_state or None}
    key = f"first/{one.state}"
    sure = (Part(wording.text("confidence/claimed")),) if one.claimed and one.state in STOPPED else ()
    aged = wording.as_of(one.trusted, view.now) if "days" in wording.used(key, **values) else ()
    line = Line(wording.say(key, **values) + wording.asides(sure, aged))
    notes = (remark_words(one.note, wording, view.now),) if one.note else ()
    return CityGroup(view.city(one.slug), (line,), notes)


def _overdue(view: View) -> Section:
    """The cities with most overdue datasets, one row each, and the rest in one line."""
    wording = view.wording
    found = sorted((one for one in view.standings if one.overdue), key=lambda one: (-one.overdue, one.slug))
    shown, rest = found[: levels()[0].groups_max], found[levels()[0].groups_max :]
    lines = []
    for one in shown:
        counted = wording.say("first/overdue", overdue=one.overdue, datasets=one.datasets or None)
        aged = wording.asides(wording.as_of(one.trusted, view.now))
        lines.append(Line((Part(view.city(one.slug) + wording.text("label")), *counted, *aged)))
    if rest:
        lines.append(rest_of_cities([(view.city(one.slug), one.overdue) for one in rest], wording))
    total = sum(one.overdue for one in found)
    return Section("overdue", wording.text("sections/overdue"), _one_group(tuple(lines)), total)


def silent_lines(silent: Iterable[Silent], wording: Wording) -> tuple[Line, ...]:
    """One line for each reason why places have no messages, with all places it applies to."""
    reasons: dict[str, list[str]] = {}
    for one in silent:
        reasons.setdefault(one.why, []).append(one.name_zh if wording.language == "zh" else one.name_en)
    separator = wording.text("list_separator")
    return tuple(
        Line(wording.say(f"first/silent/{why}", places=separator.join(names))) for why, names in sorted(reasons.items())
    )


def coverage(view: View, role: str) -> tuple[Line, ...]:
    """How many of the followed portals could be read, and which could not.

    Also the portals whose datasets vanish and return repeatedly, because losses there are stated later.
    """
    wording, site = view.wording, view.situation.site_url
    flapping = [
        Line(wording.say("coverage/flapping", place=view.city(one.slug), **one.flapping))
        for one in view.standings
        if one.flapping
    ]
    everything = (Line((Part(wording.text("coverage/site"), Tone.LINK, site),)),) if site else ()
    return (*_read(view, role), *flapping[: policy().places_named], *everything)


def _read(view: View, role: str) -> Iterator[Line]:
    wording, portals = view.wording, view.portals
    total, doubtful = len(portals), [one for one in portals if not one.reliable]
    if not total:
        yield Line(wording.say("coverage/empty_scope"))
        return
    key = "some" if doubtful else "all"
    yield Line(wording.say(f"coverage/{key}", total=total, checked=total - len(doubtful)))
    if not doubtful:
        return
    items = [_doubtful(one, view) for one in doubtful[: policy().places_named]]
    listed = _cut_list(items, len(doubtful), wording)
    yield Line(wording.say("coverage/doubtful", count=len(doubtful), list=listed))
    for one in doubtful if role == "operator" else ():
        if one.reason and one.verdict != Verdict.COMPLETE:
            # The numbers behind the verdict, as the run states them.
            place = Part(view.city(one.slug) + wording.text("label"))
            yield Line((place, *wording.quote(one.reason, 2 * policy().value_chars, "value_quote")))


def _doubtful(one: PortalStanding, view: View) -> str:
    why = view.wording.text(f"coverage/verdicts/{one.verdict or 'unread'}")
    place = view.city(one.slug)
    if one.trusted is None:
        return view.wording.plain("coverage/item", place=place, why=why)
    return view.wording.plain("coverage/item_since", place=place, why=why, date=view.wording.day(one.trusted, view.now))
