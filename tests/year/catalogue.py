"""What one invented portal lists: its datasets as numbers, what happens to them, and the values that it prints."""

import hashlib
import json
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from random import Random

from opendata_spiders.items import RawValues
from opendata_spiders.register import Government, Level, Portal
from opendata_spiders.tables import read_table
from tests.bench.words import FORMS, OFFICES, PROMISES, SUBJECTS

FIRST_DAY = date(2025, 12, 1)
"""The day of the first night."""
_THEMES = ("道路交通", "教育科技", "医疗卫生", "社保就业", "生态环境", "市场监督", "财税金融", "机构团体")
_OF_CITIES = 0.3
"""Share of the datasets of a province's portal whose office is a city's."""
_MIGRATES, _DELETES = 37, 53
"""Every so many portals one migrates to other ids and addresses, and one deletes two datasets in five, in the year."""


@dataclass(frozen=True, slots=True)
class Life:
    """How much happens on a portal of one kind (lives.csv)."""

    name: str
    weight: int
    every: int
    """Nights from one update to the next; 0: there is none."""
    redated: float
    """Share of the datasets with a new date, each time; `edited`: with other words, `added`, `removed`."""
    edited: float
    added: float
    removed: float


@cache
def lives() -> Sequence[Life]:
    """Every kind of life."""
    names = ("life", "weight", "every", "redated", "edited", "added", "removed", "why")
    return [
        Life(row["life"], int(row["weight"]), int(row["every"]), *(float(row[name]) for name in names[3:7]))
        for row in read_table(Path(__file__).with_name("lives.csv"), frozenset(names))
    ]


@dataclass(frozen=True, slots=True)
class Happened:
    """What one night changed, as numbers of datasets."""

    redated: Sequence[int] = ()
    edited: Sequence[int] = ()
    added: Sequence[int] = ()
    removed: Sequence[int] = ()
    migrated: bool = False


