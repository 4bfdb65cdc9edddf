"""One night of crawls as a whole: what is read of its plan, when it has to end, and its document in the store."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from opendata_spiders.night import uplink
from opendata_spiders.night.crawl_plan import NightPlan
from opendata_spiders.night.policy import night_policy
from opendata_spiders.night.scheduler import NightScheduler, NightState
from opendata_spiders.night.values import Result
from opendata_spiders.store.connect import Store
from opendata_spiders.store.models import Verdict


class Night:
    """The results of a plan, some of which an earlier process of the same night may have."""

    def __init__(
        self,
        plan: NightPlan,
        logs: Path,
        *,
        at: datetime,
        started: datetime | None = None,
        before: "BrokenNight | None" = None,
    ) -> None:
        """`plan`: all portals of the night; `before`: what was read of it before the night was broken off.

        `at`: domain time; `started`: real time at which the night began, if it was before now.
        """
        self.logs = logs
        self.left = before.rest(plan) if before else plan
        """What is still to be read of it."""
        self._plan = plan
        self._id = before.id if before else f"{at:%Y%m%dT%H%M%SZ}"
        self._at = before.at if before else at
        self._started = before.started if before else started or datetime.now(UTC)
        self._before = before.results(plan, logs) if before else ()

    def read(
        self,
        store: Store,
        scheduler: NightScheduler,
        *,
        report: Callable[[Result], None],
        stopped: Callable[[], bool],
        show: Callable[[NightState], None],
    ) -> list[Result]:
        """Read what is left, and keep the night's document up to date; the best verdicts come first in the results."""
        results: list[Result] = []

        def take(result: Result) -> None:
            results.append(result)
            report(result)
            store.put_night(self.record(results))

        self.logs.mkdir(parents=True, exist_ok=True)
        store.put_night(self.record(results))
        scheduler.read([group.unit for group in self.left.groups], report=take, stopped=stopped, show=show)
        return sorted(results, key=lambda result: (result.verdict.exit_status, result.slug))

    def uplink_suspect(self, results: Sequence[Result]) -> bool:
        """Whether most host groups failed completely, which points to our own connection.

        Groups that were dead before do not count: a run over a few of them by hand proves nothing.
        """
        dead = {group.host for group in self._plan.groups if group.dead}
        witnesses = [result for result in results if result.host not in dead]
        return uplink.is_suspect((result.host, result.verdict in uplink.FAILED) for result in witnesses)

    def record(self, results: Sequence[Result]) -> Mapping[str, Any]:
        """The night's document in the store: the planned portals, and how each ended that has ended."""
        known = (*self._before, *results)
        return {
            "_id": self._id,
            "at": self._at,
            "started": self._started,
            "finished": datetime.now(UTC),
            "planned": [portal.slug for portal in self._plan.portals],
            "verdicts": {result.slug: str(result.verdict) for result in known},
            "uplink_suspect": self.uplink_suspect(known),
        }


@dataclass(frozen=True, slots=True)
class BrokenNight:
    """A night that did not come to the end of its plan: its process was killed or stopped, or its time was up."""

    id: str
    at: datetime
    started: datetime
    verdicts: Mapping[str, str]
    """Of the portals that were read, by slug."""

    def results(self, plan: NightPlan, logs: Path) -> tuple[Result, ...]:
        """How the portals of the plan ended that were read; their seconds and logs are those of an earlier process."""
        return tuple(
            Result(portal.slug, group.host, Verdict(self.verdicts[portal.slug]), 0.0, logs / f"{portal.slug}.log")
            for group in plan.groups
            for portal in group.portals
            if portal.slug in self.verdicts
        )

    def rest(self, plan: NightPlan) -> NightPlan:
        """What is left of its plan."""
        left = {portal.slug for portal in plan.portals} - self.verdicts.keys()
        groups = [group.of(left) for group in plan.groups]
        return NightPlan(tuple(group for group in groups if group.portals))


def broken_night(last: Mapping[str, Any] | None, plan: NightPlan, *, now: datetime) -> BrokenNight | None:
    """Return the last night in the store if it had the same portals, was not finished and is not too old to go on with.

    `now` is domain time, as the beginning of the night is.
    """
    hours = timedelta(hours=night_policy().resume_hours)
    if last is None or not timedelta() <= now - last["at"] <= hours:
        return None
    planned, verdicts = set(last.get("planned", ())), last["verdicts"]
    if planned != {portal.slug for portal in plan.portals} or planned <= verdicts.keys():
        return None
    return BrokenNight(last["_id"], last["at"], last["started"], verdicts)
