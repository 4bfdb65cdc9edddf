"""Deletes data that no delivery, reminder or repetition can need any more (retention.csv)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from alerts.delivery.outbox import DeliveryState
from opendata_spiders.store.store import Store
from opendata_spiders.tables import Tables


@dataclass(frozen=True, slots=True)
class Retention:
    """One attribute for each row of retention.csv: number of days that a collection keeps what is finished."""

    deliveries: int
    told: int
    attachments: int
    pace: int
    silences: int


@cache
def retention() -> Retention:
    """The numbers of days as shipped. Raises TableError."""
    return Tables("alerts.delivery").policy(Retention, "retention")


def prune(store: Store, *, now: datetime, domain: datetime) -> dict[str, int]:
    """Delete what is finished and old; returns how many by collection. `now`: real time, `domain`: domain time."""
    keep = retention()
    over = {"state": {"$ne": DeliveryState.WAITING.value}, "ended_at": {"$lt": now - timedelta(days=keep.deliveries)}}
    # A key holds the city and the day of the update that the silence follows; a key without a day is kept.
    silences, day = 0, f"{domain - timedelta(days=keep.silences):%Y-%m-%d}"
    for row in store.db["silences"].find():
        old = [key for key in row["keys"] if (key.partition(" ")[2] or "9999") < day]
        if old:
            store.db["silences"].update_one({"_id": row["_id"]}, {"$pullAll": {"keys": old}})
        silences += len(old)
    return {
        "deliveries": store.db["deliveries"].delete_many(over).deleted_count,
        "told": _unnamed(store, "told", "told", now - timedelta(days=keep.told)),
        "attachments": _unnamed(store, "attachments", "file", now - timedelta(days=keep.attachments)),
        "pace": store.db["pace"].delete_many({"next_at": {"$lt": now - timedelta(days=keep.pace)}}).deleted_count,
        "silences": silences,
    }


def _unnamed(store: Store, collection: str, field: str, before: datetime) -> int:
    """Delete documents that no delivery has used since `before` and no waiting one uses; returns how many."""
    waiting = store.db["deliveries"].distinct(field, {"state": DeliveryState.WAITING.value})
    old = {"at": {"$lt": before}, "name": {"$nin": waiting}}
    return store.db[collection].delete_many(old).deleted_count
