"""Our own rank, unrelated to the studies': a weighted mean of five shares, each computed from what was read.

A portal with an unknown part is not ranked, and is listed with the reason.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from alerts.model.policy import policy
from alerts.scoreboard.definitions import components
from alerts.scoreboard.measure import KINDS, Measured
from opendata_spiders import normalise
from opendata_spiders.register import Level, Register

PROVINCES, CITIES = "provinces", "cities"


@dataclass(frozen=True, slots=True)
class Ranked:
    """One portal in its table."""

    place: int
    """1 is best; equal scores share a place, and the following places are skipped."""
    one: Measured
    score: float
    """0 to 100, rounded to one decimal, so that scores that print alike are equal."""
    parts: Mapping[str, float]


def parts(one: Measured) -> dict[str, float | None]:
    """The five shares of one portal by name in rank.csv, each between 0 and 1; None means unknown."""
    silent, own = one.updates.days_silent, one.own
    return {
        "fresh": None if silent is None else max(0.0, 1 - silent / policy().stopped_days),
        "promises": one.promised_and_kept,
        "breadth": len(one.themes_content) / len(normalise.THEMES) if own else None,
        "key": sum(one.kinds[kind] > 0 for kind in KINDS) / len(KINDS) if own else None,
        "sound": one.sound / own if own else None,
    }


def score(shares: Mapping[str, float]) -> float:
    """The weighted mean of the shares, 0 to 100."""
    weights = {name: one.weight for name, one in components().items()}
    return round(100 * sum(weights[name] * shares[name] for name in weights) / sum(weights.values()), 1)


def unknown_parts(one: Measured) -> list[str]:
    """Names of the unknown parts."""
    return [name for name, share in parts(one).items() if share is None]


def rank(read: Iterable[Measured], register: Register) -> dict[str, list[Ranked]]:
    """Both tables, best first, without portals that have an unknown part."""
    tables: dict[str, list[Measured]] = {PROVINCES: [], CITIES: []}
    for one in read:
        if not unknown_parts(one):
            tables[table_of(one, register)].append(one)
    ranked = {}
    for name, members in tables.items():
        known = [(one, {part: share or 0.0 for part, share in parts(one).items()}) for one in members]
        scored = [(score(shares), one, shares) for one, shares in known]
        scored.sort(key=lambda row: (-row[0], row[1].portal.slug))
        scores = [row[0] for row in scored]
        ranked[name] = [Ranked(1 + scores.index(points), one, points, shares) for points, one, shares in scored]
    return ranked


def table_of(one: Measured, register: Register) -> str:
    """The table of a portal: provinces and autonomous regions in one, municipalities and cities in the other."""
    government = register.governments.get(one.portal.government or "")
    return PROVINCES if government and government.level is Level.PROVINCE else CITIES
