"""Forgets what no delivery, reminder or repeat can need any more (retention.csv)."""

import csv
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files

from alerts.delivery.outbox import DeliveryState
from opendata_spiders.store.store import Store

NAMES = ("deliveries", "told", "attachments", "pace", "silences")


class RetentionError(ValueError):
    """Raised when retention.csv does not name each collection once with a whole number of days."""


@cache
def retention() -> Mapping[str, timedelta]:
    """How long each collection keeps what is over. Raises RetentionError."""
    text = files(__package__).joinpath("retention.csv").read_text("utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    try:
        days = {row["name"]: int(row["days"]) for row in rows}
    except (KeyError, TypeError, ValueError) as error:
        raise RetentionError(
            f"alerts/delivery/retention.csv: every row needs a name and a whole number of days ({error})"
        ) from None
    if sorted(row["name"] for row in rows) != sorted(NAMES) or min(days.values()) < 1:
        raise RetentionError(
            f"alerts/delivery/retention.csv: it must name {', '.join(NAMES)} once each, with at least one day"
        )
    return {name: timedelta(days=number) for name, number in days.items()}


def prune(store: Store, *, now: datetime, domain: datetime) -> dict[str, int]:
    """Delete what is over and old enough; returns how many of each. `now` is real time, `domain` the night's."""
    keep = retention()
    over = {"state": {"$ne": DeliveryState.WAITING.value}, "ended_at": {"$lt": now - keep["deliveries"]}}
    return {
        "deliveries": store.db["deliveries"].delete_many(over).deleted_count,
        "told": _unnamed(store, "told", "told", now - keep["told"]),
        "attachments": _unnamed(store, "attachments", "file", now - keep["attachments"]),
        "pace": store.db["pace"].delete_many({"next_at": {"$lt": now - keep["pace"]}}).deleted_count,
        "silences": _silences(store, domain - keep["silences"]),
    }


def _unnamed(store: Store, collection: str, field: str, before: datetime) -> int:
    """What no delivery has been written with since, except where one still waits (a mute may last longer)."""
    waiting = store.db["deliveries"].distinct(field, {"state": DeliveryState.WAITING.value})
    old = {"at": {"$lt": before}, "name": {"$nin": waiting}}
    return store.db[collection].delete_many(old).deleted_count


def _silences(store: Store, before: datetime) -> int:
    """A key is the city and the day of the update that the silence follows."""
    pruned = 0
    for row in store.db["silences"].find():
        old = [key for key in row["keys"] if _day(key) < before.date().isoformat()]
        if old:
            store.db["silences"].update_one({"_id": row["_id"]}, {"$pullAll": {"keys": old}})
        pruned += len(old)
    return pruned


def _day(key: str) -> str:
    """A key without a day is never old."""
    return key.partition(" ")[2] or "9999"
