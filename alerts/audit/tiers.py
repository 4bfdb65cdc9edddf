"""Relisted datasets: a province's portal lists datasets of its cities' portals again."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from alerts.audit.catalogue import load
from alerts.audit.facts import DatasetFacts
from alerts.audit.kept_facts import KeptFacts
from alerts.records.state_source import States
from opendata_spiders.register import NationalScope, Portal, Register
from opendata_spiders.store.store import Store


def relists(portal: Portal | None) -> bool:
    """Whether the portal lists its cities' datasets again, according to the register."""
    return portal is not None and portal.relists and portal.scope is NationalScope.NATIONAL


@dataclass(slots=True)
class Keys:
    """Keys (hashes of title and office) of all datasets of portals; each portal is loaded once."""

    store: Store
    register: Register
    states: States | None = None
    """As of a past moment; None: after the last diff."""
    kept: KeptFacts | None = None
    known: dict[str, frozenset[str]] = field(default_factory=dict, repr=False)

    def below(self, portal: Portal | None) -> Mapping[str, str]:
        """Key to the slug of the city portal that lists it, for a province's portal that relists; else empty."""
        if portal is None or not relists(portal):
            return {}
        # Portals of other governments of the same province; outside the 364 there are none.
        cities = sorted(
            (
                one
                for one in self.register.portals.values()
                if one.province == portal.province
                and one.government != portal.government
                and one.scope is NationalScope.NATIONAL
            ),
            key=lambda one: one.slug,
        )
        return {key: city.slug for city in reversed(cities) for key in self.of(city)}

    def of(self, portal: Portal) -> frozenset[str]:
        """The keys of a portal's datasets; empty for one without a complete run."""
        if portal.id not in self.known:
            catalogue = load(self.store, portal.id, portal.timezone, self.states, self.kept)
            self.keep(portal.id, catalogue.datasets if catalogue else ())
        return self.known[portal.id]

    def keep(self, portal: str, datasets: Iterable[DatasetFacts]) -> None:
        """Store the keys of a portal that was loaded elsewhere."""
        self.known[portal] = frozenset(one.key for one in datasets if one.key)


def relisted(datasets: Iterable[DatasetFacts], below: Mapping[str, str]) -> Iterator[tuple[DatasetFacts, str]]:
    """Each dataset that a city's portal lists too, with the slug of that portal as evidence."""
    return ((one, f"listed by {below[one.key]}") for one in datasets if one.key in below)
