"""The subject of a digest: the most important event, then how much else there is."""

from collections.abc import Callable, Mapping
from datetime import datetime

from alerts.digest.city_news import CityEvents, city_events, count_of
from alerts.digest.model import View
from alerts.digest.reminders import SILENT, STILL_STOPPED
from alerts.digest.standings import read_lately, stopped
from alerts.model.events import Event
from alerts.model.sections import policy
from alerts.text.facts import facts
from alerts.text.parts import Part
from alerts.text.sanitising import clean, columns, inert, shorten

Lead = Callable[[list[CityEvents], View], str]


def changes_subject(found: Mapping[str, list[CityEvents]], view: View) -> str:
    """The subject, such as «贵阳停更 251 天；另有 3 城 27 条变化»; without the second half if it is too long."""
    section, lead = next(iter(found.items()))
    told = _LEADS[section](lead, view) if section in _LEADS else ""
    first = told or _counted(section, lead, view)
    rest = {section: _untold(section, lead)} if told else {}
    rest |= {name: cities for name, cities in found.items() if name != section}
    both = first + view.wording.text("clause") + _rest(lead, rest, view) if any(rest.values()) else first
    return fitting(both if columns(both) <= policy().subject_columns else first)


def _untold(section: str, lead: list[CityEvents]) -> list[CityEvents]:
    """The cities and events of the first section that its lead (_LEADS) does not mention."""
    if section == "stopped":
        return [city for city in lead if _stop(city.events[0]) != _stop(lead[0].events[0])]
    if section == "slowed":
        return [city for city in lead if city.events[0].kind != lead[0].events[0].kind]
    if section == "resumed":
        later = lead[0].events[1:]
        return [*([city_events(lead[0].slug, section, later)] if later else []), *lead[1:]]
    return []


def fitting(subject: str) -> str:
    """The subject as one line without control characters, at most as long as a phone shows; cut between characters."""
    line = clean(subject)
    for limit in range(len(line), 0, -1):
        shown = shorten(line, limit)
        if columns(shown) <= policy().subject_columns:
            return shown
    return ""


def _rest(lead: list[CityEvents], rest: Mapping[str, list[CityEvents]], view: View) -> str:
    slugs = sorted({city.slug for cities in rest.values() for city in cities})
    count = sum(count_of(cities) for cities in rest.values())
    if slugs == [city.slug for city in lead]:
        return view.wording.plain("subject/rest_same", count=count)
    if len(slugs) == 1:
        return view.wording.plain("subject/rest_one", place=view.city(slugs[0]), count=count)
    return view.wording.plain("subject/rest_many", cities=len(slugs), count=count)


def _stopped(lead: list[CityEvents], view: View) -> str:
    first = lead[0].events[0]
    name = _stop(first)
    same = [city for city in lead if _stop(city.events[0]) == name]
    place, count = view.city(first.slug), len(same)
    days, read = max((_age(city.events[0], view) for city in same), key=lambda pair: pair[0])
    if name == "stopped" and not days:
        return view.wording.plain("subject/stopped_undated", place=place)
    key = f"subject/{name}_{'one' if count == 1 else 'many'}"
    told = view.wording.plain(key, place=place, days=days, count=count, others=count - 1)
    return told + _aged(read, view) if name != "down" else told


def _age(event: Event, view: View) -> tuple[int, datetime]:
    """Days of silence of the event (0 if unknown), and the time of the run as of which they hold."""
    read = view.read_at(event)
    return facts(event, view.wording, view.now, read)["days"] or 0, read


def _aged(read: datetime | None, view: View) -> str:
    told = view.wording.plain_as_of(read, view.now)
    return "".join(part.text for part in view.wording.aside((Part(told),))) if told else ""


def _stop(event: Event) -> str:
    """Type of stop: `stopped` (new), `still` (a reminder) or `down` (the portal is unreachable)."""
    if event.kind == STILL_STOPPED:
        return "still"
    return "stopped" if event.kind.startswith("city.") else "down"


def _slowed(lead: list[CityEvents], view: View) -> str:
    """The lead for a city about to stop, or for a silence beyond the reader's own threshold; empty otherwise."""
    first = lead[0].events[0]
    if first.kind == "city.stopping":
        return _stopping(lead, view)
    if first.kind != SILENT:
        return ""
    place, (days, read) = view.city(first.slug), _age(first, view)
    threshold = first.evidence["threshold"]
    if len(lead) > 1:
        return view.wording.plain("subject/silent_many", cities=len(lead), threshold=threshold)
    return view.wording.plain("subject/silent_one", place=place, days=days, threshold=threshold) + _aged(read, view)


