"""What the register holds, as plain data: governments, and the portals that belong to them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from zoneinfo import ZoneInfo


class RegisterError(ValueError):
    """Raised when the register is inconsistent, or for a name it does not hold.

    The message says in one sentence what is wrong and what to do; for a bad row it begins with file, line and column.
    """


class Level(StrEnum):
    """The tier of a government; 27 + 4 + 15 + 318 make the 364."""

    PROVINCE = "province"
    """Provinces and autonomous regions."""
    MUNICIPALITY = "municipality"
    SUB_PROVINCIAL = "sub_provincial"
    PREFECTURE = "prefecture"
    """Every other city, autonomous prefecture, prefecture and league of prefecture level."""


class PortalStatus(StrEnum):
    """Whether a portal is read; a row that is not active gives the reason."""

    ACTIVE = "active"
    PLANNED = "planned"
    """Known, but there is no spider for it yet."""
    RETIRED = "retired"
    """Closed by its operator; the row stays for its history."""
    DEAD = "dead"
    """Has not answered for long; nobody announced a closure."""


class Attested(StrEnum):
    """Who has seen the portal answer the way its family expects."""

    UNVERIFIED = "unverified guess"
    """The address, or the family behind it, is a guess that nobody is known to have read."""
    BY_CRAWLERS = "attested by public crawlers"
    """A published crawler of others read it; this project has not."""
    READ_ONCE = "read live once"
    COMPLETE_LIVE = "complete live"
    """This project had a complete run on `attested_on`; written `complete live on YYYY-MM-DD`."""


class NationalScope(StrEnum):
    """Whether a portal counts in the national figures."""

    NATIONAL = "national"
    OUTSIDE_364 = "outside_364"


@dataclass(frozen=True, slots=True)
class Government:
    """One provincial or prefecture-level administration, whether it has a portal or not."""

    adcode: str
    """GB/T 2260, six digits: 520100."""
    level: Level
    province: str
    """Chinese name of the province (its own, for a province): 贵州省."""
    name_zh: str
    name_en: str
    short_zh: str
    """The short name in use: 贵阳, 黔西南州."""
    aliases: tuple[str, ...]
    valid_from: date
    """Since when the row is known to hold (cut-off of the list it was taken from)."""

    @property
    def names(self) -> tuple[str, ...]:
        """Every name the government goes by."""
        return (self.name_zh, self.short_zh, self.name_en, *self.aliases)


@dataclass(frozen=True, slots=True)
class NoPortal:
    """What somebody found who looked for a government's portal: there is none. One row of no_portal.csv."""

    adcode: str
    verified_on: date
    source: str
    """Who found it, or the address of the page that says so."""


@dataclass(frozen=True, slots=True)
class Portal:
    """One catalogue site: one row of portals.csv."""

    id: str
    """Immutable: adcode and a number (520100.1), or a country code and a number (HK.1)."""
    slug: str
    """Name in commands and of the spider; may change, the id may not."""
    name_zh: str
    name_en: str
    short_zh: str
    short_en: str
    government: str | None
    """Adcode, or None outside the 364."""
    scope: NationalScope
    province: str
    """Chinese name of the government's province; empty outside the 364."""
    family: str
    base_url: str
    """Scheme and host: no path, no query, no slash at the end."""
    context_path: str
    """Where the portal or its API begins on that host: empty, or beginning with a slash."""
    tenant: Mapping[str, str] = field(hash=False)
    """Parameters that select this portal on a host that serves many; empty for the whole host."""
    host_group: str
    """Portals of one group fail together, and request delays hold per group."""
    language: str
    timezone: ZoneInfo
    status: PortalStatus
    attested: Attested
    attested_on: date | None
    verified_on: str
    """Month (YYYY-MM) or day in which somebody's probe saw the host answer; empty if unknown."""
    relists: bool
    """Whether this province portal also lists the datasets of its cities' portals."""
    charset: str | None
    """Overrides the charset that the host declares."""
    old_tls: bool
    """Whether the servers of this portal may be talked to in TLS 1.0 and 1.1, with weak ciphers."""
    impersonate: str
    """The browser whose TLS handshake the servers of this portal want to see; empty for our own."""
    approx_datasets: int | None
    approx_as_of: str
    """Year or month of that count."""
    why: str
    """Why the portal is not read; empty if it is."""
    note: str
    source: str
    """Where the address and the family are known from."""

    @property
    def crawlable(self) -> bool:
        return self.status is PortalStatus.ACTIVE

    @property
    def live(self) -> bool:
        """Whether it is there by the register's word, read or not."""
        return self.status in (PortalStatus.ACTIVE, PortalStatus.PLANNED)


def why_not(portal: Portal) -> str:
    """One plain sentence that says why a portal cannot be crawled; empty if it can."""
    if portal.crawlable:
        return ""
    return f"{portal.slug} ({portal.short_en}) is {portal.status} in the register and is not crawled: {portal.why}"
