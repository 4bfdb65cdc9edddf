"""What every portal's nights are like, one by one: its verdicts, what it lists, and whether it is read at all."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from random import Random

from opendata_spiders.store.models import Verdict
from tests.score.watch.cast import Member
from tests.score.watch.readings import COMPLETE, FILL, Item, Read, complete

BLOCKED, PARTIAL, DRIFTED = Read(Verdict.BLOCKED), Read(Verdict.PARTIAL, fill=FILL), Read(Verdict.DRIFTED)
UNREACHABLE, FAILED, EMPTY = Read(Verdict.UNREACHABLE), Read(Verdict.FAILED), Read(Verdict.EMPTY)
OTHERS = ("oportal", "interface", "pages", "pair")
Night = Callable[[], Read | None]
"""None: the portal is not read."""


class Life(ABC):
    """One portal's year."""

    def __init__(self, member: Member, rng: Random, nights: int) -> None:
        self.member, self.rng, self.nights = member, rng, nights

    @abstractmethod
    def read(self, night: int) -> Read | None:
        """What a crawl would make of it tonight; None if it is left out."""


class Unread(Life):
    """A row whose crawl is never started."""

    def read(self, night: int) -> Read | None:
        return None


class Ordinary(Life):
    """Good nights and spells of bad ones; some portals drift for a quarter of a year, or flap for a month."""

    def __init__(self, member: Member, rng: Random, nights: int) -> None:
        super().__init__(member, rng, nights)
        self.items: tuple[Item, ...] = ()
        self.spell: list[Read | None] = []
        self.long = {rng.randrange(8, nights): rng.choice((self._flapping, self._long_drift, self._named_for_long))}
        if rng.random() > 0.35:
            self.long = {}

    def read(self, night: int) -> Read | None:
        if night in self.long:
            self.spell = self.long[night]()
        if not self.spell:
            self.spell = self._next(night)
        return self.good(self.spell.pop(0))

    def good(self, read: Read | None) -> Read | None:
        """A reading with what is listed."""
        if read is None or not self.items:
            return read
        if read.verdict is Verdict.COMPLETE:
            return complete(self.items)
        part = self.items[: max(1, len(self.items) * 2 // 3)]
        return Read(read.verdict, part, fill=read.fill) if read.verdict is Verdict.PARTIAL else read

    def _next(self, night: int) -> list[Read | None]:
        if night < 2:
            return [COMPLETE]
        roll = self.rng.random()
        for rate, spell in self._spells():
            if roll < rate:
                return spell()
            roll -= rate
        return [COMPLETE]

    def _spells(self) -> tuple[tuple[float, Callable[[], list[Read | None]]], ...]:
        rng = self.rng
        return (
            (0.008, lambda: [UNREACHABLE] * rng.randint(1, 3)),
            (0.0008, lambda: [UNREACHABLE] * rng.randint(4, 14)),
            (0.010, lambda: [BLOCKED] * rng.randint(1, 4)),
            (0.03, lambda: [PARTIAL]),
            (0.003, lambda: [FAILED]),
            (0.001, lambda: [EMPTY] * rng.randint(1, 3)),
            (0.010, self._drift),
            (0.006, self._named),
            (0.003, self._wall_of_others),
            (0.004, self._left_out),
        )

    # --- pages of another shape

    def _drift(self) -> list[Read | None]:
        return [self._drifted() for _ in range(self.rng.choice((1, 1, 2, 4)))]

    def _drifted(self) -> Read:
        """Fields stand empty, or a little emptier; or the page has a shape in which nothing is read at all."""
        rng = self.rng
        roll = rng.random()
        if roll < 0.3:
            return DRIFTED
        if roll < 0.55:
            return Read(Verdict.DRIFTED, fill={**FILL, "tags": 0.82, "theme": 0.0})
        lost = rng.sample(("office", "tags", "updated"), rng.randint(1, 2))
        emptied = {name: rng.choice((0.0, 0.02, 0.4)) for name in lost}
        return Read(Verdict.DRIFTED, fill={**FILL, **emptied}, collapsed=True)

    def _long_drift(self) -> list[Read | None]:
        first = Read(Verdict.DRIFTED, fill={**FILL, "office": 0.0}, collapsed=True)
        return [first, *(DRIFTED for _ in range(self.rng.randint(62, 80)))]

    # --- other software

    def _named(self) -> list[Read | None]:
        """Another family's page, drifted at once or blocked twice at least, with nights between that name nobody."""
        rng, verdict = self.rng, self.rng.choice((Verdict.DRIFTED, Verdict.BLOCKED))
        page = Read(verdict, names=self._other())
        rest = [rng.choice((page, page, Read(verdict), UNREACHABLE)) for _ in range(rng.randint(1, 7))]
        return [page, page, *rest] if verdict is Verdict.BLOCKED else [page, *rest]

    def _named_for_long(self) -> list[Read | None]:
        page = Read(Verdict.DRIFTED, names=self._other())
        return [page, page, *(BLOCKED for _ in range(self.rng.randint(62, 75)))]

    def _wall_of_others(self) -> list[Read | None]:
        """A wall that wears another family's clothes for one night."""
        return [Read(Verdict.BLOCKED, names=self._other()), *([BLOCKED] * self.rng.randint(0, 3)), COMPLETE]

    def _other(self) -> str:
        return self.rng.choice([name for name in OTHERS if name != self.member.portal.family])

    # --- not read, or now and then

    def _left_out(self) -> list[Read | None]:
        return [None] * self.rng.choice((1, 1, 2, 3))

    def _flapping(self) -> list[Read | None]:
        bad = self.rng.choice((UNREACHABLE, BLOCKED, Read(Verdict.DRIFTED, fill={**FILL, "tags": 0.0}, collapsed=True)))
        return [read for _ in range(self.rng.randint(8, 15)) for read in (bad, COMPLETE)]


class Arriving(Ordinary):
    """A portal whose row came tonight: its first nights may fail."""

    def __init__(self, member: Member, rng: Random, nights: int) -> None:
        super().__init__(member, rng, nights)
        self.long = {}
        self.items = (Item(f"{member.slug}-1", "道路名录", "市公安局"),)
        self.spell = [self._first() for _ in range(rng.choice((0, 0, 1, 3)))]

    def _first(self) -> Read | None:
        return self.rng.choice((UNREACHABLE, BLOCKED, PARTIAL, DRIFTED))


class Out(Life):
    """Weeks out of reach: shorter and longer than a month, tried every night or seldom, answering once in between."""

    LENGTHS = (12, 29, 30, 31, 32, 33, 36, 40, 55)

    def __init__(self, member: Member, rng: Random, nights: int) -> None:
        super().__init__(member, rng, nights)
        self.items = (Item(f"{member.slug}-1", "道路名录", "市公安局"),)
        self.plan: dict[int, Read | None] = {}
        night = rng.randrange(3, 9)
        while night < nights:
            night = self._outage(night) + rng.randrange(4, 20)

    def _outage(self, first: int) -> int:
        rng = self.rng
        length, sort = rng.choice(self.LENGTHS), rng.choice(("", "", "", "answers", "failed", "seldom"))
        if not self.plan:
            length, sort = rng.randint(32, 38), ""
        for night in range(first, first + length):
            self.plan[night] = UNREACHABLE if sort != "seldom" or (night - first) % 5 == 0 else None
            if sort == "failed" and rng.random() < 0.2:
                self.plan[night] = FAILED
        if sort == "answers":
            self.plan[first + rng.randrange(1, length)] = rng.choice((BLOCKED, EMPTY, DRIFTED))
        return first + length

    def read(self, night: int) -> Read | None:
        return self.plan.get(night, complete(self.items))
