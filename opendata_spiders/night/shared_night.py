"""A night that several machines read: its plan stands in the database, and each unit of it is read by one of them.

What was read is told by the runs. So a unit may be handed out twice, a worker may die at any moment, and a night may be
begun again: each portal is read once.
"""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self

from opendata_spiders.night.crawl_plan import NightGroup, NightPlan
from opendata_spiders.night.crawl_run import Night
from opendata_spiders.night.units import NightUnit, Result, read_unit
from opendata_spiders.register import Register
from opendata_spiders.store import leases, shared_work
from opendata_spiders.store.clock import real_now
from opendata_spiders.store.models import Run, Verdict
from opendata_spiders.store.runs import ABANDONED
from opendata_spiders.store.shared_work import Claim, WorkItem
from opendata_spiders.store.store import Store

log = logging.getLogger(__name__)

READING = "read"
"""Kind of these batches of work."""
OPEN = timedelta(hours=20)
"""How long a night that was begun may be gone on with: not into the next one."""


@dataclass(frozen=True, slots=True)
class ReadingTask:
    """What is to be read of one host group: the task of a work item."""

    at: datetime
    """Domain time of the night."""
    host: str
    portals: tuple[str, ...]
    """Ids, in the order of reading."""
    slugs: tuple[str, ...]
    """Of the same portals."""
    requests: int
    minutes: float
    budget: int
    dead: bool

    @classmethod
    def of(cls, item: WorkItem) -> Self:
        """The task of an item of this kind."""
        task = dict(item.task)
        return cls(**{**task, "portals": tuple(task["portals"]), "slugs": tuple(task["slugs"])})

    @classmethod
    def planned(cls, group: NightGroup, at: datetime) -> Self:
        """The task of a planned group."""
        ids, slugs = (tuple(getattr(portal, name) for portal in group.portals) for name in ("id", "slug"))
        return cls(at, group.host, ids, slugs, group.requests, group.minutes, group.budget, group.dead)

    def group(self, register: Register) -> NightGroup:
        """The planned group that it was made of."""
        portals = tuple(register.by_id(portal) for portal in self.portals)
        return NightGroup(self.host, portals, self.requests, self.minutes, self.budget, self.dead)


@dataclass(frozen=True, slots=True)
class SharedNight:
    """One night in the database."""

    batch: str
    at: datetime
    """Domain time."""
    begun: datetime
    """Real time."""

    def record(self, store: Store, items: Sequence[WorkItem], register: Register) -> Night:
        """Store the night's document, as it is at the end; returns the night."""
        plan = NightPlan(tuple(ReadingTask.of(item).group(register) for item in items))
        night = Night(plan, Path(), at=self.at, started=self.begun)
        store.put_night(night.record(results_of(items)))
        return night

    def is_recorded(self, store: Store) -> bool:
        """Whether the night has ended."""
        return store.persist(lambda: store.db.nights.find_one({"started": self.begun}, {"_id": 1})) is not None


def begin(store: Store, plan: NightPlan, *, at: datetime) -> SharedNight:
    """Store the plan of a night; or return the night of the same portals that was begun before and has not ended."""
    slugs = {portal.slug for portal in plan.portals}
    for batch in shared_work.batches_since(store, real_now() - OPEN, READING):
        items = shared_work.batch_of(store, batch)
        tasks = [ReadingTask.of(item) for item in items]
        night = SharedNight(batch, tasks[0].at, items[0].begun)
        if {slug for task in tasks for slug in task.slugs} == slugs and not night.is_recorded(store):
            return night
    begun = real_now()
    night = SharedNight(shared_work.batch_name(READING, begun), at, begun)
    tasks_by_host = {group.host: asdict(ReadingTask.planned(group, at)) for group in plan.groups}
    shared_work.put_batch(store, night.batch, tasks_by_host, begun=begun)
    return night


def host_is_free(store: Store, task: ReadingTask) -> bool:
    """Whether nobody who may be alive reads a portal of the host group."""
    return store.persist(lambda: leases.holder(store.db, task.portals, task.host)) is None


def results_of(items: Iterable[WorkItem]) -> list[Result]:
    """The results of a night, the best verdicts first; the log of each as MACHINE:PATH."""
    results = [
        Result(one["slug"], ReadingTask.of(item).host, Verdict(one["verdict"]), one["seconds"], Path(one["log"]))
        for item in items
        for one in item.results
    ]
    return sorted(results, key=lambda result: (result.verdict.exit_status, result.slug))


def read_item(
    store: Store, item: str, logs: Callable[[datetime], Path], *, machine: str, stopped: Callable[[], bool]
) -> None:
    """Read what is left of a unit, if nobody else reads it or its host group; the results are stored with it.

    `logs` returns the folder for the logs of a night by its beginning, `machine` is our name. Once `stopped` says so no
    further portal begins, and the rest of the unit is given back. What another worker holds is left alone.
    """
    claim = shared_work.claim(store, item)
    if claim is None:
        log.info("%s is done, or being done by another worker", item)
        return
    with claim.kept():
        task = ReadingTask.of(claim.item)
        if not host_is_free(store, task):
            log.warning("%s is being asked by another process: given back", task.host)
            return
        left = _not_read_yet(store, claim, task)
        if claim.item.is_given_up:
            log.error("%d workers were lost over %s: its other portals count as failed", claim.item.losses, task.host)
            for slug in left:
                claim.note(_result(slug, Verdict.FAILED, 0.0, "given up"))
        elif left:
            _read(claim, NightUnit(task.host, left, task.budget), logs(claim.item.begun), machine, stopped)
        if not stopped() and not claim.lost.is_set():
            claim.end()


def _not_read_yet(store: Store, claim: Claim, task: ReadingTask) -> tuple[str, ...]:
    """Note the results of portals that were read since the night began, whoever read them; return the other slugs."""
    known = {result["slug"] for result in claim.item.results}
    left = []
    for portal, slug in zip(task.portals, task.slugs, strict=True):
        if slug in known:
            continue
        if run := _run_since(store, portal, claim.item.begun):
            claim.note(_result(slug, run.verdict, (run.finished - run.started).total_seconds(), f"run {run.id}"))
        else:
            left.append(slug)
    return tuple(left)


def _run_since(store: Store, portal: str, begun: datetime) -> Run | None:
    """The portal's last run, if it began since then and its process did not die."""
    run = store.persist(lambda: store.last_run(portal))
    return run if run and run.started >= begun and run.finish_reason != ABANDONED else None


def _read(claim: Claim, unit: NightUnit, logs: Path, machine: str, stopped: Callable[[], bool]) -> None:
    logs.mkdir(parents=True, exist_ok=True)

    def report(result: Result) -> None:
        claim.note(_result(result.slug, result.verdict, result.seconds, f"{machine}:{result.log}"))

    # A worker that is to end reads its portal to the end, since nobody else reads it again tonight.
    if not stopped() and not claim.lost.is_set():
        read_unit(unit, logs, report=report, stopped=claim.lost.is_set, leaves=stopped)


def _result(slug: str, verdict: Verdict, seconds: float, where: str) -> Mapping[str, Any]:
    return {"slug": slug, "verdict": str(verdict), "seconds": round(seconds, 1), "log": where}