def _stopping(lead: list[CityEvents], view: View) -> str:
    close = [city for city in lead if city.events[0].kind == "city.stopping"]
    if len(close) > 1:
        return view.wording.plain("subject/stopping_many", cities=len(close))
    event = close[0].events[0]
    read = view.read_at(event)
    left = facts(event, view.wording, view.now, read)["days_left"]
    if left is None:
        return view.wording.plain("subject/stopping_many", cities=1)
    place = view.city(event.slug)
    return view.wording.plain("subject/stopping", place=place, days_left=left) + _aged(read, view)


def _watched(lead: list[CityEvents], view: View) -> str:
    events = [event for city in lead for event in city.events]
    if (count := count_of(lead)) > 1:
        return view.wording.plain("subject/watched_many", count=count)
    title = shorten(inert(clean(events[0].title)), policy().office_chars)
    kind = view.wording.plain_known("kind", events[0].kind)
    return view.wording.plain("subject/watched", place=view.city(lead[0].slug), title=title, kind=kind)


def _resumed(lead: list[CityEvents], view: View) -> str:
    first = lead[0].events[0]
    if not first.kind.startswith("city."):
        return ""
    days = first.evidence.get("silent_days")
    key = "subject/resumed" if days else "subject/resumed_undated"
    return view.wording.plain(key, place=view.city(first.slug), days=days or 0)


def _corrected(lead: list[CityEvents], view: View) -> str:
    if (count := count_of(lead)) > 1:
        return view.wording.plain("subject/corrected_many", count=count)
    return view.wording.plain("subject/corrected", place=view.city(lead[0].slug))


_LEADS: Mapping[str, Lead] = {
    "stopped": _stopped,
    "watched": _watched,
    "slowed": _slowed,
    "resumed": _resumed,
    "corrected": _corrected,
    "ours": lambda lead, view: view.wording.plain("subject/ours", count=count_of(lead)),
}


def _counted(section: str, lead: list[CityEvents], view: View) -> str:
    """The lead by the count of the section and its cities; by the kind of event if no dataset is concerned."""
    counted = [city for city in lead if city.count] or lead
    place, count = view.city(counted[0].slug), count_of(lead)
    if not any(city.count for city in lead):
        kind = view.wording.plain_known("kind", lead[0].events[0].kind)
        return view.wording.plain("subject/other" if len(lead) == 1 else "subject/other_many", place=place, kind=kind,
                             cities=len(lead))  # fmt: skip
    name = "changed" if section == "resumed" else section
    # A dataset whose page still opens is unlisted, not removed.
    if section == "removed" and any(event.kind == "dataset.unlisted" for city in lead for event in city.events):
        name = "unlisted"
    if len(counted) == 1:
        return view.wording.plain(f"subject/{name}", place=place, count=count)
    return view.wording.plain(f"subject/{name}_many", cities=len(counted), count=count)


_CLOSED = frozenset({"down", "empty"})
"""States in which it is unknown whether a city still updates."""


def first_subject(view: View) -> str:
    """The subject of a first digest: how many of the cities that could be read have stopped, and the longest stop."""
    known = [one for one in view.standings if one.trusted]
    lately = [one for one in view.portals if one.trusted and read_lately(one, view.now)]
    total, halted = len(view.portals), stopped(view.standings)
    place = view.city(view.standings[0].slug) if len(view.standings) == 1 else ""
    if not total:
        return fitting(view.wording.plain("subject/first_empty"))
    if halted:
        values = {"place": view.city(halted[0].slug), "days": halted[0].days_in_state}
        key = "first_one_stopped" if place else "first_stopped" if len(halted) > 1 else "first_stopped_single"
        told = view.wording.plain(f"subject/{key}", total=len(known), count=len(halted), **values)
        return fitting(told + _aged(halted[0].trusted, view))
    if place and not known:
        return fitting(view.wording.plain("subject/first_unread_one", place=place))
    if place:
        state = known[0].state
        key = f"subject/first_one_{state}" if state in _CLOSED else "subject/first_one_calm"
        return fitting(view.wording.plain(key, place=place) + _aged(known[0].trusted, view))
    calm = sum(one.state not in _CLOSED for one in lately)
    key = "first_calm" if calm == total else "first_calm_some" if calm else "first_unread"
    return fitting(view.wording.plain(f"subject/{key}", total=total, known=calm))
