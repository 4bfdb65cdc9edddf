"""Nights over many portals, and those in which our own line failed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pymongo import DESCENDING

from opendata_spiders.store.models import Run
from opendata_spiders.store.runs import from_document
from opendata_spiders.store.writing import StoreDatabase

Window = tuple[datetime, datetime]
"""When a night began and ended, in real time."""


def put(db: StoreDatabase, night: Mapping[str, Any]) -> None:
    """Record one night: `_id`, times, `verdicts` by slug, `uplink_suspect`; once more replaces it."""
    db.nights.replace_one({"_id": night["_id"]}, dict(night), upsert=True)


def our_failures(db: StoreDatabase) -> tuple[Window, ...]:
    """Return the nights in which most host groups failed at once: our own line, and no portal is accused."""
    nights = db.nights.find({"uplink_suspect": True}, {"started": 1, "finished": 1})
    return tuple((night["started"], night["finished"]) for night in nights)


def last_fair_run(db: StoreDatabase, portal: str) -> Run | None:
    """Return the portal's last run outside those nights, whatever its verdict."""
    ours = [{"started": {"$gte": started, "$lte": finished}} for started, finished in our_failures(db)]
    wanted: dict[str, Any] = {"portal": portal} | ({"$nor": ours} if ours else {})
    found = db.runs.find_one(wanted, sort=[("seq", DESCENDING)])
    return from_document(found) if found else None
