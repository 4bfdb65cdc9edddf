"""The scoreboard as one document with stable keys, printed by `--json` and used for pages."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from alerts.scoreboard.definitions import FORMAT, RANK_VERSION, components
from alerts.scoreboard.figure import Figure
from alerts.scoreboard.figures import figures
from alerts.scoreboard.gather import Gathered
from alerts.scoreboard.long_view import backcast_document, perseverance_document
from alerts.scoreboard.measure import KINDS, RANGE, Measured
from alerts.scoreboard.rank import CITIES, PROVINCES, rank, unknown_parts
from alerts.scoreboard.sentences import sentences
from alerts.scoreboard.standing import Place, places_of
from alerts.scoreboard.studies import StudyFigure, studies
from alerts.text.wording import LANGUAGES, load
from opendata_spiders.store.clock import SHANGHAI
from opendata_spiders.store.national import RegisteredAs

Document = dict[str, Any]


def board(found: Gathered, versions: Mapping[str, int] | None = None) -> Document:
    """The whole scoreboard as a pure function of `found`; None means unknown.

    `versions`: of the formulas of figures by code; without one the present formula is used.
    """
    return {
        "scoreboard": FORMAT,
        "date": found.at.astimezone(SHANGHAI).date().isoformat(),
        "at": found.at,
        "last_reading": found.last_reading,
        "governments": len(found.register.governments),
        "figures": {code: _figure(one) for code, one in figures(found, versions or {}).items()},
        "kinds": [_kind(code, word) for code, word in RANGE.items()],
        "places": [_place(adcode, one, found) for adcode, one in places_of(found).items()],
        "portals": [_portal(one) for one in found.portals],
        "national": _national(found),
        "rank": _rank(found),
        "perseverance": perseverance_document(found.kept_at_it),
        "backcast": backcast_document(found.kept_at_it),
        "outside": list(found.outside),
    }


def _figure(one: Figure) -> Document:
    return {
        "value": _rounded(one.value),
        "numerator": one.numerator,
        "denominator": one.denominator,
        "unknown": one.unknown,
        "total": one.total,
        "low": _rounded(one.low),
        "high": _rounded(one.high),
        "confidence": str(one.confidence),
        **asdict(one.definition),
        "version": one.version,
        **one.more,
        "says": sentences(one),
        "studies": [_study(study) for study in studies().get(one.code, ())],
    }


def _study(one: StudyFigure) -> Document:
    return asdict(one) | {"value": int(one.value) if one.value.is_integer() else one.value}


def _rounded(number: float | None) -> float | None:
    return round(number, 4) if isinstance(number, float) else number


def _kind(code: str, word: str) -> Document:
    names = {language: load(language, SHANGHAI).plain_known("key_data", word) for language in LANGUAGES}
    return {"code": code, "key": code in KINDS, **names}


def _place(adcode: str, one: Place, found: Gathered) -> Document:
    government, none = found.register.governments[adcode], found.register.no_portal.get(adcode)
    return {
        "adcode": adcode,
        "zh": government.short_zh,
        "en": government.name_en,
        "province": government.province,
        "level": str(government.level),
        "standing": str(one.standing),
        "known_as": one.known_as or None,
        "none": {"verified_on": none.verified_on.isoformat(), "source": none.source} if none else None,
        "through": one.through or None,
        "shares_nothing": one.shares_nothing,
        "complete": one.complete,
        "key": None if one.kinds is None else {kind: one.kinds[kind] for kind in KINDS},
        "range": None if one.kinds is None else dict(one.kinds),
    }


def _portal(one: Measured) -> Document:
    # Promises are counted as in the record of the run.
    kept = one.promises
    return {
        "slug": one.portal.slug,
        "portal": one.portal.id,
        "government": one.portal.government,
        "read_at": one.read_at,
        "claimed": one.claimed,
        "seen": one.seen,
        "own": one.own,
        "relisted": one.relisted,
        "effective": one.effective,
        "sound": one.sound,
        "days_silent": one.updates.days_silent,
        "silence": one.updates.confidence,
        "quarters": {str(quarter): told for quarter, told in one.updates.quarters.updated.items()},
        "observed_quarters": one.updates.quarters.observed,
        "themes_label": None if one.themes_label is None else sorted(one.themes_label),
        "themes_content": sorted(one.themes_content),
        "themes": {
            theme: [labelled if one.themes_label is not None else None, by_content]
            for theme, (labelled, by_content) in one.themes.items()
        },
        "key": {kind: one.kinds[kind] for kind in KINDS},
        "range": dict(one.kinds),
        "promises": {"kept": kept.kept, "judged": kept.judged, "share": _rounded(kept.share)} if kept else None,
        "downloads": {"never": one.downloaded[False], "some": one.downloaded[True], "unknown": one.downloaded[None]},
        "offices": {"named": len(one.offices), "one_dataset": sum(count == 1 for count in one.offices.values())},
        "late": [
            {"office": office, "late": count, "datasets": one.offices.get(office)}
            for office, count in sorted(one.late.items(), key=lambda pair: (-pair[1], pair[0]))
        ],
        "findings": dict(one.findings),
        "rows": {"sum": one.rows.value, "datasets": one.rows.known},
        "capacity": {"cells": one.cells.value, "datasets": one.cells.known},
    }


def _national(found: Gathered) -> list[Document]:
    """The open data that the national register holds of each province, beside the datasets that we saw there."""
    read = found.national
    if read is None:
        return []
    ours: dict[str, int] = {}
    for one in found.portals:
        province = (one.portal.government or "")[:2]
        ours[province] = ours.get(province, 0) + one.own
    return [
        {
            "province": one.province[:2] + "0000",
            "platform": one.platform,
            "registered": one.total,
            "ours": ours.get(one.province[:2]),
            "at": read.at,
        }
        for one in read.totals
        if one.kind == RegisteredAs.OPEN
    ]


def _rank(found: Gathered) -> Document:
    tables = rank(found.portals, found.register)
    return {
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
            {"slug": one.portal.slug, "unknown": unknown} for one in found.portals if (unknown := unknown_parts(one))
        ],
    }
