"""How much is known of each of the 364 governments, and how many datasets of which kind it shares."""

from collections.abc import Collection, Container, Mapping
from dataclasses import dataclass
from enum import StrEnum

from alerts.model.events import portal_of
from alerts.scoreboard.gather import Gathered
from alerts.scoreboard.measure import RANGE
from opendata_spiders.register import Attested, NationalScope, Portal, PortalStatus


class GovernmentStanding(StrEnum):
    """What is known of a government's portal."""

    READ = "read"
    """Completely read within the window, or found to be empty."""
    KNOWN = "known"
    """In the register, but not read within the window."""
    NONE = "none"
    """Verified to have none."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Place:
    """One government."""

    standing: GovernmentStanding
    known_as: str
    """Of a known one: what the register says of its portals, active, planned or gone, the best of them; else empty."""
    shares_nothing: bool | None
    """None: unknown."""
    through: str
    """Id of its province's portal, if its datasets are read there; else empty."""
    kinds: Mapping[str, int] | None
    """Name in RANGE to number of its own datasets of that kind; None if nothing of it was read."""
    complete: bool
    """Whether what it lacks is known to be lacking: every live portal of it was read, or it has none."""


def places_of(found: Gathered) -> dict[str, Place]:
    """Every government by adcode, in the order of the register."""
    portals: dict[str, list[Portal]] = {adcode: [] for adcode in found.register.governments}
    for portal in national_portals(found):
        portals[portal.government or ""].append(portal)
    read = {one.portal.id for one in found.portals} | found.empty
    through = {one.portal.government: portal_of(one.portal.id) for one in found.portals if one.is_part}
    listing = {one.portal.government for one in found.portals if one.seen}
    kinds = _kinds(found)
    places = {}
    for adcode, own in portals.items():
        none = adcode in found.register.no_portal
        unread = [one for one in own if one.live and one.id not in read]
        standing = _standing(own, read, none=none)
        # Of an address that nobody is known to have read it is not certain that there is a portal.
        shares = adcode in listing or any(one.attested is not Attested.UNVERIFIED for one in unread)
        complete = none or (not unread and any(one.live for one in own))
        places[adcode] = Place(
            standing=standing,
            known_as=_known_as(own) if standing is GovernmentStanding.KNOWN else "",
            shares_nothing=False if shares else True if complete else None,
            through=through.get(adcode, ""),
            kinds=kinds.get(adcode),
            complete=complete,
        )
    return places


def national_portals(found: Gathered) -> list[Portal]:
    """The portals of the 364 governments, read or not, gone ones included."""
    return [one for one in found.register.portals.values() if one.scope is NationalScope.NATIONAL and one.government]


def _standing(own: Collection[Portal], read: Container[str], *, none: bool) -> GovernmentStanding:
    if any(one.id in read for one in own):
        return GovernmentStanding.READ
    if none:
        return GovernmentStanding.NONE
    return GovernmentStanding.KNOWN if own else GovernmentStanding.UNKNOWN


def _known_as(own: Collection[Portal]) -> str:
    statuses = {one.status for one in own}
    known = (one for one in (PortalStatus.ACTIVE, PortalStatus.PLANNED) if one in statuses)
    return str(next(known, "gone"))


def _kinds(found: Gathered) -> dict[str, dict[str, int]]:
    """Adcode of each government of which something was read to its number of own datasets by kind of key data."""
    empty = (one.government for one in national_portals(found) if one.id in found.empty)
    matrix = {adcode or "": dict.fromkeys(RANGE, 0) for adcode in empty}
    for one in found.portals:
        row = matrix.setdefault(one.portal.government or "", dict.fromkeys(RANGE, 0))
        for kind in RANGE:
            row[kind] += one.kinds[kind]
    return matrix
