"""The printed scoreboards: one document per day in the collection `scoreboards`, kept for ever.

Its figures lie open for the daily series; the whole document of the day lies beside them, compressed.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from alerts.text.jsonable import jsonable
from opendata_spiders.store.content import pack, read_canonical, storable, unpack
from opendata_spiders.store.store import Store

_KEPT = ("value", "numerator", "denominator", "unknown", "low", "high", "confidence", "version")


def keep(store: Store, board: Mapping[str, Any], made_from: str = "") -> str:
    """Store a scoreboard under its date (China's calendar), which is returned; repeating replaces that day only.

    `made_from`: a hash of what it was worked out from (today.py).
    """
    day = str(board["date"])
    figures = {code: {name: one[name] for name in _KEPT} for code, one in board["figures"].items()}
    document = storable(
        {"at": board["at"], "scoreboard": board["scoreboard"], "figures": figures, "made_from": made_from}
    )
    # In its own order, in which tables and pages show it.
    whole = json.dumps(jsonable(board), ensure_ascii=False).encode("utf-8", "surrogatepass")
    store.db["scoreboards"].replace_one({"_id": day}, document | {"packed": pack(whole)}, upsert=True)
    return day


def series(store: Store, *, since: str = "") -> Iterator[dict[str, Any]]:
    """Yield the stored days, oldest first, from the date `since` (YYYY-MM-DD): `date`, `at`, `scoreboard`, `figures`.

    A figure may be missing on days before it was defined; its `version` is that of its definition.
    """
    for found in store.db["scoreboards"].find({"_id": {"$gte": since}}, {"packed": 0, "made_from": 0}).sort("_id", 1):
        yield {"date": found.pop("_id"), **found}


@dataclass(frozen=True, slots=True)
class Printed:
    """The scoreboard that was kept on one day."""

    at: datetime
    """As of when it was worked out (UTC)."""
    figures: Mapping[str, Mapping[str, Any]]
    board: Mapping[str, Any] | None
    """The whole document as JSON, times as text; None on days before it was kept whole."""
    made_from: str = ""

    @property
    def versions(self) -> dict[str, int]:
        """The version of each figure's formula."""
        return {code: int(one["version"]) for code, one in self.figures.items()}


def printed(store: Store, day: str) -> Printed | None:
    """What was kept on that day (YYYY-MM-DD, China's calendar); None if nothing was."""
    found = store.db["scoreboards"].find_one({"_id": day})
    if found is None:
        return None
    board = read_canonical(unpack(found["packed"])) if "packed" in found else None
    return Printed(found["at"], found["figures"], board, found.get("made_from", ""))


def differing(then: Printed, board: Mapping[str, Any]) -> list[str]:
    """Codes of the figures that were printed otherwise than they are worked out now, for the same day."""
    now = {code: {name: one[name] for name in _KEPT} for code, one in board["figures"].items()}
    names = dict.fromkeys([*then.figures, *now])
    return [code for code in names if then.figures.get(code) != now.get(code)]
