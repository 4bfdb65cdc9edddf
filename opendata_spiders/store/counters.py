"""Counters (views, downloads, calls), which change every night: one compressed document a portal and ISO week."""

from collections.abc import Mapping
from datetime import UTC, datetime

from opendata_spiders.store.content import canonical, pack
from opendata_spiders.store.models import Run, Verdict
from opendata_spiders.store.writing import StoreDatabase


def week(at: datetime) -> str:
    """Return the ISO week of a time (UTC): 2026-W48."""
    year, number, _ = at.astimezone(UTC).isocalendar()
    return f"{year}-W{number:02}"


def put(db: StoreDatabase, run: Run, values: Mapping[str, Mapping[str, str]]) -> bool:
    """Keep the week's counters (native id to raw counters by field name); return whether anything was written.

    The first reading of a week counts; a complete one replaces an incomplete one.
    """
    if not values:
        return False
    name, complete = f"{run.portal}:{week(run.at)}", run.verdict is Verdict.COMPLETE
    known = db.counters.find_one({"_id": name}, {"complete": 1})
    if known is not None and (known["complete"] or not complete):
        return False
    document = {
        "portal": run.portal,
        "week": week(run.at),
        "run": run.id,
        "at": run.at,
        "complete": complete,
        "n": len(values),
        "blob": pack(canonical({dataset: dict(counted) for dataset, counted in values.items()})),
    }
    db.counters.replace_one({"_id": name}, document, upsert=True)
    return True
