"""The daily series of figures: one small document per day in the collection `scoreboards`."""

from collections.abc import Iterator, Mapping
from typing import Any

from opendata_spiders.store.content import storable
from opendata_spiders.store.store import Store

_KEPT = ("value", "numerator", "denominator", "unknown", "low", "high", "confidence", "version")


def keep(store: Store, board: Mapping[str, Any]) -> str:
    """Store a day's figures under its date (China's calendar), which is returned; repeating replaces that day only."""
    day = str(board["date"])
    figures = {code: {name: one[name] for name in _KEPT} for code, one in board["figures"].items()}
    document = storable({"at": board["at"], "scoreboard": board["scoreboard"], "figures": figures})
    store.db["scoreboards"].replace_one({"_id": day}, document, upsert=True)
    return day


def series(store: Store, *, since: str = "") -> Iterator[dict[str, Any]]:
    """Yield the stored days, oldest first, from the date `since` (YYYY-MM-DD): `date`, `at`, `scoreboard`, `figures`.

    A figure may be missing on days before it was defined; its `version` is that of its definition.
    """
    for found in store.db["scoreboards"].find({"_id": {"$gte": since}}).sort("_id", 1):
        yield {"date": found.pop("_id"), **found}
