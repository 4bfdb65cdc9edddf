"""On which days a city was updated, and on which it was read."""

from collections.abc import Mapping
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


def nights_read(store: Store, part: str, since: datetime, zone: tzinfo) -> Mapping[date, bool]:
    """Each day with a run of the portal, and whether one of them was complete."""
    found: dict[date, bool] = {}
    for run in store.graded_runs(portal_of(part), since=since):
        day = run.at.astimezone(zone).date()
        found[day] = found.get(day, False) or run.verdict is Verdict.COMPLETE
    return found
