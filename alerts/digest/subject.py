"""The subject: the one most important thing, then how much else there is."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from alerts.digest.facts import facts
from alerts.digest.lots import Lot
from alerts.digest.model import Picture, Standing
from alerts.digest.occasions import SILENT, STILL_STOPPED
from alerts.digest.order import city_name
from alerts.digest.rules import policy
from alerts.digest.wording import Wording
from alerts.digest.words import clean, columns, inert, shorten
from alerts.events import Event

Lead = Callable[[list[Lot], Picture, Wording, datetime], str]


def changes_subject(lots: Mapping[str, list[Lot]], picture: Picture, wording: Wording, now: datetime) -> str:
    """«贵阳停更 251 天；另有 3 城 27 条变化»; the second half goes first when it gets too long."""
    section, lead = next(iter(lots.items()))
    told = _LEADS[section](lead, picture, wording, now) if section in _LEADS else ""
    first = told or _counted(section, lead, picture, wording)
    rest = [lot for name, cities in lots.items() if name != section for lot in cities]
    both = first + wording.text("clause") + _rest(lead, rest, picture, wording) if rest else first
    return fitting(both if columns(both) <= policy().subject_columns else first)


def fitting(subject: str) -> str:
    """One line, no controls, at most as long as a phone shows; cut between characters."""
    line = clean(subject)
    for limit in range(len(line), 0, -1):
        shown = shorten(line, limit)
        if columns(shown) <= policy().subject_columns:
            return shown
    return ""


def _rest(lead: list[Lot], rest: list[Lot], picture: Picture, wording: Wording) -> str:
    cities = sorted({lot.slug for lot in rest})
    count = sum(lot.weight for lot in rest)
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
    days = max((facts(lot.events[0], wording, now)["days"] or 0 for lot in same), default=0)
    if name == "stopped" and not days:
        return wording.plain("subject/stopped_undated", place=place)
    key = f"subject/{name}_{'one' if count == 1 else 'many'}"
    return wording.plain(key, place=place, days=days, count=count, others=count - 1)


def _stop(event: Event) -> str:
    """Which sort of stop: a new one, one that lasts, or a portal out of reach."""
    if event.kind == STILL_STOPPED:
        return "still"
    return "stopped" if event.kind.startswith("city.") else "down"


def _slowed(lead: list[Lot], picture: Picture, wording: Wording, now: datetime) -> str:
    """A silence beyond the reader's own threshold is not called slow: it is their measure, not ours."""
    first = lead[0].events[0]
    if first.kind != SILENT:
        return ""
    known = facts(first, wording, now)
    place, days = city_name(first.slug, picture, wording), known["days"] or 0
    key = f"subject/silent_{'one' if len(lead) == 1 else 'many'}"
    return wording.plain(key, place=place, days=days, cities=len(lead), threshold=known["threshold"])


def _watched(lead: list[Lot], picture: Picture, wording: Wording, _now: datetime) -> str:
    events = [event for lot in lead for event in lot.events]
    if len({event.dataset for event in events}) > 1:
        return wording.plain("subject/watched_many", count=len({(event.portal, event.dataset) for event in events}))
    title = shorten(inert(clean(events[0].title)), policy().office_chars)
    kind = wording.plain_known("kind", events[0].kind)
    return wording.plain("subject/watched", place=city_name(lead[0].slug, picture, wording), title=title, kind=kind)


def _resumed(lead: list[Lot], picture: Picture, wording: Wording, now: datetime) -> str:
    first = lead[0].events[0]
    if not first.kind.startswith("city."):
        return ""
    days = facts(first, wording, now).get("silent_days")
    key = "subject/resumed" if days else "subject/resumed_undated"
    return wording.plain(key, place=city_name(first.slug, picture, wording), days=days or 0)


def _corrected(lead: list[Lot], picture: Picture, wording: Wording, _now: datetime) -> str:
    return wording.plain("subject/corrected", place=city_name(lead[0].slug, picture, wording))


def _ours(lead: list[Lot], _picture: Picture, wording: Wording, _now: datetime) -> str:
    return wording.plain("subject/ours", count=sum(len(lot.events) for lot in lead))


_LEADS: Mapping[str, Lead] = {
    "stopped": _stopped,
    "watched": _watched,
    "slowed": _slowed,
    "resumed": _resumed,
    "corrected": _corrected,
    "ours": _ours,
}


def _counted(section: str, lead: list[Lot], picture: Picture, wording: Wording) -> str:
    name = section if section != "resumed" else "changed"
    count = sum(lot.weight for lot in lead)
    if len(lead) == 1:
        place = city_name(lead[0].slug, picture, wording)
        return wording.plain(f"subject/{name}", place=place, count=count)
    return wording.plain(f"subject/{name}_many", cities=len(lead), count=count)


def first_subject(total: int, stopped: Sequence[Standing], picture: Picture, wording: Wording, now: datetime) -> str:
    """How things stand: how many of how many have stopped, and which the longest."""
    if not total:
        return fitting(wording.plain("subject/first_empty"))
    if not stopped and total == 1:
        return fitting(
            wording.plain("subject/first_one_calm", place=city_name(picture.standings[0].slug, picture, wording))
        )
    if not stopped:
        return fitting(wording.plain("subject/first_calm", total=total))
    place, days = city_name(stopped[0].slug, picture, wording), days_silent(stopped[0], now)
    if total == 1:
        return fitting(wording.plain("subject/first_one_stopped", place=place, days=days))
    key = "first_stopped" if len(stopped) > 1 else "first_stopped_single"
    return fitting(wording.plain(f"subject/{key}", total=total, count=len(stopped), place=place, days=days))


def days_silent(standing: Standing, now: datetime) -> int:
    """Whole days since the last evidence of an update, or since the state began."""
    since = standing.last_evidence or standing.since
    return (now - since).days if since else 0
