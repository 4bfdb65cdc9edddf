"""Stored runs of other portals that were finished before the run being processed.

Later runs are ignored, so that the result is the same whenever the run is folded, tonight or years later.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.comparison.run_view import Neighbours, Parent
from opendata_spiders.store.models import Run, Verdict
from opendata_spiders.store.store import Store


@dataclass(frozen=True, slots=True)
class StoredNeighbours(Neighbours):
    """The runs of other portals, for the fold of one portal."""

    store: Store
    parent_ids: tuple[str, ...]
    """Portals of the level above."""
    registered: bool

    def parents(self, run: Run, since: datetime, overlap: timedelta) -> Iterator[Parent]:
        for portal in self.parent_ids:
            known = [one for one in self._complete(portal) if one.finished <= run.finished]
            if run.imported:
                known = [one for one in known if one.at <= run.at]
            earlier = [one for one in known if one.at <= since]
            long_before = [one for one in earlier if one.at <= since - overlap]
            before = next((one.manifest for one in (*long_before[-1:], *earlier[:1])), None)
            if known and (manifest := known[-1].manifest):
                yield Parent(known[-1].slug, known[-1].id, manifest, before)

    def _complete(self, portal: str) -> Iterator[Run]:
        return (run for run in self.store.graded_runs(portal) if run.verdict is Verdict.COMPLETE)

    def watched_before(self, run: Run) -> timedelta:
        if not self.registered:
            return timedelta()
        ours = {"imported": None}
        first, oldest = (self._first({**ours, "portal": which}) for which in (run.portal, {"$ne": run.portal}))
        return first - oldest if first and oldest and oldest < first else timedelta()

    def _first(self, query: dict[str, object]) -> datetime | None:
        found = self.store.db["runs"].find_one(query, {"at": 1}, sort=[("at", 1)])
        return found["at"] if found else None
