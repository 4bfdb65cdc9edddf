"""The subject: the one most important thing, then how much else there is."""

from collections.abc import Callable, Mapping
from datetime import datetime

from alerts.digest.lots import Lot, count_of, lot_of
from alerts.digest.model import Picture, PortalStanding
from alerts.digest.occasions import SILENT, STILL_STOPPED
from alerts.digest.order import city_name
from alerts.digest.standing import read_lately, stopped
from alerts.model.events import Event
from alerts.model.sections import policy
from alerts.text.facts import facts
from alerts.text.parts import Part
from alerts.text.sanitising import clean, columns, inert, shorten
from alerts.text.wording import Wording

Lead = Callable[[list[Lot], Picture, Wording, datetime], str]


def changes_subject(lots: Mapping[str, list[Lot]], picture: Picture, wording: Wording, now: datetime) -> str:
    """«贵阳停更 251 天；另有 3 城 27 条变化»; the second half goes first when it gets too long."""
    section, lead = next(iter(lots.items()))
    told = _LEADS[section](lead, picture, wording, now) if section in _LEADS else ""
    first = told or _counted(section, lead, picture, wording)
    rest = {section: _untold(section, lead)} if told else {}
    rest |= {name: cities for name, cities in lots.items() if name != section}
    both = first + wording.text("clause") + _rest(lead, rest, picture, wording) if any(rest.values()) else first
    return fitting(both if columns(both) <= policy().subject_columns else first)


def _untold(section: str, lead: list[Lot]) -> list[Lot]:
    """What of the first section a lead of its own (_LEADS) leaves out."""
    if section == "stopped":
        return [lot for lot in lead if _stop(lot.events[0]) != _stop(lead[0].events[0])]
    if section == "slowed":
        return [lot for lot in lead if lot.events[0].kind != lead[0].events[0].kind]
    if section == "resumed":
        later = lead[0].events[1:]
        return [*([lot_of(lead[0].slug, section, later)] if later else []), *lead[1:]]
    return []


def fitting(subject: str) -> str:
    """One line, no controls, at most as long as a phone shows; cut between characters."""
    line = clean(subject)
    for limit in range(len(line), 0, -1):
        shown = shorten(line, limit)
        if columns(shown) <= policy().subject_columns:
            return shown
    return ""


def _rest(lead: list[Lot], rest: Mapping[str, list[Lot]], picture: Picture, wording: Wording) -> str:
    cities = sorted({lot.slug for lots in rest.values() for lot in lots})
    count = sum(count_of(lots) for lots in rest.values())
    if cities == [lot.slug for lot in lead]:
        return wording.plain("subject/rest_same", count=count)
    if len(cities) == 1:
        return wording.plain("subject/rest_one", place=city_name(cities[0], picture, wording), count=count)
    return wording.plain("subject/rest_many", cities=len(cities), count=count)


def _stopped(lead: list[Lot], picture: Picture, wording: Wording, now: datetime) -> str:
    first = lead[0].events[0]
    name = _stop(first)
    same = [lot for lot in lead if _stop(lot.events[0]) == name]
    place, count = city_name(first.slug, picture, wording), len(same)
    days, read = max((_age(lot.events[0], picture, wording, now) for lot in same), key=lambda pair: pair[0])
    if name == "stopped" and not days:
        return wording.plain("subject/stopped_undated", place=place)
    key = f"subject/{name}_{'one' if count == 1 else 'many'}"
    told = wording.plain(key, place=place, days=days, count=count, others=count - 1)
    return told + _aged(read, wording, now) if name != "down" else told


def _age(event: Event, picture: Picture, wording: Wording, now: datetime) -> tuple[int, datetime]:
    """Its days, 0 where none are known, and the reading they hold as of."""
    read = picture.read_at(event)
    return facts(event, wording, now, read)["days"] or 0, read


def _aged(read: datetime | None, wording: Wording, now: datetime) -> str:
    told = wording.plain_as_of(read, now)
    return "".join(part.text for part in wording.aside((Part(told),))) if told else ""


def _stop(event: Event) -> str:
    """Which sort of stop: a new one, one that lasts, or a portal out of reach."""
    if event.kind == STILL_STOPPED:
        return "still"
    return "stopped" if event.kind.startswith("city.") else "down"


def _slowed(lead: list[Lot], picture: Picture, wording: Wording, now: datetime) -> str:
    """Who is about to stop is not merely slow; and a silence beyond the reader's own threshold is their measure."""
    first = lead[0].events[0]
    if first.kind == "city.stopping":
        return _stopping(lead, picture, wording, now)
    if first.kind != SILENT:
        return ""
    place, (days, read) = city_name(first.slug, picture, wording), _age(first, picture, wording, now)
    threshold = first.evidence["threshold"]
    if len(lead) > 1:
        return wording.plain("subject/silent_many", cities=len(lead), threshold=threshold)
    return wording.plain("subject/silent_one", place=place, days=days, threshold=threshold) + _aged(read, wording, now)


