"""States each trouble of our own once an episode, and says when it is over.

What was told lies in the collection `health`, one document a trouble and episode, so that a look is compared with what
people know: not with the look before it.
"""

import os
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from alerts.engine.repository import put_events
from alerts.health.policy import policy
from alerts.health.rules import Trouble, troubles, unseen
from alerts.health.sight import Sight, look
from alerts.model.events import Confidence, Event, event_id
from alerts.model.kinds import kinds
from opendata_spiders.register import Register
from opendata_spiders.store.clock import watch_now
from opendata_spiders.store.content import storable
from opendata_spiders.store.schema import Mode
from opendata_spiders.store.store import Store

_TOGETHER = frozenset({"ops.no_run"})
"""Kinds of which all that is found at once makes one event: when the night did not run, every portal is affected."""

Document = Mapping[str, Any]


def check(store: Store, register: Register, now: datetime) -> list[Event]:
    """State what is newly wrong with our own reading and what is over; returns the events written.

    `now` is domain time. In a database of replayed nights without WATCH_NOW the hour means nothing: nothing is said.
    """
    if store.mode is Mode.REPLAY and watch_now(os.environ) is None:
        return []
    return state(store, look(store, register, now))


def state(store: Store, sight: Sight) -> list[Event]:
    """Compare what is wrong with what was told, and write the difference in one transaction."""
    found = {trouble.key: trouble for trouble in troubles(sight, policy())}

    def work(session: ClientSession) -> list[Event]:
        told = {document["key"]: document for document in store.db["health"].find({"ended": None}, session=session)}
        fresh = [_numbered(store, trouble, session) for key, trouble in found.items() if key not in told]
        over = [one for key, one in told.items() if key not in found and not unseen(key, sight, policy())]
        stated = _stated(fresh, sight.now)
        _remember(store, stated, over, sight.now, session)
        events = [event for event, _ in stated] + _ended(_believed(store, over, session), sight.now)
        return put_events(store, tuple(events), session)

    try:
        return store.transact(work)
    except DuplicateKeyError:
        return []  # another command has just said the same


def _numbered(store: Store, trouble: Trouble, session: ClientSession) -> Trouble:
    """What was over and holds again with the same run, after a correction or a row that came back, is told again."""
    known = {"key": trouble.key, "run": trouble.episode}
    times = store.db["health"].count_documents(known, session=session)
    return replace(trouble, episode=f"{trouble.episode} again {times}") if times else trouble


def _believed(store: Store, over: Iterable[Document], session: ClientSession) -> list[Document]:
    """Those whose message a person has not taken back: the end of what never was is no news."""
    ends = list(over)
    told = {"evidence.retracted": {"$in": [document["event"] for document in ends]}}
    taken = {one["evidence"]["retracted"] for one in store.db["events"].find(told, session=session)}
    return [document for document in ends if document["event"] not in taken]


Stated = tuple[Event, Sequence[Trouble]]
"""An event with the troubles that it tells."""


def _remember(
    store: Store, stated: Iterable[Stated], over: Iterable[Document], now: datetime, session: ClientSession
) -> None:
    for event, group in stated:
        for trouble in group:
            store.db["health"].insert_one(_document(trouble, event, now), session=session)
    for one in over:
        store.db["health"].update_one({"_id": one["_id"]}, {"$set": {"ended": now}}, session=session)


def _document(trouble: Trouble, event: Event, now: datetime) -> dict[str, Any]:
    values = {
        "_id": f"{trouble.key} {trouble.episode}",
        "key": trouble.key,
        "kind": trouble.kind,
        "portal": trouble.portal,
        "slug": trouble.slug,
        "portals": _portals(trouble),
        "episode": trouble.episode,
        "run": trouble.episode.partition(" ")[0],
        "event": event.id,
        "since": trouble.since,
        "told": now,
        "ended": None,
    }
    return dict(storable(values))


def _portals(trouble: Trouble) -> list[str]:
    named = trouble.evidence.get("portals")
    return list(named) if named else [trouble.slug]


def _stated(fresh: Sequence[Trouble], now: datetime) -> list[Stated]:
    alone: list[Stated] = [(_event(one, now), [one]) for one in fresh if one.kind not in _TOGETHER]
    grouped: dict[str, list[Trouble]] = defaultdict(list)
    for trouble in fresh:
        if trouble.kind in _TOGETHER:
            grouped[trouble.kind].append(trouble)
    return alone + [(_event(_joined(group), now), group) for group in grouped.values()]


def _joined(group: Sequence[Trouble]) -> Trouble:
    """Several of one kind as one; a single one keeps its portal."""
    last = max(group, key=lambda one: (one.since, one.subject))
    portals = sorted(one.slug for one in group)
    subject = " ".join(sorted(one.subject for one in group))
    joined = replace(last, subject=subject, evidence={**last.evidence, "count": len(portals), "portals": portals})
    return joined if len(group) == 1 else replace(joined, portal="", slug="")


def _ended(over: Sequence[Document], now: datetime) -> list[Event]:
    grouped: dict[str, list[Document]] = defaultdict(list)
    for document in over:
        grouped[document["kind"]].append(document)
    return [_event(_over(kind, group, now), now) for kind, group in sorted(grouped.items())]


def _over(kind: str, group: Sequence[Document], now: datetime) -> Trouble:
    since = min(document["since"] for document in group)
    portals = sorted({slug for document in group for slug in document["portals"] if slug})
    first, alone = group[0], len(group) == 1
    named = {"count": len(portals), "portals": portals} if portals else {}
    evidence = {"of": kind, **named, "since": since, "days": (now - since).days}
    return Trouble(
        kind="ops.ended",
        subject=" ".join(sorted(document["key"] for document in group)),
        episode=" ".join(sorted(document["episode"] for document in group)),
        since=since,
        portal=first["portal"] if alone else "",
        slug=first["slug"] if alone else "",
        run=first["run"],
        evidence=evidence,
    )


def _event(trouble: Trouble, now: datetime) -> Event:
    kind = kinds()[trouble.kind]
    return Event(
        id=event_id(trouble.kind, trouble.portal, trouble.subject, trouble.episode),
        kind=trouble.kind,
        portal=trouble.portal,
        slug=trouble.slug,
        dataset=None,
        run=trouble.run,
        at=now,
        severity=kind.severity,
        confidence=Confidence.CONFIRMED,
        since=trouble.since,
        rule=kind.rule,
        evidence=storable(trouble.evidence),
    )
