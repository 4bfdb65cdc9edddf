"""What each figure means, in which version, and what it rests on; read from the csv files of this package."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from opendata_spiders.tables import Tables

FORMAT = 1
"""Version of the JSON document: raised when a key changes its name or meaning; new keys do not count."""
RANK_VERSION = 2
"""Raised when rank.csv or the code behind it ranks otherwise."""


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
    return {row["code"]: Definition(**{**row, "version": int(row["version"])}) for row in _rows("definitions")}  # type: ignore[arg-type]


@cache
def components() -> Mapping[str, Component]:
    """The parts of the score by name; the weights need not add up to anything."""
    names = ("zh", "en", "definition")
    return {
        row["component"]: Component(row["component"], float(row["weight"]), **{name: row[name] for name in names})
        for row in _rows("rank")
    }


@cache
def limit(name: str) -> int:
    """One threshold of limits.csv; unit and meaning stand there."""
    return int(next(row["value"] for row in _rows("limits") if row["name"] == name))


_rows = Tables("alerts.scoreboard").rows