@dataclass(slots=True)
class Catalogue:
    """The datasets of one portal on one night; a dataset is a number, its values follow from what is kept of it here."""

    index: int
    portal: Portal
    size: int
    seed: int
    cities: Sequence[Government] = ()
    """Of a province: its cities, which some of the datasets belong to."""
    life: Life = field(init=False)
    listed: set[int] = field(init=False)
    updated: array = field(init=False)
    """Day of each dataset's last update, as an ordinal."""
    edition: array = field(init=False)
    """How often its words were changed."""
    generation: int = 0
    """How often the portal has migrated."""

    def __post_init__(self) -> None:
        draw = Random(f"{self.seed}:{self.index}")
        self.life = draw.choices(lives(), [one.weight for one in lives()])[0]
        oldest, newest = (2000, 250) if self.life.name == "silent" else (700, 1)
        self.listed = set(range(self.size))
        self.updated = array("l", (FIRST_DAY.toordinal() - draw.randint(newest, oldest) for _ in range(self.size)))
        self.edition = array("h", bytes(2 * self.size))

    def live(self, night: int, nights: int) -> Happened:
        """Let a night pass and return what it changed."""
        draw = Random(f"{self.seed}:{self.index}:{night}")
        if night == nights // 3 and self.index % _MIGRATES == 1:
            self.generation += 1
            return Happened(migrated=True)
        here = sorted(self.listed)
        if night == nights // 2 and self.index % _DELETES == 2:
            return self._noted(night, Happened(removed=draw.sample(here, len(here) * 2 // 5)))
        life, day = self.life, FIRST_DAY + timedelta(days=night)
        if not life.every or (night + self.index) % life.every or (life.name == "working" and day.weekday() > 4):
            return Happened()
        count = len(here)
        redated, edited, removed = (
            draw.sample(here, _about(share * count, draw)) for share in (life.redated, life.edited, life.removed)
        )
        added = range(len(self.updated), len(self.updated) + _about(life.added * count, draw))
        gone = frozenset(removed)
        kept = ([one for one in some if one not in gone] for some in (redated, edited))
        return self._noted(night, Happened(*kept, added, removed))

    def _noted(self, night: int, happened: Happened) -> Happened:
        today = FIRST_DAY.toordinal() + night - 1
        self.updated.extend([today] * len(happened.added))
        self.edition.extend([0] * len(happened.added))
        self.listed.update(happened.added)
        self.listed.difference_update(happened.removed)
        for number in happened.redated:
            self.updated[number] = today
        for number in happened.edited:
            self.edition[number] += 1
        return happened

    def id(self, number: int) -> str:
        """The native id."""
        return _hex(f"{self.portal.id}/{self.generation}/{number}")[:32]

    def values(self, number: int) -> RawValues:
        """What the portal prints of a dataset, but for the counters."""
        subject, form = SUBJECTS[number % len(SUBJECTS)], FORMS[number // 7 % len(FORMS)]
        published = date(2015 + number % 10, 1 + number % 12, 1 + number % 28)
        updated = date.fromordinal(self.updated[number])
        return {
            "title": f"{self.portal.short_zh}{2010 + number % 15}年第{number // 20}批{subject}{form}",
            "office": self._office(number),
            "description": f"{subject}的登记{form}，由主管部门按期整理，第{self.edition[number]}次修订。" * 3,
            "theme": [_THEMES[number % len(_THEMES)]],
            "tags": [subject, form],
            "frequency": PROMISES[number // 3 % len(PROMISES)],
            "open_type": ("无条件开放", "有条件开放")[number % 9 == 0],
            "formats": ["XLS", "CSV", "JSON", "XML"][: 1 + number % 4],
            "contact_phone": f"0{851 + self.index % 90}-{10_000_000 + number * 7919 % 89_999_999}",
            "published": f"{published:%Y-%m-%d}",
            "updated": f"{updated:%Y-%m-%d} {number % 10 + 8:02}:{number % 60:02}:{number * 7 % 60:02}",
            "rows": str(number * 37 % 90_000),
        }

    def counters(self, number: int, night: int) -> Mapping[str, str]:
        """The counters, which rise from week to week."""
        return {
            "views": str(number % 9000 + night * (number % 5)),
            "downloads": str(number % 700 + night * (number % 3)),
        }

    def bodies(self, number: int, values: RawValues) -> tuple[str, str]:
        """The row and the page of a dataset as they came, kept as evidence: some 1,500 and 3,000 characters."""
        noise = "".join(_hex(f"{self.portal.id}/{number}/{part}") for part in range(8))
        row = {**values, "id": self.id(number), "catalogCode": noise[:30], "orgId": noise[30:50], "extra": noise}
        table = "".join(f"<tr><th>{name}</th><td>{value}</td></tr>" for name, value in values.items())
        columns = "".join(f'<li data-id="{noise[at : at + 16]}">字段{at}</li>' for at in range(0, 480, 16))
        page = f"<html><body><h1>{values['title']}</h1><table>{table}</table><ul>{columns}</ul></body></html>"
        return json.dumps(row, ensure_ascii=False), page

    def page_url(self, number: int) -> str:
        """The page a person would open."""
        return f"{self.base_url}/dataset/{self.id(number)}"

    @property
    def base_url(self) -> str:
        """The portal's address, another one after a migration."""
        return f"{self.portal.base_url}/{self.generation}" if self.generation else self.portal.base_url

    def _office(self, number: int) -> str:
        office = OFFICES[number % len(OFFICES)]
        if self.cities and number * 7919 % 1000 < 1000 * _OF_CITIES:
            return self.cities[number % len(self.cities)].name_zh + office
        return f"{self.portal.short_zh}{office}"


def cities_of(portal: Portal, governments: Iterable[Government]) -> list[Government]:
    """The cities below the government of a province's portal; none for any other portal."""
    known = list(governments)
    if not any(one.adcode == portal.government and one.level is Level.PROVINCE for one in known):
        return []
    return [one for one in known if one.province == portal.province and one.adcode != portal.government]


def _about(expected: float, draw: Random) -> int:
    """A whole number whose mean is the expected one."""
    return int(expected + draw.random())


def _hex(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