def _stopping(lead: list[Lot], picture: Picture, wording: Wording, now: datetime) -> str:
    close = [lot for lot in lead if lot.events[0].kind == "city.stopping"]
    if len(close) > 1:
        return wording.plain("subject/stopping_many", cities=len(close))
    event = close[0].events[0]
    read = picture.read_at(event)
    left = facts(event, wording, now, read)["days_left"]
    if left is None:
        return wording.plain("subject/stopping_many", cities=1)
    place = city_name(event.slug, picture, wording)
    return wording.plain("subject/stopping", place=place, days_left=left) + _aged(read, wording, now)


def _watched(lead: list[Lot], picture: Picture, wording: Wording, _now: datetime) -> str:
    events = [event for lot in lead for event in lot.events]
    if (count := count_of(lead)) > 1:
        return wording.plain("subject/watched_many", count=count)
    title = shorten(inert(clean(events[0].title)), policy().office_chars)
    kind = wording.plain_known("kind", events[0].kind)
    return wording.plain("subject/watched", place=city_name(lead[0].slug, picture, wording), title=title, kind=kind)


def _resumed(lead: list[Lot], picture: Picture, wording: Wording, _now: datetime) -> str:
    first = lead[0].events[0]
    if not first.kind.startswith("city."):
        return ""
    days = first.evidence.get("silent_days")
    key = "subject/resumed" if days else "subject/resumed_undated"
    return wording.plain(key, place=city_name(first.slug, picture, wording), days=days or 0)


def _corrected(lead: list[Lot], picture: Picture, wording: Wording, _now: datetime) -> str:
    if (count := count_of(lead)) > 1:
        return wording.plain("subject/corrected_many", count=count)
    return wording.plain("subject/corrected", place=city_name(lead[0].slug, picture, wording))


def _ours(lead: list[Lot], _picture: Picture, wording: Wording, _now: datetime) -> str:
    return wording.plain("subject/ours", count=count_of(lead))


_LEADS: Mapping[str, Lead] = {
    "stopped": _stopped,
    "watched": _watched,
    "slowed": _slowed,
    "resumed": _resumed,
    "corrected": _corrected,
    "ours": _ours,
}


def _counted(section: str, lead: list[Lot], picture: Picture, wording: Wording) -> str:
    """By the number of the section, over the cities it comes from; of datasets, only where there are some."""
    counted = [lot for lot in lead if lot.count] or lead
    place, count = city_name(counted[0].slug, picture, wording), count_of(lead)
    if not any(lot.count for lot in lead):
        kind = wording.plain_known("kind", lead[0].events[0].kind)
        return wording.plain("subject/other" if len(lead) == 1 else "subject/other_many", place=place, kind=kind,
                             cities=len(lead))  # fmt: skip
    name = _name(section, [event for lot in lead for event in lot.events])
    if len(counted) == 1:
        return wording.plain(f"subject/{name}", place=place, count=count)
    return wording.plain(f"subject/{name}_many", cities=len(counted), count=count)


def _name(section: str, events: list[Event]) -> str:
    """Of the subject: who hides an entry whose page still opens has not removed it."""
    if section == "removed" and any(event.kind == "dataset.unlisted" for event in events):
        return "unlisted"
    return "changed" if section == "resumed" else section


_CLOSED = frozenset({"down", "empty"})
"""States in which nobody can say whether a city goes on updating."""


def first_subject(picture: Picture, wording: Wording, now: datetime) -> str:
    """How things stand in what could be read: how many have stopped, and which the longest."""
    known = [one for one in picture.standings if one.trusted]
    lately = [one for one in known if read_lately(one, now)]
    total, halted = len(picture.standings), stopped(picture)
    place = city_name(picture.standings[0].slug, picture, wording) if total == 1 else ""
    if not total:
        return fitting(wording.plain("subject/first_empty"))
    if halted:
        return fitting(_first_stopped(halted, known, picture, wording, now))
    if place and not known:
        return fitting(wording.plain("subject/first_unread_one", place=place))
    if place:
        state = known[0].state
        key = f"subject/first_one_{state}" if state in _CLOSED else "subject/first_one_calm"
        return fitting(wording.plain(key, place=place) + _aged(known[0].trusted, wording, now))
    calm = sum(one.state not in _CLOSED for one in lately)
    key = "first_calm" if calm == total else "first_calm_some" if calm else "first_unread"
    return fitting(wording.plain(f"subject/{key}", total=total, known=calm))


def _first_stopped(
    halted: list[PortalStanding], known: list[PortalStanding], picture: Picture, wording: Wording, now: datetime
) -> str:
    worst = halted[0]
    values = {"place": city_name(worst.slug, picture, wording), "days": worst.days_in_state}
    aged = _aged(worst.trusted, wording, now)
    if len(picture.standings) == 1:
        return wording.plain("subject/first_one_stopped", **values) + aged
    key = "first_stopped" if len(halted) > 1 else "first_stopped_single"
    return wording.plain(f"subject/{key}", total=len(known), count=len(halted), **values) + aged
