"""Definition, version and basis of each figure, read from the csv files of this package."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from opendata_spiders.tables import Tables

FORMAT = 2
"""Version of the JSON document: raise it when a key changes its name or meaning, not for new keys."""
RANK_VERSION = 3
"""Raise it when rank.csv or its code changes the ranking."""
TABLES = Tables("alerts.scoreboard")


@dataclass(frozen=True, slots=True)
class Definition:
    """One row of definitions.csv."""

    version: int
    basis: str
    """`read by us`, `register only` or `official register` (the national register of data)."""
    kind: str
    """share, sum or median."""
    cases: str
    """What is counted: a word under `figures/cases` of the phrases."""
    zh: str
    en: str
    definition: str
    differs: str
    """How the studies count it differently; empty if no difference is known."""


@dataclass(frozen=True, slots=True)
class Component:
    """One row of rank.csv: a part of the score, between 0 and 1 before weighting."""

    weight: float
    zh: str
    en: str
    definition: str


@cache
def definitions() -> Mapping[str, Definition]:
    """Every figure by code, in the order of the table. Raises TableError."""
    return TABLES.records(Definition, "definitions", "code")


@cache
def components() -> Mapping[str, Component]:
    """The parts of the score by name; the sum of the weights is arbitrary. Raises TableError."""
    return TABLES.records(Component, "rank", "component")


@dataclass(frozen=True, slots=True)
class ScoreLimits:
    """One attribute for each row of limits.csv, which gives units and meanings."""

    window_days: int
    quarter_nights: int
    score_quarters: int
    themes: int


@cache
def limits() -> ScoreLimits:
    """The thresholds as shipped. Raises TableError."""
    return TABLES.policy(ScoreLimits, "limits")
