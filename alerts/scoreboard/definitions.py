"""What each figure means, in which version, and what it rests on; read from the csv files of this package."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from opendata_spiders.tables import Tables

FORMAT = 1
"""Version of the JSON document: raised when a key changes its name or meaning; new keys do not count."""
RANK_VERSION = 2
"""Raised when rank.csv or the code behind it ranks otherwise."""
_TABLES = Tables("alerts.scoreboard")


@dataclass(frozen=True, slots=True)
class Definition:
    """One row of definitions.csv."""

    code: str
    version: int
    basis: str
    """«read by us» or «register only»."""
    kind: str
    """share, sum or median."""
    zh: str
    en: str
    definition: str
    differs: str
    """How the studies count it; empty where no difference is known."""


@dataclass(frozen=True, slots=True)
class Component:
    """One row of rank.csv: a part of the score, between 0 and 1 before it is weighted."""

    name: str
    weight: float
    zh: str
    en: str
    definition: str


@cache
def definitions() -> Mapping[str, Definition]:
    """Every figure by code, in the order of the table."""
    return {row["code"]: Definition(**{**row, "version": int(row["version"])}) for row in _TABLES.rows("definitions")}  # type: ignore[arg-type]


@cache
def components() -> Mapping[str, Component]:
    """The parts of the score by name; the weights need not add up to anything."""
    rows = (Component(row.pop("component"), float(row.pop("weight")), **row) for row in map(dict, _TABLES.rows("rank")))
    return {one.name: one for one in rows}


@dataclass(frozen=True, slots=True)
class ScoreLimits:
    """One attribute a row of limits.csv; units and meanings stand there."""

    window_days: int
    quarter_nights: int
    themes: int


@cache
def limits() -> ScoreLimits:
    """The thresholds as shipped. Raises TableError."""
    return _TABLES.policy(ScoreLimits, "limits")
