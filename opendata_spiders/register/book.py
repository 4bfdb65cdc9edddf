"""The loaded register: look-ups by slug, id, government and selection expression."""

from collections.abc import Mapping

from opendata_spiders.register.models import Government, Portal, RegisterError
from opendata_spiders.register.select import nearest, places, select


class Register:
    """Governments by adcode and portals by slug, both in the order of their tables."""

    def __init__(self, governments: Mapping[str, Government], portals: Mapping[str, Portal]) -> None:
        self.governments = governments
        self.portals = portals
        self._by_id = {portal.id: portal for portal in portals.values()}

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
        return [portal for portal in self.portals.values() if portal.government == adcode]
