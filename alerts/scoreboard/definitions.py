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

    weight: float
    zh: str
    en: str
    definition: str


@cache
def definitions() -> Mapping[str, Definition]:
    """Every figure by code, in the order of the table. Raises TableError."""
    return _TABLES.records(Definition, "definitions", "code")


@cache
def components() -> Mapping[str, Component]:
    """The parts of the score by name; the weights need not add up to anything. Raises TableError."""
    return _TABLES.records(Component, "rank", "component")


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
