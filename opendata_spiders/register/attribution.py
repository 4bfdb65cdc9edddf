"""Which government a dataset belongs to: its publisher's, which need not be the government of the portal that lists it.

Rules, in this order; the one that decided is kept beside the owner:

tenant  The run reads one tenant of a shared host: all of it belongs to the government whose division code the tenant
        names (`divisionId=520100`, `cityCode=350100000000`, `xzqh=3405`), else to the government of the register row.
office  On a province's portal: the office's name begins with the full name of one of its cities («贵阳市教育局»), also
        behind the province's own name («贵州省贵阳市…») or that of a national body (`national_bodies.csv`).
portal  Nothing else is said, or several governments are meant: it stays with the government of its portal.

A short name without 市, 州, 盟 or 地区 decides nothing («鞍山…» may be a company's), and neither does «市教育局».
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
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
        self._prefixes = _prefixes(home, inside.values()) if home and home.level is Level.PROVINCE else {}
        self._heads = (*national_bodies(), *((home.name_zh,) if home else ()))
        self._read: dict[str, Attribution] = {}

    def of(self, office: object) -> Attribution:
        """Attribute a dataset by the raw text of its office; a list of offices decides only where all agree."""
        if self._tenant is not None:
            return self._tenant
        names = office if isinstance(office, list | tuple) else (office,)
        found = {self._of_name(str(name or "")) for name in names} if self._prefixes else set()
        return found.pop() if len(found) == 1 else _STAYS

    def _of_name(self, office: str) -> Attribution:
        if office not in self._read:
            name = _NOT_A_LETTER.sub("", unicodedata.normalize("NFKC", office))
            self._read[office] = self._found(_without(self._heads, name))
        return self._read[office]

    def _found(self, name: str) -> Attribution:
        owner = next((code for prefix, code in self._prefixes.items() if name.startswith(prefix)), "")
        return Attribution(owner, OwnerRule.OFFICE) if owner else _STAYS


_STAYS = Attribution("", OwnerRule.PORTAL)


def _of_tenant(tenant: Mapping[str, str], home: str, inside: Mapping[str, Government]) -> Attribution | None:
    """Of a run that reads one tenant; None for one that reads the whole host."""
    if not any(tenant.values()):
        return None
    codes = {match[1] + (match[2] or "00") for value in tenant.values() if (match := _DIVISION.fullmatch(value))}
    named = codes & inside.keys()
    owner = named.pop() if len(named) == 1 else home
    return Attribution("" if owner == home else owner, OwnerRule.TENANT)


def _prefixes(home: Government, governments: Iterable[Government]) -> dict[str, str]:
    """Full names to adcodes, the longest first; one that several governments bear is none's."""
    owners: dict[str, set[str]] = {}
    for one in governments:
        for name in one.names:
            if one.adcode != home.adcode and _WHOLE_NAME.fullmatch(name):
                owners.setdefault(name, set()).add(one.adcode)
    return {name: min(owners[name]) for name in sorted(owners, key=len, reverse=True) if len(owners[name]) == 1}


def _without(heads: tuple[str, ...], name: str) -> str:
    """The name behind a national body and the province, which may both stand before the city."""
    for _ in range(2):
        head = next((one for one in heads if name.startswith(one)), "")
        name = name[len(head) :]
    return name


@cache
def national_bodies() -> tuple[str, ...]:
    """Names of national bodies that stand before the place in the name of their local office."""
    return tuple(row["name"] for row in Tables("opendata_spiders.register").rows("national_bodies", "name"))
