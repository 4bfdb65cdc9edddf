"""The loaded register: look-ups by slug, id, government and selection expression."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from opendata_spiders.register.models import Government, NoPortal, Portal, RegisterError
from opendata_spiders.register.select import nearest, places, select


class Told(StrEnum):
    """Under which name a dataset is counted, stated and told that a portal lists and another government owns."""

    HERE = "here"
    """Under the portal's: nobody says that it is listed elsewhere too."""
    APART = "apart"
    """Under its owner's, from this portal: no portal of the owner's own is read."""
    ELSEWHERE = "elsewhere"
    """From the owner's own portal, which is read; this portal relists it."""


class Register:
    """Governments by adcode and portals by slug, both in the order of their tables; who is known to have no portal."""

    def __init__(
        self,
        governments: Mapping[str, Government],
        portals: Mapping[str, Portal],
        no_portal: Mapping[str, NoPortal] = MappingProxyType({}),
    ) -> None:
        self.governments = governments
        self.portals = portals
        self.no_portal = no_portal
        """By adcode: governments that somebody has verified to have no portal."""
        self._by_id = {portal.id: portal for portal in portals.values()}
        self._of_government: dict[str, list[Portal]] = {}
        for portal in portals.values():
            self._of_government.setdefault(portal.government or "", []).append(portal)

    def get(self, slug: str) -> Portal:
        """The portal of that slug, crawlable or not; RegisterError suggests the nearest slug if there is none."""
        if slug in self.portals:
            return self.portals[slug]
        folded = slug.strip().casefold()
        hint = places(self.portals.values(), self.governments.values()).get(folded) or nearest(folded, self.portals)
        raise RegisterError(f"no portal has the slug {slug!r}{hint}")

    def by_id(self, portal_id: str) -> Portal:
        """The portal of that immutable id; raises RegisterError if there is none."""
        if portal_id in self._by_id:
            return self._by_id[portal_id]
        raise RegisterError(f"no portal has the id {portal_id!r}{nearest(portal_id, self._by_id)}")

    def crawlable(self) -> list[Portal]:
        """The portals that are read every night, in the order of the table."""
        return [portal for portal in self.portals.values() if portal.crawlable]

    def families(self) -> set[str]:
        """Every family that some row names, whether or not a spider for it exists."""
        return {portal.family for portal in self.portals.values()}

    def select(self, expression: str) -> list[Portal]:
        """Resolve a comma-separated list of slugs and `province:`, `family:` and `host:` words to portals.

        The union, in the order of the words; portals that cannot be crawled are included.
        Raises RegisterError that names the first word without a match, and the nearest known one.
        """
        return select(expression, self.portals.values(), self.governments)

    def portals_of(self, adcode: str) -> list[Portal]:
        """The portals of one government: none, one or several."""
        return list(self._of_government.get(adcode, ()))

    def told(self, portal: Portal, owner: str) -> Told:
        """Where is told what `portal` lists of a government (adcode; empty: its own): once, and this says where."""
        if owner in ("", portal.government):
            return Told.HERE
        if any(one.crawlable for one in self.portals_of(owner)):
            return Told.ELSEWHERE if portal.relists else Told.HERE
        return Told.APART if self.read_above(owner) in (None, portal) else Told.HERE

    def read_above(self, adcode: str) -> Portal | None:
        """The province's portal that a city is read through: the first that is read; None for a province itself."""
        government = self.governments.get(adcode)
        above = adcode[:2] + "0000"
        if government is None or adcode == above:
            return None
        return next((one for one in self.portals_of(above) if one.crawlable and not any(one.tenant.values())), None)

    def place(self, adcode: str) -> str:
        """The name under which a government is told of.

        The slug of its first portal that is read, else of its first one, else its adcode.
        """
        portals = sorted(self.portals_of(adcode), key=lambda one: not one.crawlable)
        return portals[0].slug if portals else adcode
