"""What is measured: a figure beside its baseline and its goal, as a row of a table."""

from collections.abc import Sequence
from dataclasses import dataclass

COLUMNS = ("", "product", "baseline", "ratio", "goal", "")


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured ratio beside its goal."""

    name: str
    product: str
    """The figure itself, with its unit."""
    baseline: str
    ratio: float
    goal: float
    at_least: bool = False
    """Whether the goal is a least ratio; else it is the most."""

    @property
    def met(self) -> bool:
        return self.ratio >= self.goal if self.at_least else self.ratio <= self.goal

    @property
    def cells(self) -> tuple[str, ...]:
        """Its row."""
        goal = f"{'≥' if self.at_least else '≤'} {self.goal:g}"
        return self.name, self.product, self.baseline, f"{self.ratio:.2g}", goal, "met" if self.met else "missed"


def markdown(figures: Sequence[Figure]) -> str:
    """The table of some figures."""
    rows = (COLUMNS, ("---",) * len(COLUMNS), *(figure.cells for figure in figures))
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)
