"""A portal whose search index flaps, and a catalogue that is emptied: what is listed for some nights, and what is not."""

from tests.score.losses import Losses
from tests.score.records import Record

SEASONS = ((25, 110), (190, 270))
"""Nights between which an index flaps."""


class Swings(Losses):
    """The printed total follows the index, so a list that it left rows out of looks whole."""

    def swing(self, night: int) -> None:
        """Begin or end a swing; a dataset may be taken off for good in the same night."""
        if night >= self.swing_until:
            self.swung = set()
        restless = any(first <= night < last for first, last in SEASONS)
        if not self.traits.flaps or self.swung or not restless or self.rng.random() > 0.15:
            return
        here = self.here()
        away = self.rng.sample(here, int(len(here) * self.rng.uniform(0.2, 0.75)))
        if len(away) > 8:
            self._leave_out(away, night)

    def _leave_out(self, away: list[Record], night: int) -> None:
        self.swings += 1
        # Pages that say "gone" of what comes back cannot be told from true ones by who has seen none come back.
        nights = 1 if self.traits.flaps == "gone" and len(self.swings_read) < 2 else self.rng.randint(1, 6)
        lost = next((one for one in away if one in self.calm()), None) if self.rng.random() < 0.4 else None
        self.swung, self.swing_until = {one.id for one in away if one is not lost}, night + nights
        if lost is not None:
            self._take(lost, night, gone=True)

    def empty(self, night: int) -> None:
        """From now on the portal lists nothing, for some weeks or for good."""
        for_good = self.rng.random() < 0.2
        self.empty_until = self.nights + 1 if for_good else night + self.rng.randint(9, 45)
