"""Gathers what a digest speaks from beside the events: states and coverage of what the subscriber follows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from alerts.audience.filters import Filter, places
from alerts.audience.remarks import RemarkKind, holding
from alerts.digest.model import STOPPED, PortalStanding, Situation
from alerts.model.events import Confidence, Event
from alerts.records.isolation import apart
from alerts.records.queries import CityView, RunsSummary, coverage, portal_states, readable
from opendata_spiders.register import Portal, Register
from opendata_spiders.store.store import Store

_OURS = frozenset({"blocked", "drifted"})
"""States of our reading, not of the city."""


def situation_of(  # noqa: PLR0913, PLR0917 -- where everything lies, for whom, since when, as of when
    store: Store, register: Register, scope: Filter, since: datetime, site_url: str, now: datetime
) -> Situation:
    """The situation as of now; a portal counts as reliably read if its last run since `since` is complete."""
    followed = [portal for portal in register.crawlable() if scope.follows(portal.slug)]
    ids = {portal.id: portal.slug for portal in followed}
    views = {view.portal: view for view in portal_states(store, ids)}
    summaries = {one.portal: one for one in coverage(store, ids, since, now)}
    return Situation(
        places=places(register),
        standings=_remarked(store, followed, _standings(followed, views, summaries), views, now),
        silent=scope.silent,
        site_url=site_url,
    )


def _remarked(
    store: Store,
    followed: Sequence[Portal],
    standings: Sequence[PortalStanding],
    views: Mapping[str, CityView],
    now: datetime,
) -> tuple[PortalStanding, ...]:
    """The standings with what people said of them, and since when the stops have been known."""
    notes, acks = (holding(store, kind, now) for kind in (RemarkKind.NOTE, RemarkKind.ACK))
    halted = [portal.id for portal, one in zip(followed, standings, strict=True) if one.state in STOPPED]
    stops = {event.portal: event for event in _stops(store, halted)}
    return tuple(
        replace(
            one,
            note=notes.get(portal.id),
            acknowledged=acks.get(portal.id),
            **_stated(stops.get(portal.id), views.get(portal.id)),
        )
        for portal, one in zip(followed, standings, strict=True)
    )


def _stops(store: Store, portals: Sequence[str]) -> list[Event]:
    """Every stop that was stated of these portals and not taken back, in order of writing."""
    query = {"portal": {"$in": list(portals)}, "kind": {"$in": ["city.stopped", "city.stopped_faking"]}}
    found = store.db["events"].find(query).sort("seq", 1) if portals else ()
    return list(readable(found))


def _stated(stop: Event | None, view: CityView | None) -> dict[str, Any]:
    if stop is not None:
        return {"stated": stop.at, "stated_by": stop.id}
    return {"stated": view.first_observed if view else None}


def _standings(
    followed: Iterable[Portal], views: dict[str, CityView], summaries: dict[str, RunsSummary]
) -> tuple[PortalStanding, ...]:
    found: list[PortalStanding] = []
    for portal in followed:
        standing = PortalStanding(portal.slug, "none")
        with apart("portal", portal.slug):
            standing = _standing(portal, views.get(portal.id), summaries[portal.id])
        found.append(standing)
    return tuple(found)


def _standing(portal: Portal, view: CityView | None, summary: RunsSummary) -> PortalStanding:
    if view is None:
        verdict = summary.last_verdict.value if summary.last_verdict else ""
        return PortalStanding(
            portal.slug, "none", verdict=verdict, reason=summary.last_reason, reliable=summary.reliable
        )
    last = summary.last_verdict or view.last_verdict
    return PortalStanding(
        slug=portal.slug,
        state=view.city if view.state in _OURS else view.state,
        since=view.since,
        last_evidence=view.evidence.date if view.evidence else None,
        claimed=view.confidence is Confidence.CLAIMED,
        datasets=view.counts.get("known", 0),
        overdue=view.counts.get("overdue", 0) + view.counts.get("delinquent", 0),
        verdict=last.value if last else "",
        reason=summary.last_reason or view.last_reason,
        checked=view.last_at,
        trusted=view.last_complete_at,
        reliable=summary.reliable,
        timezone=portal.timezone,
        flapping=view.flapping,
    )
