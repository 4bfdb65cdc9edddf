"""How much the feeds hold (policy.csv)."""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class FeedPolicy:
    """One attribute a row; meanings stand in the table."""

    place_entries: int
    country_entries: int
    index_events: int
    current_days: int


@cache
def policy() -> FeedPolicy:
    """The numbers as shipped."""
    text = files(__package__).joinpath("policy.csv").read_text("utf-8")
    return FeedPolicy(**{row["name"]: int(row["value"]) for row in csv.DictReader(text.splitlines())})
