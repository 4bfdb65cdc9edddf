"""All that is folded of one portal: its runs, the looks at its files, its terms of use, in this order."""

from dataclasses import dataclass

from alerts.engine.runner import PortalRef, fold_new, fold_rounds
from alerts.engine.terms_fold import fold_terms
from alerts.model.events import Event
from alerts.model.policy import EventPolicy
from opendata_spiders.store.models import Window
from opendata_spiders.store.store import Store


@dataclass(frozen=True, slots=True)
class PortalFold:
    """What was new at one portal, and what was stated of it."""

    slug: str
    runs: int
    looks: int
    terms: int
    """Changes of its terms."""
    events: tuple[Event, ...]

    @property
    def is_empty(self) -> bool:
        return not (self.runs or self.looks or self.terms)


def fold_portal(
    store: Store, place: PortalRef, policy: EventPolicy, ours: tuple[Window, ...], changed: frozenset[str]
) -> PortalFold:
    """Fold what is new of a portal; `ours` as for `fold_new`, `changed` as for `fold_terms`."""
    runs = fold_new(store, place, policy, ours)
    looks = fold_rounds(store, place, policy, ours)
    terms = fold_terms(store, place, policy, changed)
    return PortalFold(place.slug, runs.folded, looks.folded, len(terms), (*runs.events, *looks.events, *terms))
