"""Which government a dataset belongs to: its publisher's, which need not be the government of the portal that lists it.

Rules, in this order; the one that decided is kept beside the owner:

tenant  The run reads one tenant of a shared host: all of it belongs to the government whose division code the tenant
        names (`divisionId=520100`, `cityCode=350100000000`, `xzqh=3405`), else to the government of the register row.
office  On a province's portal: the office's name begins with the name of one of its cities («贵阳市…»), also behind the
        province's own name («贵州省贵阳市…») or that of a national body (`national_bodies.csv`). A name without 市, 州,
        盟 or 地区 counts only where the rest is an office (`office_words.csv`): «鞍山教育局», not «鞍山钢铁».
portal  Nothing else is said, or several governments are meant: it stays with the government of its portal. «市教育局»
        on a province's portal is some city's, and nobody can say which.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass
from enum import StrEnum
from functools import cache

from opendata_spiders.register.models import Government, Level, Portal
from opendata_spiders.tables import Tables

_DIVISION = re.compile(r"([1-9][0-9]{3})(?:([0-9]{2})(?:0{6})?)?")
"""Four, six or twelve digits of GB/T 2260; the twelve end in zeros."""
_WHOLE_NAME = re.compile(r".+(?:市|州|盟|地区)")
_NOT_A_LETTER = re.compile(r"[\W_]+")


class OwnerRule(StrEnum):
    """What decided whose a dataset is."""

    TENANT = "tenant"
    OFFICE = "office"
    PORTAL = "portal"


@dataclass(frozen=True, slots=True)
class Attribution:
    """Whose a dataset is, and by which rule."""

    owner: str
    """Adcode; empty: the portal's own government, or that of a portal outside the register."""
    rule: OwnerRule


class Attributor:
    """Attributes the datasets of one run of one portal; each name of an office is read once."""

    def __init__(
        self,
        portal: Portal | None = None,
        tenant: Mapping[str, str] | None = None,
        governments: Mapping[str, Government] | None = None,
    ) -> None:
        """`tenant`: the parameters that the run asks with; `portal` None: one that the register does not hold."""
        self.home = (portal and portal.government) or ""
        known = governments or {}
        inside = {code: one for code, one in known.items() if portal and one.province == portal.province}
        self._tenant = _of_tenant(tenant or {}, self.home, inside)
        home = known.get(self.home)
        self._cities = _cities(home, inside.values()) if home and home.level is Level.PROVINCE else {}
        self._heads = (*national_bodies(), *((home.name_zh,) if home else ()))
        self._read: dict[str, Attribution] = {}

    @property
    def rules(self) -> Sequence[object]:
        """All that decides, as plain values: attributors with equal rules attribute alike."""
        return self.home, self._tenant and astuple(self._tenant), self._cities, self._heads, office_words()

    def of(self, office: object) -> Attribution:
        """Attribute a dataset by the raw text of its office; a list of offices decides only where all agree."""
        if self._tenant is not None:
            return self._tenant
        if not self._cities or not office:
            return _STAYS
        if isinstance(office, list | tuple):
            found = {self.of(one) for one in office}
            return found.pop() if len(found) == 1 else _STAYS
        name = str(office)
        if (known := self._read.get(name)) is None:
            known = self._read[name] = self._found(name)
        return known

    def _found(self, office: str) -> Attribution:
        name = _without(self._heads, _NOT_A_LETTER.sub("", unicodedata.normalize("NFKC", office)))
        city = next((city for city in self._cities if name.startswith(city)), "")
        is_meant = city and (_WHOLE_NAME.fullmatch(city) or _is_office(name.removeprefix(city)))
        return Attribution(self._cities[city], OwnerRule.OFFICE) if is_meant else _STAYS


_STAYS = Attribution("", OwnerRule.PORTAL)


def _of_tenant(tenant: Mapping[str, str], home: str, inside: Mapping[str, Government]) -> Attribution | None:
    """Of a run that reads one tenant; None for one that reads the whole host."""
    if not any(tenant.values()):
        return None
    codes = {match[1] + (match[2] or "00") for value in tenant.values() if (match := _DIVISION.fullmatch(value))}
    named = codes & inside.keys()
    owner = named.pop() if len(named) == 1 else home
    return Attribution("" if owner == home else owner, OwnerRule.TENANT)


def _cities(home: Government, governments: Iterable[Government]) -> dict[str, str]:
    """Chinese names to adcodes, the longest first; one that several governments bear, the province too, is none's."""
    owners: dict[str, set[str]] = {}
    for one in governments:
        for name in one.names:
            if not name.isascii():
                owners.setdefault(name, set()).add(one.adcode)
    ours = {name: codes for name, codes in owners.items() if len(codes) == 1 and home.adcode not in codes}
    return {name: min(ours[name]) for name in sorted(ours, key=len, reverse=True)}


def _is_office(rest: str) -> bool:
    """Whether what stands behind a city's name is the name of an office."""
    return len(rest) > 1 and rest.endswith(office_words())


def _without(heads: tuple[str, ...], name: str) -> str:
    """The name behind a national body and the province, which may both stand before the city."""
    for _ in range(2):
        head = next((one for one in heads if name.startswith(one)), "")
        name = name[len(head) :]
    return name


_TABLES = Tables("opendata_spiders.register")


@cache
def national_bodies() -> tuple[str, ...]:
    """Names of national bodies that stand before the place in the name of their local office."""
    return tuple(row["name"] for row in _TABLES.rows("national_bodies", "name"))


@cache
def office_words() -> tuple[str, ...]:
    """What the name of an office of a government ends in."""
    return tuple(row["word"] for row in _TABLES.rows("office_words", "word"))
