"""The same once more from what is stored: runs, regrades and the words of persons lead to the very same statements."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from alerts.corrections.derive import Rules, derive, nothing
from alerts.engine.repository import load
from alerts.engine.runner import PortalRef, Window, fold_new
from alerts.health.rules import KINDS
from alerts.model.events import Event
from alerts.model.policy import policy
from alerts.records.queries import RETRACTED, events_where
from opendata_spiders.store.connect import Store

BESIDE = KINDS | {RETRACTED}
"""Stated by the watch's health and by corrections, not by the fold of one portal."""


def folds_alike(store: Store, place: PortalRef, ours: tuple[Window, ...]) -> bool:
    """Of a portal of which nothing was corrected: whether its runs are folded to the same documents again."""
    db, kept = store.db, {"portal": place.id, "kind": {"$nin": sorted(BESIDE)}}
    before = _documents(store, kept)
    db["events"].delete_many(kept)
    db["states"].delete_one({"_id": place.id})
    for name in ("missing_datasets", "habits"):
        db[name].delete_many({"portal": place.id})
    fold_new(store, place, policy(), ours)
    return before == _documents(store, kept)


def _documents(store: Store, kept: Mapping[str, Any]) -> list[dict[str, Any]]:
    return list(store.db["events"].find(kept, {"seq": 0}, sort=[("seq", 1)]))


def stands_alike(store: Store, place: PortalRef, ours: tuple[Window, ...]) -> bool:
    """Of a corrected one: whether what is believed, and what stands, is what a derivation from the start leads to."""
    words = _words(store, place)
    derived = derive(nothing(place), store.graded_runs(place.id), Rules(store, place, policy(), ours, words))
    memory = load(store, place.id)
    believed = replace(memory, state=replace(memory.state, corrections=0)) == derived.memory
    known = (one for one in events_where(store, portals=[place.id]) if one.kind not in BESIDE)
    standing = {str(one.evidence.get("restates") or one.id) for one in known if not one.retracted}
    refused = {one.id for events in words.values() for one in events}
    return believed and standing == derived.events.keys() - refused


def _words(store: Store, place: PortalRef) -> Mapping[str, list[Event]]:
    """What persons took back, by the last run folded then."""
    everything = {one.id: one for one in events_where(store, portals=[place.id])}
    found: dict[str, list[Event]] = {}
    for one in everything.values():
        by = everything.get(one.retracted)
        if by is not None and by.evidence["by"] == "person":
            found.setdefault(by.run, []).append(one)
    return found
