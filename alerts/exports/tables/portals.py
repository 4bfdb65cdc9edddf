"""The table of portals: the register, and where each portal stands."""

from typing import Any

from alerts.exports.source import Row, Rows, Source
from alerts.records.parts import parts_told, states_told
from alerts.records.queries import CityView
from alerts.records.state_source import StoredStates
from alerts.text.labels import label
from opendata_spiders.register import Portal


def rows(source: Source) -> Rows:
    """Every portal of the register, then the cities' parts of provinces' portals that are told as cities, by id."""
    views = {view.portal: view for view in states_told(StoredStates(source.store), source.register)}
    listed = [*source.register.portals.values(), *parts_told(StoredStates(source.store), source.register)]
    for portal in sorted(listed, key=lambda one: one.id):
        view = views.get(portal.id)
        yield {**_registered(portal), **(_standing(view) if view else {})}


def _registered(portal: Portal) -> dict[str, Any]:
    return {
        "id": portal.id,
        "slug": portal.slug,
        "name_zh": portal.name_zh,
        "name_en": portal.name_en,
        "government": portal.government,
        "province": portal.province or None,
        "scope": str(portal.scope),
        "family": portal.family,
        "base_url": portal.base_url,
        "register_status": str(portal.status),
        "attested": str(portal.attested),
        "approx_datasets": portal.approx_datasets,
        "approx_as_of": portal.approx_as_of or None,
    }


def _standing(view: CityView) -> Row:
    state = label(f"state.{view.state}")
    counts = view.counts
    return {
        "state": view.state,
        "state_zh": state.zh,
        "state_en": state.en,
        "since": view.since,
        "days_silent": view.days_silent,
        "confidence": str(view.confidence),
        "last_update": view.evidence.date if view.evidence else None,
        "last_complete": view.last_complete_at,
        "last_run": view.last_run,
        "last_verdict": str(view.last_verdict) if view.last_verdict else None,
        "first_observed": view.first_observed,
        "nights_read": view.nights_observed,
        "known": counts.get("known"),
        "removed": counts.get("removed"),
        "unlisted": counts.get("unlisted"),
        "overdue": counts.get("overdue", 0) + counts.get("delinquent", 0),
    }
