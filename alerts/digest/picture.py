"""Gathers what a digest speaks from beside the events: states and coverage of what the subscriber follows."""

from collections.abc import Iterable
from datetime import datetime

from alerts.digest.model import Picture, Standing
from alerts.digest.scope import Scope, places
from alerts.events import Confidence
from alerts.read import CityView, RunsSummary, coverage, portal_states
from opendata_spiders.register import Portal, Register
from opendata_spiders.store.store import Store

_OURS = frozenset({"blocked", "drifted"})
"""States of our reading, not of the city."""


def pictures(store: Store, register: Register, scope: Scope, since: datetime, site_url: str) -> Picture:
    """The picture as of now; a portal counts as reliably read if its last run since `since` is complete."""
    followed = [portal for portal in register.crawlable() if scope.follows(portal.slug)]
    ids = {portal.id: portal.slug for portal in followed}
    views = {view.portal: view for view in portal_states(store, ids)}
    summaries = {one.portal: one for one in coverage(store, ids, since)}
    return Picture(
        places=places(register),
        standings=_standings(followed, views, summaries),
        silent=scope.silent,
        site_url=site_url,
    )


def _standings(
    followed: Iterable[Portal], views: dict[str, CityView], summaries: dict[str, RunsSummary]
) -> tuple[Standing, ...]:
    return tuple(_standing(portal, views.get(portal.id), summaries[portal.id]) for portal in followed)


def _standing(portal: Portal, view: CityView | None, summary: RunsSummary) -> Standing:
    if view is None:
        verdict = summary.last_verdict.value if summary.last_verdict else ""
        return Standing(portal.slug, "none", verdict=verdict, reason=summary.last_reason, reliable=summary.reliable)
    last = summary.last_verdict or view.last_verdict
    return Standing(
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
    )
