"""Where exports are made from."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from alerts.audience.filters import places
from alerts.model.places import PortalName
from opendata_spiders.register import Register
from opendata_spiders.store.store import Store

Row = Mapping[str, Any]
"""One row of a table: values by name of the column (columns.csv), None or left out where there is none."""
Rows = Iterator[Row]


@dataclass(frozen=True)
class Source:
    """Store and register at one moment."""

    store: Store
    register: Register
    now: datetime
    """Domain time (UTC) at which the export is made."""
    site_url: str = ""
    """Address of the site that holds the events' pages, without a slash at its end; empty if there is none."""

    @cached_property
    def places(self) -> Mapping[str, PortalName]:
        """Names of portals and governments by slug."""
        return places(self.register)
