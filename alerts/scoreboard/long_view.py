"""The last sixteen quarters in the scoreboard's document: what we observed, and apart from it what is claimed."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from alerts.scoreboard.perseverance import PERSEVERANCE_VERSION, KeptAtIt, perseverance_parts

LABEL = "claimed, survivors only"
"""How everything of the back-cast is labelled."""


def perseverance_document(records: Iterable[KeptAtIt]) -> dict[str, Any]:
    """Who keeps at it, the highest scores first; of equal ones the place that was observed longer, then by slug."""
    rows = sorted(records, key=lambda one: (one.score is None, -(one.score or 0), -one.observed, one.slug))
    return {
        "version": PERSEVERANCE_VERSION,
        "note": "Score and parts rest on what we observed, and recorded_by before us; claimed_quarters is what the "
        "portal's own dates say.",
        "weights": {name: asdict(one) for name, one in perseverance_parts().items()},
        "quarters": _quarters(rows),
        "rows": [
            {
                "slug": one.slug,
                "score": one.score,
                "quarters_observed": one.observed,
                "quarters_updated": one.updated,
                "claimed_quarters": sum(one.claimed.updated.values()),
                "recorded_by": list(one.recorded_by),
                "parts": {name: None if share is None else round(share, 4) for name, share in one.parts.items()},
            }
            for one in rows
        ],
    }


def backcast_document(records: Iterable[KeptAtIt]) -> dict[str, Any]:
    """The back-cast by portal and quarter."""
    rows = list(records)
    return {
        "label": LABEL,
        "note": "Dates that survive on the portals: what was deleted left none, and of each dataset only the last "
        "update shows. Never part of a figure or a rank.",
        "quarters": _quarters(rows),
        "rows": [
            {
                "slug": one.slug,
                "datasets": one.claimed.datasets,
                "undated": one.claimed.undated,
                "published": {str(quarter): count for quarter, count in one.claimed.published.items()},
                "updated": {str(quarter): told for quarter, told in one.claimed.updated.items()},
                "share": round(one.claimed.share, 4),
                "imports": [
                    {"as_of": crawl.as_of.isoformat(), "file": crawl.file, "datasets": crawl.claimed.datasets}
                    for crawl in one.claimed.imported
                ],
            }
            for one in rows
        ],
    }


def _quarters(records: list[KeptAtIt]) -> list[str]:
    return [str(quarter) for quarter in records[0].seen.updated] if records else []
