"""Thins out a database by policy: lists of old readings that nothing needs whole, and what grows with time alone."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from alerts.engine.checkpoints import FoldOf, checkpoints_of, forget_checkpoints_before
from alerts.records.isolation import apart
from alerts.upkeep.ageing import Ageing, drop_outdated, outdated
from alerts.upkeep.lock import upkeep
from alerts.upkeep.policy import months_before, upkeep_policy
from alerts.upkeep.references import manifests_held
from alerts.upkeep.strays import strays
from alerts.upkeep.sweep import DisturbedError, Sweep, Swept
from alerts.upkeep.thinning import Thinning, keep_excerpts, mark_decided, plan_thinning, unlisted_manifests
from opendata_spiders.store.errors import LeaseHeldError
from opendata_spiders.store.leases import Lease, reserve
from opendata_spiders.store.store import Store

_LAST = "prune"
"""`_id` in the collection `upkeep` of the document that says when the database was last pruned."""
PURPOSE = "thinned out"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PrunedPortal:
    """What became of one portal's old readings."""

    slug: str
    thinned: int
    """Runs that keep their document and what events cite of their list, and lose the rest of it …"""
    kept: int
    """… and those of the same age that keep all of it."""
    swept: Swept = field(default_factory=Swept)
    """What was deleted; in a dry run nothing."""
    strays: int = 0
    """Manifests that nothing refers to."""


@dataclass(frozen=True, slots=True)
class PruneReport:
    """What was thinned out, or would be."""

    portals: list[PrunedPortal] = field(default_factory=list)
    aged: dict[str, int] = field(default_factory=dict)
    """Documents by collection that were older than they are kept."""
    busy: list[str] = field(default_factory=list)
    """Portals that were being read or compared, by slug: left for the next time."""
    dry: bool = False


def last_pruned(store: Store) -> datetime | None:
    """When the database was last pruned (domain time); None if it never was."""
    found = store.db["upkeep"].find_one({"_id": _LAST})
    return found["at"] if found else None


def is_due(store: Store, now: datetime) -> bool:
    """Whether the database should be pruned."""
    last = last_pruned(store)
    return last is None or now - last >= timedelta(days=upkeep_policy().every_days)


def prune_plan(store: Store, now: datetime) -> PruneReport:
    """What pruning would do at `now` (domain time); writes nothing."""
    lost, portals = strays(store), []
    for portal, slug in _portals(store):
        plan = plan_thinning(store, portal, slug, now, upkeep_policy())
        portals.append(PrunedPortal(slug, len(plan.thinned), plan.kept, strays=len(lost.get(portal, ()))))
    aged = {name: len(ids) for name, ids in outdated(Ageing(store, now, upkeep_policy())).items()}
    return PruneReport(_worth_telling(portals), aged, dry=True)


def prune(store: Store, now: datetime, report: Callable[[PrunedPortal], None] = lambda _: None) -> PruneReport:
    """Thin out every portal, one after the other; one that is being read or compared is left for the next time.

    `report` is told of each. Raises LeaseHeldError while the database is being backed up or pruned by another process.
    """
    with upkeep(store, PURPOSE) as lease:
        lost, done, busy = strays(store), list[PrunedPortal](), list[str]()
        for portal, slug in _portals(store):
            with apart("portal", slug):
                lease.beat()
                try:
                    done.append(_prune_portal(store, lease, portal, slug, now, lost.get(portal, set())))
                except (DisturbedError, LeaseHeldError) as error:
                    log.warning("%s", error)
                    busy.append(slug)
                else:
                    report(done[-1])
        aged = drop_outdated(Ageing(store, now, upkeep_policy()))
        store.db["upkeep"].replace_one({"_id": _LAST}, {"at": now}, upsert=True)
    return PruneReport(_worth_telling(done), aged, busy)


def _prune_portal(  # noqa: PLR0913, PLR0917 -- whose readings, as of when, under which leases
    store: Store, held: Lease, portal: str, slug: str, now: datetime, lost: set[str]
) -> PrunedPortal:
    with reserve(store.db, portal, slug, PURPOSE) as lease:
        sweep = Sweep(store, lease, now, held)
        lost = lost.difference(manifests_held(store, portal))  # a diff may have come to refer to one meanwhile
        plan = plan_thinning(store, portal, slug, now, upkeep_policy())
        keep_excerpts(store, plan)
        mark_decided(store, plan)
        _forget_old_checkpoints(store, plan, now)
        swept = sweep.run(unlisted_manifests(store, portal), strays=lost)
    return PrunedPortal(slug, len(plan.thinned), plan.kept, swept, len(lost))


def _forget_old_checkpoints(store: Store, plan: Thinning, now: datetime) -> None:
    for part, seq in plan.base.items():
        forget_checkpoints_before(store, FoldOf.RUNS, part, seq)
    before = months_before(now, upkeep_policy().rounds_months)
    rounds = [one.seq for one in checkpoints_of(store, FoldOf.ROUNDS, plan.portal) if one.at < before]
    forget_checkpoints_before(store, FoldOf.ROUNDS, plan.portal, max(rounds, default=0))


def _portals(store: Store) -> Iterator[tuple[str, str]]:
    """Id and slug of every portal with a run, by slug."""
    newest = {"$group": {"_id": "$portal", "slug": {"$last": "$slug"}}}
    rows = store.db["runs"].aggregate([{"$sort": {"portal": 1, "seq": 1}}, newest, {"$sort": {"slug": 1}}])
    yield from ((str(row["_id"]), str(row["slug"])) for row in rows)


def _worth_telling(portals: list[PrunedPortal]) -> list[PrunedPortal]:
    return [one for one in portals if one.thinned or one.strays or one.swept != Swept()]
