"""On which days a city was updated, and how its runs of each day ended."""

from collections import Counter, defaultdict
from datetime import date, datetime, tzinfo
from typing import Any

from alerts.model.events import portal_of
from alerts.records.queries import of_part
from opendata_spiders.store.models import Verdict
from opendata_spiders.store.store import Store

_KINDS = ("dataset.updated", "dataset.changed", "dataset.new")
"""Kinds of events that say that something was updated: the portal's date if they have it, else the night of the run."""


def updates_by_day(store: Store, part: str, since: datetime, zone: tzinfo) -> dict[date, int]:
    """Number of datasets updated or added by day in the portal's zone, from `since` (aware)."""
    at: dict[str, Any] = {
        "$cond": [{"$eq": ["$kind", "dataset.updated"]}, {"$ifNull": ["$since", "$at"]}, "$at"],
    }
    counted = store.db["events"].aggregate(
        [
            {"$match": {**of_part(part), "kind": {"$in": list(_KINDS)}, "at": {"$gte": since}}},
            {
                "$group": {
                    "_id": {"$dateToString": {"format": "%Y-%m-%d", "date": at, "timezone": str(zone)}},
                    "n": {"$sum": 1},
                }
            },
        ]
    )
    return {date.fromisoformat(row["_id"]): row["n"] for row in counted}


def verdicts_by_day(
    store: Store, since: datetime, zone: tzinfo, part: str | None = None
) -> dict[date, Counter[Verdict]]:
    """The runs of a portal, or our own of all (None), by day in this zone: how many ended with which verdict."""
    portal = None if part is None else portal_of(part)
    query: dict[str, Any] = {"at": {"$gte": since}} | ({"imported": None} if portal is None else {"portal": portal})
    corrected, found = store.regrades(portal), defaultdict[date, Counter[Verdict]](Counter)
    for run in store.db["runs"].find(query, {"at": 1, "verdict": 1}):
        regrade = corrected.get(run["_id"])
        found[run["at"].astimezone(zone).date()][regrade.verdict if regrade else Verdict(run["verdict"])] += 1
    return found
