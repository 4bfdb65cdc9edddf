"""States changes of terms of use from the texts that are kept.

Nothing is remembered between two diffs: all changes of a portal follow from its texts, and stating one again is
harmless, because its id is made of the text that came and of its first reading.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from alerts.comparison.chunk_reader import ChunkReader
from alerts.comparison.event_builder import state_events
from alerts.comparison.run_view import ManifestReader
from alerts.engine.repository import put_events
from alerts.engine.runner import PortalRef
from alerts.model.events import Event
from alerts.model.policy import EventPolicy
from alerts.records.terms import TermsPeriod, terms_history
from alerts.rules.terms_changed import draft_terms_changed
from opendata_spiders.store.store import Store
from opendata_spiders.store.terms import changed_portals


@dataclass(frozen=True, slots=True)
class TermsReading:
    """The reading that confirmed a text: what an event is stated from."""

    portal: str
    slug: str
    at: datetime
    """Domain time (UTC)."""
    first: datetime
    """Of the first reading of that text, which identifies the change."""

    @property
    def id(self) -> str:
        return f"{self.slug}-terms-{self.first:%Y%m%dT%H%M%SZ}"


@dataclass(frozen=True, slots=True)
class TermsView:
    """One such reading, as events are built from it."""

    run: TermsReading
    reader: ManifestReader
    owner: str = ""

    @property
    def slug(self) -> str:
        return self.run.slug

    @property
    def part(self) -> str:
        return self.run.portal


def fold_terms(store: Store, place: PortalRef, policy: EventPolicy, changed: frozenset[str]) -> list[Event]:
    """State the changes of a portal's terms that are not stated yet; `changed`: as `portals_changed` says."""
    if place.owner or place.portal not in changed:
        return []
    told = terms_events(terms_history(store, place.portal), place.portal, place.slug, ChunkReader(store), policy)
    return store.transact(lambda session: put_events(store, told, session)) if told else []


def portals_changed(store: Store) -> frozenset[str]:
    """Ids of the portals whose terms may have changed."""
    return frozenset(changed_portals(store.db))


def terms_events(
    periods: Iterable[TermsPeriod], portal: str, slug: str, reader: ManifestReader, policy: EventPolicy
) -> tuple[Event, ...]:
    """Every change in a portal's history of terms, each stated from the reading that confirmed it."""
    return tuple(
        event
        for period, draft in draft_terms_changed(tuple(periods), policy)
        for event in state_events(
            [draft], TermsView(TermsReading(portal, slug, period.confirmed_at, period.since), reader)
        )
    )
