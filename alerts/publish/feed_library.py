"""The feeds of a site and their entries."""

import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import cached_property

from alerts.audience.filters import places
from alerts.model.events import Event
from alerts.model.places import PortalName
from alerts.publish.feeds import Feed, FeedEntry
from alerts.publish.policy import policy
from alerts.records.isolation import apart
from alerts.records.parts import states_told
from alerts.records.published import newest
from alerts.records.queries import Withdrawals
from alerts.records.state_source import StoredStates
from alerts.text.labels import Both, label
from alerts.text.statements import place_name, statement_of
from opendata_spiders.register import Government, Register
from opendata_spiders.store.store import Store


@dataclass(frozen=True)
class Library:
    """The feeds of one site."""

    store: Store
    register: Register
    site_url: str = ""
    without: AbstractSet[str] = frozenset()
    """Ids of events without a page."""
    _made: dict[str, FeedEntry | None] = field(default_factory=dict)
    """Cache of entries by event id, because one event is in three feeds; None if an event cannot be worded."""

    @cached_property
    def places(self) -> Mapping[str, PortalName]:
        return places(self.register)

    @cached_property
    def _withdrawals(self) -> Withdrawals:
        return Withdrawals(self.store)

    def feeds(self) -> Iterator[Feed]:
        """Feeds of the country, the provinces and the cities, also without any event yet, so that one can subscribe."""
        yield self._feed("country", label("index.country"), newest(self.store, policy().country_entries))
        for province in (one for one in self.register.governments.values() if one.province == one.name_zh):
            inside = [one.id for one in self.register.portals.values() if one.province == province.name_zh]
            named = Both(province.short_zh, province.name_en)
            yield self._feed(province_file(province), named, newest(self.store, policy().place_entries, inside))
        # Portals that can be read, any that were, and parts of others that are told.
        read = {view.slug: view.portal for view in states_told(StoredStates(self.store), self.register)}
        crawlable = {portal.slug: portal.id for portal in self.register.crawlable()}
        for slug, part in sorted({**read, **crawlable}.items()):
            named = place_name(slug, self.places)
            yield self._feed(f"city-{slug}", named, newest(self.store, policy().place_entries, part=part))

    def _feed(self, file: str, name: Both, events: Sequence[Event]) -> Feed:
        entries = map(self._entry, (event for event in events if event.id not in self.without))
        return Feed(file, name, tuple(filter(None, entries)), self.site_url.rstrip("/"))

    def _entry(self, event: Event) -> FeedEntry | None:
        if event.id not in self._made:
            self._made[event.id] = None
            with apart("page", event.id):
                words, withdrawn = statement_of(event, self.places), self._withdrawals.at(event.id)
                self._made[event.id] = FeedEntry(event, words, withdrawn, self.site_url.rstrip("/"))
        return self._made[event.id]


def province_file(province: Government) -> str:
    """Name of a province's feed: `province-inner-mongolia`."""
    return "province-" + re.sub(r"[^a-z0-9]+", "-", province.name_en.lower()).strip("-")
