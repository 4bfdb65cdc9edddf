"""The truth about dates that move while nothing else on a dataset does: counted as a reader of the pages can count it.

What is true here is the statement's own definition; whether an office meant to deceive is not known to the world either.
"""

from collections.abc import Callable

from tests.score.nights import Reading
from tests.score.records import Record

MANY = 0.02
CONTENT = frozenset({"title", "pace", "open", "description", "phone", "rows", "formats", "office"})
FEEDS = frozenset({"daily"})
"""Promised so often that an unchanged size means nothing."""


class FakeTruth:
    """Of one portal, told by its book. Where it cannot be known what a reader makes of a change, both are kept."""

    def __init__(self, say: Callable[..., None]) -> None:
        self.say = say
        self.sure: list[str] = []
        self.perhaps: list[str] = []
        self.stamped: list[Record] = []

    def take(self, one: Record, names: set[str], *, advanced: bool, certain: bool) -> None:
        """A dataset of which a reading has shown changes; `certain`: all of its sizes were read with the date."""
        least, most = one.bare
        if names & CONTENT:
            one.bare = (0, 0)
        elif "mass" in names:
            # Seen by a part of the list it may look like a change of this dataset alone.
            one.bare = (0, most + 1)
        elif "stamp" in names:
            self.stamped.append(one)
        elif advanced and one.pace not in FEEDS:
            one.bare = (least + certain, most + 1)
        self._reached(one, (least, most))

    def _reached(self, one: Record, before: tuple[int, int]) -> None:
        if before[0] < 2 <= one.bare[0]:
            # Who counted the most has told it before.
            (self.sure if before[1] < 2 else self.perhaps).append(one.id)
        elif before[1] < 2 <= one.bare[1]:
            self.perhaps.append(one.id)

    def close(self, reading: Reading, size: int, *, stamped: bool) -> None:
        """End of a reading; `stamped`: it was seen that the dates were stamped on the catalogue in bulk."""
        for one in self.stamped if not stamped else ():
            before, one.bare = one.bare, (one.bare[0], one.bare[1] + 1)
            self._reached(one, before)
        limit = max(5, MANY * size)
        possible = len(self.sure) + len(self.perhaps)
        if possible > limit:
            self.say("dataset.fake_update", "", reading.night, due=reading.night if len(self.sure) > limit else None)
        for id_ in self.sure if len(self.sure) <= limit else ():
            self.say("dataset.fake_update", id_, reading.night, due=reading.night if possible <= limit else None)
        for id_ in self.perhaps if len(self.sure) <= limit else ():
            self.say("dataset.fake_update", id_, reading.night, due=None)
        self.sure, self.perhaps, self.stamped = [], [], []
