"""Which datasets of a portal somebody watched when a run was made."""

from datetime import datetime

from opendata_spiders.store.store import Store


def watched_at(store: Store, portal: str, at: datetime) -> frozenset[str]:
    """Native ids of the datasets of this portal whose watch began before `at`, under their former ids too."""
    found = store.db["watches"].find({"portal": portal, "at": {"$lte": at}}, {"dataset": 1, "was": 1})
    return frozenset(name for one in found for name in (one["dataset"], *one.get("was", ())))
