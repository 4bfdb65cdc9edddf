"""What the pages of one build are made from, each read at most once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from alerts.audience.filters import places
from alerts.audience.remarks import Remark, RemarkKind, holding
from alerts.model.places import PortalName
from alerts.records.parts import states_told
from alerts.records.queries import CityView, Withdrawals, newest_seq
from alerts.records.state_source import StoredStates
from opendata_spiders.register import Register
from opendata_spiders.store.store import Store


@dataclass(frozen=True)
class Sources:
    """Store and register at one time, and what several pages need of them."""

    store: Store
    register: Register
    now: datetime
    without: set[str] = field(default_factory=set)
    """Ids of events whose page failed in this build: nothing links to them."""

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
    def cities(self) -> Sequence[CityView]:
        """Every portal that was read, and every part of one that is told apart, by slug."""
        return states_told(StoredStates(self.store), self.register)

    @cached_property
    def notes(self) -> Mapping[str, Remark]:
        """A person's note by the portal's id."""
        return holding(self.store, RemarkKind.NOTE, self.now)
