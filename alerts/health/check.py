"""States each problem of this service once per episode, and states its end.

Stated problems are kept in the collection `health`, one document per problem and episode, so that each check is
compared with what operators were told, not with the previous check.
"""

import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from alerts.engine.repository import put_events
from alerts.health.health_data import HealthData, load_health_data
from alerts.health.policy import policy
from alerts.health.rules import Trouble, troubles, unseen
from alerts.model.events import Confidence, Event, event_id
from alerts.model.kinds import kinds
from opendata_spiders.register import Register
from opendata_spiders.store.clock import watch_now
from opendata_spiders.store.content import storable
from opendata_spiders.store.schema import Mode
from opendata_spiders.store.store import Store

_TOGETHER = "ops.no_run"
"""Problems of this kind found at once make one event: if the night did not run, every portal is affected."""

Document = Mapping[str, Any]


def check(store: Store, register: Register, now: datetime) -> list[Event]:
    """State new problems and the end of earlier ones; returns the events written.

    `now` is domain time. Does nothing in a database of replayed nights without WATCH_NOW: time has no meaning there.
    """
    if store.mode is Mode.REPLAY and watch_now(os.environ) is None:
        return []
    return state(store, load_health_data(store, register, now))


def state(store: Store, data: HealthData) -> list[Event]:
    """Compare present problems with those stated, and write the differences in one transaction."""
    found, now, health = {trouble.key: trouble for trouble in troubles(data, policy())}, data.now, store.db["health"]

    def work(session: ClientSession) -> list[Event]:
        told = {document["key"]: document for document in health.find({"ended": None}, session=session)}
        fresh = []
        for trouble in (one for key, one in found.items() if key not in told):
            # A problem that ended and holds again with the same run (after a correction, or when the register row is
            # back) is a new episode.
            known = {"key": trouble.key, "run": trouble.episode}
            times = health.count_documents(known, session=session)
            fresh.append(replace(trouble, episode=f"{trouble.episode} again {times}") if times else trouble)
        over = [one for key, one in told.items() if key not in found and not unseen(key, data, policy())]
        together = [one for one in fresh if one.kind == _TOGETHER]
        groups = [(_event(one, now), [one]) for one in fresh if one.kind != _TOGETHER]
        groups += [(_event(_joined(together), now), together)] if together else []
        for event, group in groups:
            for trouble in group:
                health.insert_one(_document(trouble, event, now), session=session)
        ended = {"_id": {"$in": [one["_id"] for one in over]}}
        health.update_many(ended, {"$set": {"ended": now}}, session=session)
        # The end of a problem whose event was retracted is not stated.
        stated = {"evidence.retracted": {"$in": [one["event"] for one in over]}}
        taken = {one["evidence"]["retracted"] for one in store.db["events"].find(stated, session=session)}
        ends = _ends([one for one in over if one["event"] not in taken], now)
        return put_events(store, (*(event for event, _ in groups), *ends), session)

    try:
        return store.transact(work)
    except DuplicateKeyError:
        return []  # another process has just stated the same


def _document(trouble: Trouble, event: Event, now: datetime) -> dict[str, Any]:
    """A stated problem as a document of the collection `health`."""
    values = {
        "_id": f"{trouble.key} {trouble.episode}",
        "key": trouble.key,
        "kind": trouble.kind,
        "portal": trouble.portal,
        "slug": trouble.slug,
        "portals": list(trouble.evidence.get("portals") or [trouble.slug]),
        "episode": trouble.episode,
        "run": trouble.episode.partition(" ")[0],
        "event": event.id,
        "since": trouble.since,
        "told": now,
        "ended": None,
    }
    return dict(storable(values))


def _joined(group: Sequence[Trouble]) -> Trouble:
    """Several problems of one kind as one; a single one keeps its portal."""
    last = max(group, key=lambda one: (one.since, one.subject))
    portals = sorted(one.slug for one in group)
    evidence = {**last.evidence, "count": len(portals), "portals": portals}
    joined = replace(last, subject=" ".join(sorted(one.subject for one in group)), evidence=evidence)
    return joined if len(group) == 1 else replace(joined, portal="", slug="")


def _ends(over: Sequence[Document], now: datetime) -> list[Event]:
    """One event for each kind of problem that is over."""
    grouped: dict[str, list[Document]] = defaultdict(list)
    for document in over:
        grouped[document["kind"]].append(document)
    events = []
    for kind, group in sorted(grouped.items()):
        since = min(document["since"] for document in group)
        portals = sorted({slug for document in group for slug in document["portals"] if slug})
        named = {"count": len(portals), "portals": portals} if portals else {}
        first, alone = group[0], len(group) == 1
        end = Trouble(
            kind="ops.ended",
            subject=" ".join(sorted(document["key"] for document in group)),
            episode=" ".join(sorted(document["episode"] for document in group)),
            since=since,
            portal=first["portal"] if alone else "",
            slug=first["slug"] if alone else "",
            run=first["run"],
            evidence={"of": kind, **named, "since": since, "days": (now - since).days},
        )
        events.append(_event(end, now))
    return events


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
