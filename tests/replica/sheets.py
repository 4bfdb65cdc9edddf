"""Specs of simulated portals, and the original datasets (sheets) from which the records of each night are made."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import TypeVar
from uuid import UUID

from tests.replica import words
from tests.replica.habits import MIX, Habit, update_days

T = TypeVar("T")


class Ids(StrEnum):
    """The forms of native ids."""

    UUID = "uuid"
    HEX = "hex"
    """32 hexadecimal digits."""
    DIGITS = "digits"
    PATH = "path"
    """The address of the dataset's page within its host."""
    PAIR = "pair"
    """Two ids with a slash between them."""


@dataclass(frozen=True, slots=True)
class PortalSpec:
    """A portal to be simulated: what its address and its pages depend on."""

    slug: str
    family: str
    """guizhou_api, inspur_oportal, or a declared one."""
    short_zh: str
    adcode: str
    context_path: str = "/oportal"
    """Inspur only."""
    division: str = ""
    """Tenant on a shared host (divisionId in Guizhou, a region code at Inspur); empty: the whole host."""
    host: str = ""
    """Portals of the same host share a port; empty: those of Guizhou share one, any other has its own."""
    ids: Ids = Ids.HEX
    """Ignored for Guizhou, whose ids are UUIDs."""
    with_time: bool = False
    """Inspur prints dates only, or dates with the time of day."""
    datasets: int = 200
    habit: Habit | None = None
    """All datasets share it; None: the usual mix."""
    promise: str = ""
    """All datasets promise it; empty: the usual mix."""
    history: tuple[int, int] = (-1200, -60)
    """Between which days the datasets were published."""

    @property
    def server(self) -> str:
        """Key of the host, the same for all portals on it."""
        return self.host or (self.family if self.family == "guizhou_api" else self.slug)

    @property
    def place(self) -> str:
        """The government's name in the titles of its datasets."""
        if self.short_zh[-1] in "州盟区":
            return self.short_zh
        return self.short_zh + ("省" if self.adcode.endswith("0000") else "市")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A dataset as first published; updates and incidents turn it into the records of each night."""

    id: str
    title: str
    description: str
    office: str
    theme: str
    industry: str
    frequency: str
    conditional: bool
    formats: tuple[str, ...]
    tags: tuple[str, ...]
    phone: str
    email: str
    rows: int
    apis: int
    popularity: int
    born: int
    second: int
    """Second of the day at which its office works on it."""
    updates: tuple[int, ...]


def make_sheets(seed: int, spec: PortalSpec, count: int, batch: str, born: int | None) -> tuple[Sheet, ...]:
    rng = Random(f"{seed} {spec.slug} {batch}")
    titles = _titles(spec, rng, count, "" if born is None else f"（{batch.removeprefix('new ')}批）")
    return tuple(_sheet(spec, rng, title, office, born) for title, office in titles)


def _titles(spec: PortalSpec, rng: Random, count: int, mark: str) -> list[tuple[str, words.Office]]:
    """Draw distinct titles; repeated ones get different years, as on real portals."""
    offices = rng.sample(words.OFFICES, k=min(len(words.OFFICES), max(3, count // 8)))
    found: dict[str, words.Office] = {}
    while len(found) < count:
        office = rng.choice(offices)
        year = f"{rng.randint(2017, 2025)}年" if rng.random() < 0.2 + len(found) / 4000 else ""
        parts = (spec.place, rng.choice(words.AREAS), year, rng.choice(office.subjects))
        found.setdefault("".join(parts) + rng.choice(words.SUFFIXES) + mark, office)
    return list(found.items())


def _sheet(spec: PortalSpec, rng: Random, title: str, office: words.Office, born: int | None) -> Sheet:
    word, period = _promise(spec, rng)
    habit = spec.habit or _weighted(rng, MIX)
    day = rng.randint(*spec.history) if born is None else born
    number = rng.getrandbits(128)
    return Sheet(
        id=_id(Ids.UUID if spec.family == "guizhou_api" else spec.ids, number),
        title=title,
        description=rng.choice((title, f"{title}，由市{office.name}提供。", "")),
        office=f"{spec.place}{office.name}",
        theme=office.theme,
        industry=office.industry,
        frequency=word,
        conditional=rng.random() < 0.25,
        formats=_formats(rng),
        tags=tuple(rng.sample(words.TAGS, k=2)),
        phone=f"0{rng.randint(310, 999)}-8{rng.randint(0, 10**6 - 1):06d}",
        email=f"sjkf{rng.randint(1, 99)}@example.gov.cn",
        rows=rng.choice((0, rng.randint(1, 99), rng.randint(100, 4000), rng.randint(4000, 90000))),
        apis=rng.randint(0, 1),
        popularity=rng.randint(0, 9),
        born=day,
        second=rng.randint(9 * 3600, 17 * 3600),
        updates=update_days(habit, period, day, rng),
    )


def _id(form: Ids, number: int) -> str:
    return {
        Ids.UUID: str(UUID(int=number, version=4)),
        Ids.HEX: f"{number:032x}",
        Ids.DIGITS: str(number % 10**12),
        Ids.PATH: f"/zyml/{number % 10**4}/{number % 10**12}.htm",
        Ids.PAIR: f"{number % 10**12}/{number % 10**6}",
    }[form]


def _promise(spec: PortalSpec, rng: Random) -> tuple[str, int | None]:
    periods = {word: period for word, period, _ in words.PROMISES}
    word = spec.promise or _weighted(rng, tuple((word, weight) for word, _, weight in words.PROMISES))
    return word, periods.get(word)


def _weighted(rng: Random, pairs: Sequence[tuple[T, int]]) -> T:
    return rng.choices([value for value, _ in pairs], [weight for _, weight in pairs])[0]


def _formats(rng: Random) -> tuple[str, ...]:
    return rng.choice(
        (("xls", "csv", "json", "xml", "rdf"), ("xls", "csv", "json", "xml"), ("xlsx", "json"), ("csv",), ())
    )
