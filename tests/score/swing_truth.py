"""The truth about a portal that flaps: what a reader can know of its swings, and by which night."""

from collections.abc import Callable

from tests.score.nights import Reading

HABIT, STILL = 2, 31
"""So many days with a swing within so many days are a habit; so long without one, and it is over."""


class SwingTruth:
    """Of one portal, told by its book."""

    def __init__(self, say: Callable[..., None]) -> None:
        self.say = say
        self.nights: list[int] = []
        self.flaps = False

    def returned(self, many: int, known: int, reading: Reading) -> None:
        """A reading lists so many again that had vanished in a mass."""
        if many > max(5, 0.02 * known) and reading.night not in self.nights:
            self.nights.append(reading.night)

    def observe(self, reading: Reading) -> None:
        """A complete reading states what the swings before it amount to."""
        lately = [night for night in self.nights if reading.night - night <= STILL]
        if not self.flaps and len(lately) >= HABIT:
            self.flaps = True
            self.say("ops.flapping", "", reading.night)
        elif self.flaps and not lately:
            self.flaps = False
            self.say("ops.flapping_ended", "", reading.night)
