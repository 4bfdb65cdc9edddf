"""Years that are told one by one: cities whose datasets their province takes over or does not, and corrected portals."""

from dataclasses import dataclass
from random import Random

from opendata_spiders.store.models import LookResult, Verdict
from tests.score.watch.cast import Member
from tests.score.watch.lives import BLOCKED, EMPTY, UNREACHABLE, Life, Ordinary
from tests.score.watch.readings import FILL, Item, Read, collection, complete, copied

SIZE, FEW = 15, 8
"""Datasets of a city; fewer than ten prove nothing."""


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of a city's portal, and whether its province lists its datasets."""

    night: int
    sort: str
    """down, empty or deleted."""
    taken: int | None
    """Night from which on the province lists them; None: never."""
    share: float = 1.0
    same_offices: bool = True
    end: int = 10**6
    """Night on which the portal is as it was, or its row is retired."""
    retired: bool = False


LOOKS_LIKE_IT = {2: "late", 4: "always", 6: "share", 8: "offices", 13: "never"}
"""Which of the cities do not go over, and why it looks like it; by their place."""


def fate(rng: Random, place: int, nights: int, province_since: int) -> Fate:
    """Two in three go over to their province; the others are the ways in which it only looks like it."""
    sort = ("down", "empty", "deleted")[place % 3]
    first = max(12, province_since + 8)
    night = rng.randrange(first, max(first + 1, nights - 25))
    lasts = {"down": rng.choice((26, 45, 45)), "empty": 26, "deleted": 20}[sort]
    end, retired = night + lasts, rng.random() < 0.5
    taken = night + {"down": rng.randint(-12, 12), "empty": rng.randint(0, 12), "deleted": -rng.randint(1, 15)}[sort]
    kind = LOOKS_LIKE_IT.get(place % 18, "")
    if kind == "always":
        return Fate(night, sort, 0, end=end, retired=retired)
    if kind == "late" and province_since:
        return Fate(max(4, province_since - rng.randint(4, 9)), "down", 0, end=province_since + 20)
    if kind == "share":
        return Fate(night, sort, taken, 0.4, end=end)
    if kind == "offices":
        return Fate(night, sort, taken, same_offices=False, end=end)
    if kind == "never":
        return Fate(night, sort, None, end=end)
    return Fate(night, sort, max(4, taken), rng.choice((1.0, 0.8, 0.7)), end=end, retired=retired)


class City(Life):
    """As ever until its fate."""

    def __init__(self, member: Member, rng: Random, nights: int, told: Fate, *, few: bool) -> None:
        super().__init__(member, rng, nights)
        self.fate, self.items = told, collection(member.slug, FEW if few else SIZE)
        if told.retired:
            member.retired.append((told.end, 10**6))

    def read(self, night: int) -> Read | None:
        if not self.fate.night <= night < self.fate.end:
            bad = self.fate.night - 4 > night > 2 and self.rng.random() < 0.04
            return self.rng.choice((BLOCKED, UNREACHABLE)) if bad else complete(self.items)
        if self.fate.sort == "deleted":
            kept = self.items[:2]
            return complete(kept, {one.id: LookResult.GONE for one in self.items[2:]})
        return UNREACHABLE if self.fate.sort == "down" else EMPTY


class Province(Ordinary):
    """Lists its own datasets, and those of cities that went over to it."""

    def __init__(self, member: Member, rng: Random, nights: int) -> None:
        super().__init__(member, rng, nights)
        self.long = {}
        self.own, self.cities = collection(member.slug, 30), list[City]()

    def read(self, night: int) -> Read | None:
        self.items = self.own + tuple(one for city in self.cities for one in self._of(city, night))
        return super().read(night)

    def _of(self, city: City, night: int) -> tuple[Item, ...]:
        fate = city.fate
        if fate.taken is None or night < fate.taken:
            return ()
        listed = city.items[: round(fate.share * len(city.items))]
        return copied(listed, offices=fate.same_offices)


@dataclass(frozen=True, slots=True)
class Episode:
    """Something that is said of a portal wrongly, and how a person takes it back."""

    sort: str
    night: int


SORTS = ("cut", "cut-person", "wall", "line", "down-person")
UNCUT = tuple(sort for sort in SORTS if not sort.startswith("cut"))
APART = 9
"""Nights from the beginning of one episode to that of the next."""


class Corrected(Life):
    """Good nights, and now and then an episode that a person corrects."""

    def __init__(self, member: Member, rng: Random, nights: int, avoid: set[int]) -> None:
        super().__init__(member, rng, nights)
        self.items = tuple(
            Item(f"{member.slug}-{n}", f"{member.slug}第{n}批行政处罚结果", "市公安局") for n in range(30)
        )
        self.episodes = list(self._drawn(avoid))

    def _drawn(self, avoid: set[int]) -> list[Episode]:
        night, found = self.rng.randrange(3, 8), []
        place, sorts = self.rng.randrange(len(SORTS)), SORTS
        while night < self.nights - 7:
            if avoid.isdisjoint(range(night - 1, night + 6)):
                found.append(Episode(sorts[(place + len(found)) % len(sorts)], night))
                # Once pages have said "gone" of what came back, the next such page is not believed in two nights.
                sorts = UNCUT if found[-1].sort.startswith("cut") else sorts
                night += APART + self.rng.randrange(0, 30)
            else:
                night += 1
        return found

    def read(self, night: int) -> Read | None:
        for one in self.episodes:
            bad = self._bad(one, night - one.night)
            if bad is not None:
                return bad
        return complete(self.items)

    def _bad(self, one: Episode, place: int) -> Read | None:
        if one.sort.startswith("cut") and place in (0, 1):
            cut = self.cut(one)
            kept = [item for item in self.items if item not in cut]
            return complete(kept, {item.id: LookResult.GONE for item in cut})
        if one.sort == "wall" and place == 0:
            return Read(Verdict.DRIFTED, fill={**FILL, "office": 0.0}, collapsed=True)
        lasts = {"line": 3, "down-person": 4}.get(one.sort, 0)
        return UNREACHABLE if 0 <= place < lasts else None

    def cut(self, one: Episode) -> tuple[Item, ...]:
        """The datasets that the page no longer showed: few enough to be told one by one, and no theme is left empty."""
        first = one.night % 10
        return self.items[first : first + 8 : 2]
