"""What a part of the attack reports: one figure a line, held against its goal."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Options:
    """How much of the attack is played."""

    seed: int = 1
    scale: float = 1.0
    """Share of the full number of attempts, above 0 and at most 1: the slow tests play a part of them."""

    def count(self, full: int) -> int:
        """How many of `full` attempts are made, at least one."""
        return max(1, round(full * self.scale))


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number; it is met while it is not above `at_most`."""

    name: str
    measured: float
    at_most: float
    of: int
    """Attempts behind the number."""
    examples: tuple[str, ...] = ()
    """The first attempts that broke the goal, each enough to play it again."""

    @property
    def met(self) -> bool:
        return self.measured <= self.at_most


Part = Callable[[Options], Iterable[Figure]]
