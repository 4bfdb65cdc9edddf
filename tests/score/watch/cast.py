"""Who is watched in an invented country: portals of several families on several hosts, and when their rows change."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache
from random import Random

from opendata_spiders.register import Government, Level, Portal, PortalStatus, Register, packaged


class Role(StrEnum):
    """What a portal's year is like."""

    PLAIN = "plain"
    PROVINCE = "province"
    CITY = "city"
    """Its datasets are taken over by its province, or are not."""
    OUTAGE = "outage"
    """Cannot be reached for weeks at a time."""
    CORRECTED = "corrected"
    """A person corrects what was said of it."""
    NEWCOMER = "newcomer"
    NEVER = "never"
    """A row whose crawl is never started."""
    GUEST = "guest"
    """Read, and not in the register."""


SHARES: Mapping[Role, float] = {
    Role.PROVINCE: 0.06,
    Role.CITY: 0.28,
    Role.OUTAGE: 0.08,
    Role.CORRECTED: 0.08,
    Role.NEWCOMER: 0.18,
    Role.NEVER: 0.03,
    Role.GUEST: 0.03,
}
FAMILIES: Mapping[str, int] = {"oportal": 9, "interface": 3, "pages": 6, "pair": 2}
"""Families that may fail as a whole, with their host groups; two hosts never make a family."""
STEADY = "steady"
"""The family of portals whose year is told one by one; each has a host of its own."""
TOLD = (Role.PROVINCE, Role.CITY, Role.OUTAGE, Role.CORRECTED, Role.NEWCOMER, Role.GUEST)
"""Portals that the diff reads too."""
ALONE = (Role.CITY, Role.OUTAGE, Role.CORRECTED)
EARLY = (1, 3, 6)
"""Nights on which a portal comes that is no newcomer: the watch has hardly begun."""


@dataclass(slots=True)
class Member:
    """One portal of the cast."""

    portal: Portal
    role: Role
    minute: int
    since: int = 0
    """Night from which its row stands in the register."""
    retired: list[tuple[int, int]] = field(default_factory=list)
    """Nights (first, end) in which its row says that it is not read."""
    above: str = ""
    """Slug of its province's portal."""

    @property
    def slug(self) -> str:
        return self.portal.slug

    @property
    def host(self) -> str:
        return self.portal.host_group

    @property
    def told(self) -> bool:
        return self.role in TOLD

    def listed(self, night: int) -> bool:
        """Whether the register has it read that night."""
        stands = self.since <= night and self.role is not Role.GUEST
        return stands and not any(first <= night < end for first, end in self.retired)


class Cast:
    """All portals of one country."""

    def __init__(self, rng: Random, portals: int, nights: int) -> None:
        self.members = list(_members(rng, portals, nights))
        self.governments = packaged().governments
        self._cut: tuple[tuple[bool, ...], Register] | None = None

    def of(self, *roles: Role) -> list[Member]:
        return [one for one in self.members if one.role in roles]

    def get(self, slug: str) -> Member:
        return next(one for one in self.members if one.slug == slug)

    def register(self, night: int) -> Register:
        """The register as it stands that night; the same object while no row changes."""
        rows = [one for one in self.members if one.since <= night and one.role is not Role.GUEST]
        cut = tuple(one.listed(night) for one in self.members)
        if self._cut is None or self._cut[0] != cut:
            portals = {one.slug: _row(one, night) for one in rows}
            self._cut = (cut, Register(self.governments, portals))
        return self._cut[1]


def _row(member: Member, night: int) -> Portal:
    return member.portal if member.listed(night) else replace(member.portal, status=PortalStatus.RETIRED, why="closed")


def roles(portals: int) -> list[Role]:
    """At least one of each, the rest plain."""
    counted = [role for role, share in SHARES.items() for _ in range(max(1, round(share * portals)))]
    return counted + [Role.PLAIN] * max(1, portals - len(counted))


def _members(rng: Random, portals: int, nights: int) -> Iterator[Member]:
    chosen = roles(portals)
    provinces, cities, others = _places(rng, chosen.count(Role.PROVINCE))
    seats, hosts = iter(others), _hosts()
    for index, role in enumerate(chosen):
        above = ""
        if role is Role.PROVINCE:
            government = provinces[index - chosen.index(Role.PROVINCE)]
        elif role is Role.CITY:
            place = chosen[:index].count(Role.CITY) % len(provinces)
            government, above = next(cities[place]), f"province{chosen.index(Role.PROVINCE) + place}"
        else:
            government = next(seats)
        family, host = (STEADY, f"steady{index}.example") if role in ALONE else next(hosts)
        portal = _portal(f"{role}{index}", government, family, host)
        since = _since(rng, role, chosen[:index], nights)
        # Newcomers are of no further interest once they are known.
        gone = [(since + rng.randrange(15, 50), 10**6)] if role is Role.NEWCOMER else []
        yield Member(portal, role, rng.randrange(5, 40), since, gone, above)


def _places(rng: Random, count: int) -> tuple[list[Government], list[Iterator[Government]], list[Government]]:
    """Provinces with a portal, the cities below each of them, and governments elsewhere."""
    known = packaged().governments.values()
    below: dict[str, list[Government]] = {}
    for one in known:
        if one.level is not Level.PROVINCE:
            below.setdefault(one.province, []).append(one)
    large = [one for one in known if one.level is Level.PROVINCE and len(below.get(one.name_zh, ())) >= 8]
    chosen = rng.sample(large, count)
    taken = {one.name_zh for one in chosen}
    elsewhere = [one for name, many in below.items() if name not in taken for one in many]
    return chosen, [iter(below[one.name_zh]) for one in chosen], elsewhere


def _hosts() -> Iterator[tuple[str, str]]:
    """Families and their hosts in turn, so that each host group gets its share."""
    place = 0
    while True:
        for family, count in FAMILIES.items():
            for _ in range(max(1, count // 3)):
                yield family, f"{family}{place % count}.example"
                place += 1


def _since(rng: Random, role: Role, before: list[Role], nights: int) -> int:
    if role is Role.GUEST:
        return nights // 3
    if role is not Role.NEWCOMER:
        return 0
    known = before.count(Role.NEWCOMER)
    return EARLY[known // 2] if known % 2 and known // 2 < len(EARLY) else rng.randrange(8, max(9, nights - 12))


@cache
def _pattern() -> Portal:
    return packaged().get("jinan")


def _portal(slug: str, government: Government, family: str, host: str) -> Portal:
    return replace(
        _pattern(),
        id=f"{government.adcode}.9",
        slug=slug,
        government=government.adcode,
        province=government.province,
        family=family,
        host_group=host,
        base_url=f"https://{host}",
    )
