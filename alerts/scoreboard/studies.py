"""What others have counted: the figures of the yearly studies and of the press, each with its source."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from alerts.scoreboard.definitions import TABLES, definitions

_DATE = re.compile(r"\d{4}-\d{2}(-\d{2})?")


@dataclass(frozen=True, slots=True)
class StudyFigure:
    """One published figure, to stand beside ours of the same code."""

    date: str
    """Month or day (ISO) as of which it holds, or else was published."""
    value: float
    """A share between 0 and 1, or a number."""
    numerator: int | None
    denominator: int | None
    approximate: bool
    """Whether the source rounds or bounds it («more than half»)."""
    source: str
    """Address of a page that states it."""
    note: str
    """What the source counts, and what is computed from it here."""


@cache
def studies() -> Mapping[str, Sequence[StudyFigure]]:
    """The published figures by code of ours, oldest first. Raises TableError."""
    found: dict[str, list[StudyFigure]] = defaultdict(list)
    for row, one in TABLES.each(StudyFigure, "studies", "figure"):
        if row["figure"] not in definitions():
            raise row.error("figure", f"{row['figure']!r} is no figure of definitions.csv; correct it.")
        if not _DATE.fullmatch(one.date):
            raise row.error("date", f"{one.date!r} is neither a month nor a day; write 2020-10 or 2020-10-31.")
        if not one.source:
            raise row.error("source", "a published figure needs the address of its source; add it.")
        found[row["figure"]].append(one)
    return {code: sorted(rows, key=lambda one: one.date) for code, rows in found.items()}
