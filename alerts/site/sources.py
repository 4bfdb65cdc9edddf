"""What the pages of one build are made from, each read at most once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from alerts.audience.filters import places
from alerts.audience.remarks import Remark, RemarkKind, holding, remark_words
from alerts.model.events import portal_of
from alerts.model.places import PortalName
from alerts.records.parts import parts_told, states_told
from alerts.records.published import last_seqs
from alerts.records.queries import CityView, Withdrawals, newest_seq
from alerts.records.state_source import StoredStates
from alerts.scoreboard.board import Document
from alerts.scoreboard.today import todays
from alerts.text.labels import Both
from alerts.text.parts import as_text
from alerts.text.statements import both
from opendata_spiders.register import Portal, Register
from opendata_spiders.store.store import Store


@dataclass(frozen=True)
class Sources:
    """Store and register at one time, and what several pages need of them."""

    store: Store
    register: Register
    now: datetime
    without: set[str] = field(default_factory=set)
    """Ids of events whose page failed in this build: nothing links to them."""
    made: set[str] = field(default_factory=set)
    """Slugs of the cities that have a page: nothing links to others."""

    @cached_property
    def seq(self) -> int:
        """The last event when the build began."""
        return newest_seq(self.store)

    @cached_property
    def places(self) -> Mapping[str, PortalName]:
        """By slug."""
        return places(self.register)

    @cached_property
    def withdrawals(self) -> Withdrawals:
        return Withdrawals(self.store)

    @cached_property
    def documents(self) -> Mapping[str, Mapping[str, Any]]:
        """The state of each portal and part as it is stored, by id."""
        return {str(one["_id"]): one for one in StoredStates(self.store).documents()}

    @cached_property
    def cities(self) -> Sequence[CityView]:
        """Every portal that was read, and every part of one that is told apart, by slug."""
        return states_told(StoredStates(self.store), self.register)

    @cached_property
    def rows(self) -> Mapping[str, Portal]:
        """The register's row of each portal, and one for each part that is told apart, by id."""
        return {**_by_id(self.register.portals.values()), **_by_id(parts_told(StoredStates(self.store), self.register))}

    @cached_property
    def paged(self) -> Mapping[str, CityView]:
        """The cities that get a page, by slug: of two readings under one slug that of the registered portal."""
        found: dict[str, CityView] = {}
        for view in self.cities:
            if view.slug not in found or view.portal in self.rows:
                found[view.slug] = view
        return found

    @cached_property
    def notes(self) -> Mapping[str, Remark]:
        """A person's note by the portal's id."""
        return holding(self.store, RemarkKind.NOTE, self.now)

    def note(self, view: CityView) -> Both | None:
        """The note on a city as text; None without one."""
        note = self.notes.get(view.portal)
        return both(lambda words: as_text(remark_words(note, words, self.now))) if note else None

    @cached_property
    def measured(self) -> Mapping[str, Document]:
        """The scoreboard's row of each portal that was read lately, by id of the portal or part."""
        return {one["portal"]: one for one in self.board["portals"]}

    @property
    def last_reading(self) -> datetime | None:
        """Time of the last complete run of any portal."""
        at = self.board["last_reading"]
        return datetime.fromisoformat(at) if at else None

    @cached_property
    def board(self) -> Document:
        """The scoreboard of today, which is kept as printed. Raises StoreError (see `gather`)."""
        return todays(self.store, self.register, self.now)

    @cached_property
    def last_events(self) -> Mapping[str, int]:
        """The seq of the last event of each portal itself, and of each part of one, by their ids."""
        return last_seqs(self.store)

    def last_event(self, view: CityView) -> int:
        """The seq of the last event of the portal that a city is read on."""
        portal = portal_of(view.portal)
        return max((seq for part, seq in self.last_events.items() if portal_of(part) == portal), default=0)


def _by_id(rows: Iterable[Portal]) -> dict[str, Portal]:
    return {one.id: one for one in rows}
