"""What stands beside the told portal: its province, and portals that were read before it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from alerts.comparison.run_view import Parent
from opendata_spiders.store.models import Run
from tests.tales.shelf import Shelf, make_entry
from tests.tales.world import World, day_of


@dataclass
class Beside:
    """Other portals, as far as a fold asks: the province's nights by day, and how long others were read before."""

    province: Mapping[int, str] = field(default_factory=dict)
    watched_days: int = 0

    def parents(self, run: Run, since: datetime, overlap: timedelta) -> Iterator[Parent]:
        first = min(self.province, default=0)
        if (now := self._manifest(run.at)) is not None:
            read_before = first <= day_of(since)
            before = self._manifest(since - overlap) or (self.province[first] if read_before else None)
            yield Parent("province", "run-of-province", now, before)

    def watched_before(self, run: Run) -> timedelta:
        return timedelta(days=self.watched_days)

    def _manifest(self, at: datetime) -> str | None:
        known = [day for day in self.province if day <= day_of(at)]
        return self.province[max(known)] if known else None


def others(told: Mapping[str, Any], shelf: Shelf) -> Beside:
    nights: dict[int, str] = {}
    for day, rows in told.get("parent", {}).items():
        shown = World()
        shown.change({"set": rows}, day)
        nights[day] = shelf.put_entries(
            [make_entry(n, row, {"slug": "province"}, shelf) for n, row in shown.rows.items()]
        )
    return Beside(nights, told.get("watched_days", 0))
