"""What the figures of a day are worked out from."""

from dataclasses import dataclass
from datetime import datetime

from alerts.records.state_source import States
from opendata_spiders.register import Register
from opendata_spiders.store.store import Store


@dataclass(frozen=True, slots=True)
class Origin:
    """Register and store, as of a moment."""

    store: Store
    register: Register
    at: datetime
    """Nothing later counts (aware, UTC)."""
    states: States
    """The states of the portals at that moment."""
