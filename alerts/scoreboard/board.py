"""The scoreboard as one document with stable keys, printed by `--json` and used for pages."""

from dataclasses import asdict
from typing import Any

from alerts.scoreboard.definitions import FORMAT, RANK_VERSION, components
from alerts.scoreboard.figures import figures, key_matrix, standing_of
from alerts.scoreboard.gather import Gathered
from alerts.scoreboard.long_view import backcast_document, perseverance_document
from alerts.scoreboard.measure import Measured
from alerts.scoreboard.rank import CITIES, PROVINCES, rank, unknown_parts
from opendata_spiders.store.clock import SHANGHAI

Document = dict[str, Any]


def board(found: Gathered) -> Document:
    """The whole scoreboard as a pure function of `found`; None means unknown."""
    tables = rank(found.portals, found.register)
    return {
        "scoreboard": FORMAT,
        "date": found.at.astimezone(SHANGHAI).date().isoformat(),
        "at": found.at,
        "last_reading": found.last_reading,
        "governments": len(found.register.governments),
        "figures": {
            code: {
                "value": round(one.value, 4) if isinstance(one.value, float) else one.value,
                "numerator": one.numerator,
                "denominator": one.denominator,
                "unknown": one.unknown,
                **asdict(one.definition),
                **one.more,
            }
            for code, one in figures(found).items()
        },
        "places": _places(found),
        "portals": [_portal(one) for one in found.portals],
        "rank": {
            "version": RANK_VERSION,
            "note": "Our own rank, from what we read; it is not the rank of any published study.",
            "components": {name: asdict(one) for name, one in components().items()},
            **{
                name: [
                    {
                        "place": one.place,
                        "slug": one.one.portal.slug,
                        "score": one.score,
                        "parts": {part: round(share, 4) for part, share in one.parts.items()},
                    }
                    for one in tables[name]
                ]
                for name in (PROVINCES, CITIES)
            },
            "unranked": [
                {"slug": one.portal.slug, "unknown": unknown}
                for one in found.portals
                if (unknown := unknown_parts(one))
            ],
        },
        "perseverance": perseverance_document(found.kept_at_it),
        "backcast": backcast_document(found.kept_at_it),
        "outside": list(found.outside),
    }


def _places(found: Gathered) -> list[Document]:
    matrix = key_matrix(found)
    standing = standing_of(found)
    return [
        {
            "adcode": adcode,
            "zh": government.short_zh,
            "en": government.name_en,
            "province": government.province,
            "level": str(government.level),
            "standing": standing[adcode],
            "key": matrix.get(adcode),
        }
        for adcode, government in found.register.governments.items()
    ]


def _portal(one: Measured) -> Document:
    # Promises are counted as in the record of the run.
    kept = one.promises
    share = None if kept is None or kept.share is None else round(kept.share, 4)
    return {
        "slug": one.portal.slug,
        "portal": one.portal.id,
        "government": one.portal.government,
        "read_at": one.read_at,
        "claimed": one.claimed,
        "seen": one.seen,
        "relisted": one.relisted,
        "effective": one.effective,
        "sound": one.sound,
        "days_silent": one.days_silent,
        "silence": one.silence_confidence,
        "quarters": {str(quarter): told for quarter, told in one.quarters.updated.items()},
        "observed_quarters": one.quarters.observed,
        "themes_label": None if one.themes_label is None else sorted(one.themes_label),
        "themes_content": sorted(one.themes_content),
        "key": dict(one.key),
        "promises": {"kept": kept.kept, "judged": kept.judged, "share": share} if kept else None,
    }
