"""Gathers the present states of the portals that a subscriber follows, and whether they could be read."""

from dataclasses import replace
from datetime import datetime

from alerts.audience.filters import Filter, places
from alerts.audience.remarks import RemarkKind, holding
from alerts.digest.model import STOPPED, PortalStanding, Situation
from alerts.model.events import Confidence, portal_of
from alerts.records.isolation import apart
from alerts.records.parts import parts_told
from alerts.records.queries import CityView, last_runs, portal_states, readable
from alerts.records.state_source import StoredStates
from opendata_spiders.register import Portal, Register
from opendata_spiders.store.collections import SHOWN
from opendata_spiders.store.models import Run, Verdict
from opendata_spiders.store.store import Store

_OURS = frozenset({"blocked", "drifted"})
"""States of our crawling, not of the city."""


def situation_of(  # noqa: PLR0913, PLR0917 -- where everything lies, for whom, since when, as of when
    store: Store, register: Register, scope: Filter, since: datetime, site_url: str, now: datetime
) -> Situation:
    """The situation as of now; a portal counts as reliably read if its last run since `since` is complete.

    One of which only imported history is known counts as not read yet.
    """
    shown = [*register.crawlable(), *parts_told(StoredStates(store), register)]
    followed = {portal.id: portal for portal in shown if scope.follows(portal.slug)}
    views = {view.portal: view for view in portal_states(StoredStates(store), followed)}
    runs = last_runs(store, map(portal_of, followed), since, now)
    notes, acks = (holding(store, kind, now) for kind in (RemarkKind.NOTE, RemarkKind.ACK))
    standings: dict[str, PortalStanding] = {}
    for name, portal in followed.items():
        standing = PortalStanding(portal.slug, "none")
        with apart("portal", portal.slug):
            view = views.get(name)
            told = None if view and view.only_imported else view
            standing = _standing(portal, told, runs.get(portal_of(name)))
        standing = replace(standing, portal=portal_of(name), note=notes.get(name), acknowledged=acks.get(name))
        standings[name] = standing
    # Those that have stopped, with the last event that stated it.
    stopped = {name for name, one in standings.items() if one.state in STOPPED}
    kinds = {"kind": {"$in": ["city.stopped", "city.stopped_faking"]}, **SHOWN}
    query = {"portal": {"$in": list(map(portal_of, stopped))}, **kinds}
    for event in readable(store.db["events"].find(query).sort("seq", 1)) if stopped else ():
        if event.part in stopped:
            standings[event.part] = replace(standings[event.part], stated=event.at, stated_by=event.id)
    return Situation(
        places=places(register),
        standings=tuple(standings.values()),
        silent=scope.silent_but(portal.slug for portal in followed.values()),
        site_url=site_url,
    )


def _standing(portal: Portal, view: CityView | None, run: Run | None) -> PortalStanding:
    """The standing of a portal; `run` is its last run since the last digest, None if there was none."""
    verdict, reason = (run.verdict, run.reason) if run else (None, "")
    reliable = verdict is Verdict.COMPLETE
    if view is None:
        return PortalStanding(portal.slug, "none", verdict=verdict or "", reason=reason, reliable=reliable)
    verdict = verdict or view.last_verdict
    return PortalStanding(
        slug=portal.slug,
        state=view.city if view.state in _OURS else view.state,
        since=view.since,
        last_evidence=view.evidence.date if view.evidence else None,
        claimed=view.confidence is Confidence.CLAIMED,
        datasets=view.counts.get("known", 0),
        overdue=view.counts.get("overdue", 0) + view.counts.get("delinquent", 0),
        verdict=verdict or "",
        reason=reason or view.last_reason,
        trusted=view.last_complete_at,
        reliable=reliable,
        timezone=portal.timezone,
        flapping=view.flapping,
        stated=view.first_observed,
    )
