"""Our own stored runs of other portals that were finished before the run being processed.

Later runs are ignored, so that the result is the same whenever the run is folded, tonight or years later.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.comparison.run_view import Neighbours, Parent
from opendata_spiders.store.models import Run, Verdict
from opendata_spiders.store.store import Store
from opendata_spiders.store.writing import missing_ids


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
            before = next(iter((*long_before[-1:], *earlier[:1])), None)
            if known and (manifest := known[-1].manifest):
                yield Parent(known[-1].slug, known[-1].id, manifest, self._kept_list(before, known))

    def _kept_list(self, wanted: Run | None, known: list[Run]) -> str | None:
        """The manifest of a run; where old lists were thinned out, of the next one that is kept.

        A later list holds more of what the portal above took over, so that a merger is rather missed than invented.
        """
        if wanted is None:
            return None
        later = [one.manifest for one in known if one.seq >= wanted.seq and one.manifest]
        gone = missing_ids(self.store.db["manifests"], later[:1])
        gone = missing_ids(self.store.db["manifests"], later) if gone else gone
        return next((one for one in later if one not in gone), None)

    def _complete(self, portal: str) -> Iterator[Run]:
        runs = self.store.graded_runs(portal)
        return (run for run in runs if run.verdict is Verdict.COMPLETE and run.imported is None)

    def watched_before(self, run: Run) -> timedelta:
        if not self.registered:
            return timedelta()
        ours = {"imported": None}
        first, oldest = (self._first({**ours, "portal": which}) for which in (run.portal, {"$ne": run.portal}))
        return first - oldest if first and oldest and oldest < first else timedelta()

    def _first(self, query: dict[str, object]) -> datetime | None:
        found = self.store.db["runs"].find_one(query, {"at": 1}, sort=[("at", 1)])
        return found["at"] if found else None
