"""The digests that a subscription would have sent over the last weeks, in its own rhythm; changes nothing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from alerts.audience.rhythm import Every, Rhythm
from alerts.audience.subscribers import Subscriber
from alerts.delivery.outbox import Cursor
from alerts.digest.city_news import hear
from alerts.digest.compose import Composer
from alerts.digest.model import STOPPED, Digest, PortalStanding, View
from alerts.digest.situation import situation_of
from alerts.model.events import Event
from alerts.records.queries import RETRACTED, events_where, tellable
from alerts.text.facts import moment as evidence_date

_STOPS = frozenset({"city.stopped", "city.stopped_faking"})
_TURNS = _STOPS | {"city.resumed"}


@dataclass(frozen=True, slots=True)
class Sending:
    """One digest that would have been written."""

    at: datetime
    digest: Digest


def slots(rhythm: Rhythm, events: Sequence[Event], start: datetime, end: datetime) -> list[datetime]:
    """The times after `start`, up to `end`, at which a digest would have been considered."""
    if rhythm.every is Every.INSTANT:
        return sorted({event.at for event in events if start < event.at <= end})
    found: list[datetime] = []
    moment = end
    while (slot := rhythm.slot(moment)) > start:
        found.append(slot)
        moment = slot - timedelta(seconds=1)
    return found[::-1]


def replayed(composer: Composer, subscriber: Subscriber, start: datetime) -> Iterator[Sending]:
    """Every digest since `start`, as if the subscriber knew all earlier events."""
    store, register, scope = composer.store, composer.register, subscriber.scope
    events = [event for event in events_where(store) if event.at <= composer.now]
    personal = composer.cache.personal(subscriber.name)
    told: frozenset[str] = frozenset()
    before = Cursor(subscriber.name, 0, start, start)
    for slot in slots(subscriber.rhythm, events, start, composer.now):
        known = [event for event in events if event.at <= slot]
        fresh = [event for event in known if event.at > before.considered_at]
        seq = max((event.seq for event in known if event.at <= before.considered_at), default=0)
        taken = {event.evidence.get("retracted") for event in known if event.kind == RETRACTED}
        then = [event if event.id in taken else replace(event, retracted="") for event in fresh]
        tonight = situation_of(store, register, scope, before.written_at, composer.site_url, slot)
        standings = tuple(_as_of(_last_read(composer, one, slot), events, slot) for one in tonight.standings)
        situation = replace(tonight, standings=standings, watched=personal.all_keys)
        view = View(situation, subscriber.wording, slot)
        news = hear(tellable(then, seq), scope, subscriber.role, situation.watched)
        if digest := composer.changes(subscriber, news, view, before, told):
            told |= frozenset(digest.silences)
            yield Sending(slot, digest)
        before = replace(before, considered_at=slot, written_at=slot if digest else before.written_at)


def _last_read(composer: Composer, one: PortalStanding, moment: datetime) -> PortalStanding:
    """The standing with the last complete run up to `moment`."""
    if one.trusted is None or one.trusted <= moment:
        return one
    reading = composer.store.previous(one.portal, moment)
    return replace(one, trusted=reading.run.at if reading and not reading.run.imported else None)


def _as_of(one: PortalStanding, events: Sequence[Event], moment: datetime) -> PortalStanding:
    """The city's standing at `moment`, by its stops and resumptions: later ones are undone."""
    turns = [event for event in events if event.slug == one.slug and event.kind in _TURNS and not event.retracted]
    past, future = [e for e in turns if e.at <= moment], [e for e in turns if e.at > moment]
    if past:
        had_stopped = past[-1].kind in _STOPS
    else:
        had_stopped = future[0].kind == "city.resumed" if future else one.state in STOPPED
    if not had_stopped:
        return replace(one, state="live", since=None) if one.state in STOPPED else one
    if one.state in STOPPED and (past or not future):
        return one
    silent = past[-1].since if past else evidence_date(future[0].evidence.get("evidence_before"))
    return replace(one, state="stopped", last_evidence=silent, stated=past[-1].at if past else one.stated)
