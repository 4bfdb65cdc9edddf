"""One figure over all cases: those known to count, those known not to, and those of which it is unknown."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from statistics import median
from typing import Any

from alerts.scoreboard.definitions import Definition, definitions

Answer = bool | None
"""Yes, no, or unknown (None)."""


class FigureConfidence(StrEnum):
    """What the known cases of a figure rest on."""

    OBSERVED = "observed"
    """On what we read ourselves."""
    CLAIMED = "claimed"
    """Some of them on dates or numbers that a portal prints."""
    REGISTER = "register"
    """On a register, ours or the national one."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure with its bounds."""

    code: str
    numerator: int | None
    """Number of cases known to count, of a share; None for a sum or a median."""
    denominator: int
    """Number of known cases."""
    unknown: int
    """Number of unknown cases."""
    low: float | int | None
    """The least it can be: a share between 0 and 1, what is seen of a sum, a median. None: nothing is known."""
    high: float | int | None
    """The most it can be; None for a sum, because nobody knows how large the rest is."""
    confidence: FigureConfidence = FigureConfidence.OBSERVED
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def definition(self) -> Definition:
        return definitions()[self.code]

    @property
    def total(self) -> int:
        """Number of all cases."""
        return self.denominator + self.unknown

    @property
    def value(self) -> float | int | None:
        """The figure itself: what is seen of a sum; a share or median if its bounds meet, else None."""
        return self.low if self.definition.kind == "sum" or self.low == self.high else None


def share(
    code: str, answers: Iterable[Answer], confidence: FigureConfidence = FigureConfidence.OBSERVED, **more: Any
) -> Figure:
    """The share of the cases whose answer is yes."""
    told = list(answers)
    return counted_share(code, told.count(True), told.count(False), told.count(None), confidence, **more)


def counted_share(
    code: str, yes: int, no: int, unknown: int, confidence: FigureConfidence = FigureConfidence.OBSERVED, **more: Any
) -> Figure:
    """The same share of cases that are already counted."""
    total = yes + no + unknown
    low, high = (yes / total, (yes + unknown) / total) if total else (None, None)
    return Figure(code, yes, yes + no, unknown, low, high, confidence, more)


def total_of(
    code: str,
    seen: int,
    known: int,
    unknown: int,
    confidence: FigureConfidence = FigureConfidence.OBSERVED,
    **more: Any,
) -> Figure:
    """The sum of the numbers of the known cases."""
    return Figure(code, None, known, unknown, seen if known else None, None, confidence, more)


def median_of(code: str, numbers: Sequence[int | None], most: int) -> Figure:
    """The median number; bounds: every unknown one is 0, or `most`."""
    known = [one for one in numbers if one is not None]
    unknown = len(numbers) - len(known)
    low, high = (median([*known, *[end] * unknown]) if known else None for end in (0, most))
    return Figure(code, None, len(known), unknown, low, high)
