"""The table of datasets: today's view of each, and what is believed of those that are listed no more."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from alerts.exports.columns import dictionary
from alerts.exports.source import Row, Rows, Source
from alerts.model.events import owner_of, portal_of
from alerts.model.states import DatasetState
from alerts.records.isolation import failed, succeeded
from alerts.records.queries import missing_dataset, missing_datasets
from alerts.text.sanitising import web_address
from opendata_spiders.items import DatasetFields
from opendata_spiders.store.errors import DocumentError
from opendata_spiders.store.store import Store
from opendata_spiders.store.views import key

LISTED, MISSING, REMOVED, REKEYED = "listed", "missing", "removed", "rekeyed"
_WAITING = {"pending": MISSING, "held": MISSING}
"""Stored states of absent datasets about which nothing is stated yet."""


def rows(source: Source) -> Rows:
    """Every dataset that is or was listed, by portal and id; removed ones stay with their last content."""
    for portal in portals_with_datasets(source.store):
        yield from of_portal(source, portal)


def portals_with_datasets(store: Store) -> list[str]:
    """Ids of the portals with datasets, in order."""
    missing = map(portal_of, store.db["missing_datasets"].distinct("portal"))
    return sorted({*store.db["datasets"].distinct("portal"), *missing})


def of_portal(source: Source, portal: str) -> Rows:
    """The datasets of one portal by id; last those whose id refers to another dataset now."""
    states = _states(source.store, portal)
    of_this_portal = {"$gte": f"{portal}:", "$lt": f"{portal};"}  # the index of `_id`, in its order
    for view in source.store.db["datasets"].find({"_id": of_this_portal}).sort("_id", 1):
        try:
            yield _row(view, *states.pop(view["id"], ("", None)))
        except (KeyError, TypeError, ValueError) as error:
            failed("datasets of", portal, error)
    for owner, state in states.values():
        yield _row(_last_seen(source, portal, state), owner, state)
    succeeded("datasets of", portal)


def one(source: Source, portal: str, dataset: str) -> Row | None:
    """The row of one dataset; None if it was never listed."""
    view: Mapping[str, Any] | None = source.store.db["datasets"].find_one({"_id": key(portal, dataset)})
    found = ((owner_of(part), missing_dataset(source.store, part, dataset)) for part in _parts(source.store, portal))
    owner, state = next((pair for pair in found if pair[1]), ("", None))
    if view is None and state is not None:
        view = _last_seen(source, portal, state)
    return None if view is None else _row(view, owner, state)


def _parts(store: Store, portal: str) -> list[str]:
    """Ids of the portal and of its parts of which datasets are missing."""
    found = map(str, store.db["missing_datasets"].distinct("portal"))
    return sorted(part for part in found if portal_of(part) == portal)


def _states(store: Store, portal: str) -> dict[str, tuple[str, DatasetState]]:
    """Owner and state of the missing datasets of a portal and its parts, by native id, in its order."""
    found: dict[str, tuple[str, DatasetState]] = {}
    for part in _parts(store, portal):
        try:
            found |= {state.dataset: (owner_of(part), state) for state in missing_datasets(store, part)}
        except DocumentError as error:
            failed("datasets of", portal, error)
    return dict(sorted(found.items()))


def _last_seen(source: Source, portal: str, state: DatasetState) -> Mapping[str, Any]:
    """What is kept of a dataset that has no view of its own any more, as one."""
    slug = next((one.slug for one in source.register.portals.values() if one.id == portal), portal)
    kept = {name: getattr(state, name) for name in ("title", "office", "page_url", "theme")}
    return {**kept, "portal": portal, "slug": slug, "id": state.dataset, "version": state.entry.version}


_AS_STORED = frozenset(one.name for one in fields(DatasetFields)) | {
    *("portal", "slug", "id", "detailed", "findings", "version", "changed_run", "owner", "owner_rule")
}


def _row(view: Mapping[str, Any], owner: str, state: DatasetState | None) -> Row:
    row = {one.name: view.get(one.name) for one in dictionary()["datasets"] if one.name in _AS_STORED}
    row["owner"] = view.get("owner") or owner or None
    row["page_url"] = web_url(view.get("page_url"))
    row["status"] = _status(view, state)
    if state is not None:
        first = state.absences[0].at if state.absences else None
        row |= {"last_seen": state.last_seen, "missing_since": first, "gone_at": state.ended}
        row["gone_event"] = state.ended_by
    elif row["status"] == MISSING:
        row["missing_since"] = view.get("missing_since")
    return row


def _status(view: Mapping[str, Any], state: DatasetState | None) -> str:
    if state is None:
        return LISTED if view.get("listed") else MISSING
    if state.twin and state.ended:
        return REKEYED
    return _WAITING.get(state.status.value, state.status.value)


def web_url(text: object) -> str | None:
    """A portal's text if it is an http or https address; else None."""
    return text if isinstance(text, str) and web_address(text) else None
