"""The scoreboard as one document with stable keys: what `--json` prints and pages are made of."""

from dataclasses import asdict
from typing import Any

from alerts.comparison.run_view import SHANGHAI
from alerts.scoreboard.definitions import FORMAT, RANK_VERSION, Component, Definition, components
from alerts.scoreboard.figures import Figure, figures, key_matrix, standing_of
from alerts.scoreboard.gather import Gathered
from alerts.scoreboard.measure import Measured
from alerts.scoreboard.rank import CITIES, PROVINCES, Ranked, rank, unknown_parts
from opendata_spiders.normalise import Kept

Document = dict[str, Any]


def board(found: Gathered) -> Document:
    """The whole scoreboard; None is unknown throughout. Nothing in it depends on anything but `found`."""
    tables = rank(found.portals, found.register)
    return {
        "scoreboard": FORMAT,
        "date": found.at.astimezone(SHANGHAI).date().isoformat(),
        "at": found.at,
        "last_reading": found.last_reading,
        "governments": len(found.register.governments),
        "figures": {code: _figure(one) for code, one in figures(found).items()},
        "places": _places(found),
        "portals": [_portal(one) for one in found.portals],
        "rank": {
            "version": RANK_VERSION,
            "note": "Our own rank, from what we read; it is not the rank of any published study.",
            "components": {one.name: _without(one, "name") for one in components().values()},
            **{name: [_ranked(one) for one in tables[name]] for name in (PROVINCES, CITIES)},
            "unranked": [
                {"slug": one.portal.slug, "unknown": unknown}
                for one in found.portals
                if (unknown := unknown_parts(one))
            ],
        },
        "outside": list(found.outside),
    }


def _figure(one: Figure) -> Document:
    return {
        "value": round(one.value, 4) if isinstance(one.value, float) else one.value,
        "numerator": one.numerator,
        "denominator": one.denominator,
        "unknown": one.unknown,
        **_without(one.definition, "code"),
        **one.more,
    }


def _without(row: Definition | Component, key: str) -> Document:
    """A row of a table by column, but for the one that it is found by."""
    return {name: value for name, value in asdict(row).items() if name != key}


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
        "promises": _promises(one.promises),
    }


def _promises(told: Kept | None) -> Document | None:
    """As the card of a reading counts them."""
    if told is None:
        return None
    return {"kept": told.kept, "judged": told.judged, "share": None if told.share is None else round(told.share, 4)}


def _ranked(one: Ranked) -> Document:
    parts = {name: round(share, 4) for name, share in one.parts.items()}
    return {"place": one.place, "slug": one.one.portal.slug, "score": one.score, "parts": parts}
