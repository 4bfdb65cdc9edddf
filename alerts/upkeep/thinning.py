"""Which readings of a portal lose their list: old ones that no event about the portal, state or person refers to.

A thinned run keeps its document (verdict, numbers, times, the hash of its list) and an excerpt: the entries that events
about single datasets cite. Decided once for each run, which is marked so; a later policy does not bring back what is
gone. One that events may still come to cite is decided later.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from alerts.engine.checkpoints import FoldOf, checkpoints_of
from alerts.engine.runner import RUNS_BACK
from alerts.model.kinds import EventScope, kinds
from alerts.records.citations import CitationFinder, cited_datasets, put_excerpt
from alerts.upkeep.policy import UpkeepPolicy, month_of, months_before
from alerts.upkeep.references import awaited_in_memory, memory_ids, named_in_memory, naming_events
from opendata_spiders.store.models import Verdict
from opendata_spiders.store.store import Store

RETAINED = "retained"
"""Field of a run document: what was decided; anything else while the run is too young. Until December 2026 `kept` meant
that any event cited it, and such runs are decided again."""
THINNED, WHOLE = "thinned", "whole"


@dataclass(frozen=True, slots=True)
class ListedRun:
    """A run that read a list."""

    id: str
    seq: int
    at: datetime
    verdict: Verdict
    """The one in force."""
    manifest: str
    marked: bool
    """Whether it is imported, or a person gave it another verdict."""
    retained: str
    """What was decided earlier."""

    @property
    def decided(self) -> bool:
        return self.retained in (THINNED, WHOLE)


@dataclass(frozen=True, slots=True)
class Thinning:
    """What is decided of the runs of a portal that have become old."""

    portal: str
    slug: str
    base: Mapping[str, int]
    """The oldest checkpoint of each memory that must be kept: id of the portal or part, number of its run."""
    thinned: Sequence[ListedRun] = ()
    """Those that lose their list …"""
    whole: Sequence[ListedRun] = ()
    """… and those that keep it."""


def plan_thinning(store: Store, portal: str, slug: str, now: datetime, policy: UpkeepPolicy) -> Thinning:
    """Decide of the runs that have become old since the last time; `now`: domain time. Writes nothing."""
    base = _base(store, portal, months_before(now, policy.nightly_months))
    runs = list(_listed_runs(store, portal))
    # Corrections derive all later runs again, and a check of files looks a few runs back.
    last = min(base.values(), default=0) - RUNS_BACK
    # The next run, which may be too young, was compared with the last complete one and read on from it.
    until = max((run.seq for run in runs if run.seq <= last and run.verdict is Verdict.COMPLETE), default=0)
    old = {run.id: run for run in runs if run.seq < until and not run.decided}
    if not old:
        return Thinning(portal, slug, base)
    keep = {*_first_of_months(runs), *(run.id for run in runs if run.marked)}
    named = _named(store, portal, old, policy)
    keep |= _with_the_runs_before(runs, named.whole)
    wait = _with_the_runs_before(runs, named.awaited) - keep
    return Thinning(
        portal,
        slug,
        base,
        thinned=[run for run in old.values() if run.id not in keep | wait],
        whole=[run for run in old.values() if run.id in keep],
    )


@dataclass(frozen=True, slots=True)
class _Named:
    """Which of some old runs are named, and by what."""

    whole: set[str]
    """By events that rest on their lists as such."""
    awaited: set[str]
    """By what is not old itself: events about single datasets, and what is believed."""


def _named(store: Store, portal: str, old: Mapping[str, ListedRun], policy: UpkeepPolicy) -> _Named:
    found = _Named(set(), awaited_in_memory(store, portal, old.keys()))
    for event, names in naming_events(store, portal, old.keys(), since=min(run.at for run in old.values())):
        scope = kinds()[event["kind"]].scope if event["kind"] in kinds() else None
        if event["dataset"] is None and (scope is None or scope in policy.whole_scopes):
            found.whole.update(names)
        elif scope is not EventScope.OPS and event["run"] not in old:
            found.awaited.update(names)
    return found


def _base(store: Store, portal: str, horizon: datetime) -> dict[str, int]:
    """The last checkpoint of each memory before the horizon; none at all if one of them has none."""
    base: dict[str, int] = {}
    for part in memory_ids(store, portal):
        old = [one.seq for one in checkpoints_of(store, FoldOf.RUNS, part) if one.at < horizon]
        if not old:
            return {}
        base[part] = old[-1]
    return base


def _listed_runs(store: Store, portal: str) -> Iterator[ListedRun]:
    known = store.regrades(portal)
    fields = ["seq", "at", "verdict", "manifest", "imported", RETAINED]
    for run in store.db["runs"].find({"portal": portal, "manifest": {"$ne": None}}, fields).sort("seq", 1):
        regrade = known.get(run["_id"])
        yield ListedRun(
            run["_id"],
            run["seq"],
            run["at"],
            regrade.verdict if regrade else Verdict(run["verdict"]),
            run["manifest"],
            marked=regrade is not None or run.get("imported") is not None,
            retained=run.get(RETAINED, ""),
        )


def _first_of_months(runs: Iterable[ListedRun]) -> set[str]:
    """The first complete run of each month."""
    firsts: dict[str, str] = {}
    for run in runs:
        if run.verdict is Verdict.COMPLETE:
            firsts.setdefault(month_of(run.at), run.id)
    return set(firsts.values())


def _with_the_runs_before(runs: Sequence[ListedRun], named: set[str]) -> set[str]:
    """The named runs, each with the one before it and the last complete one before it, which it is compared with."""
    found, complete = set(named), ""
    for before, run in pairwise(runs):
        complete = before.id if before.verdict is Verdict.COMPLETE else complete
        if run.id in named:
            found |= {before.id, complete} - {""}
    return found


def unlisted_manifests(store: Store, portal: str) -> set[str]:
    """Manifests that only thinned runs of a portal have and nothing else refers to, as far as they are stored."""
    held: dict[str, set[str]] = defaultdict(set)
    for run in _listed_runs(store, portal):
        held[run.manifest].add(run.retained)
    dead = {manifest for manifest, decided in held.items() if decided == {THINNED}}
    dead -= named_in_memory(store, portal, dead)
    query: dict[str, Any] = {"_id": {"$in": sorted(dead)}}
    return {found["_id"] for found in store.db["manifests"].find(query, {"_id": 1})}


def keep_excerpts(store: Store, plan: Thinning) -> None:
    """Keep what events cite of the decided runs, and of those before them, as long as all of it is there.

    Repeating is harmless.
    """
    finder = CitationFinder(store, plan.portal)
    fields = {"dataset": 1, "evidence": 1}
    for run in sorted((*plan.thinned, *plan.whole), key=lambda one: one.seq):
        events = store.db["events"].find({"portal": plan.portal, "run": run.id, "at": run.at}, fields)
        cited = {name for one in events for name in cited_datasets(one["dataset"], "", one["evidence"])}
        if cited:
            put_excerpt(store, plan.portal, run.id, finder.find(run.id, cited))


def mark_decided(store: Store, plan: Thinning) -> None:
    """Write into each run document what was decided; repeating is harmless."""
    for decided, runs in ((WHOLE, plan.whole), (THINNED, plan.thinned)):
        ids = [run.id for run in runs]
        store.db["runs"].update_many({"_id": {"$in": ids}}, {"$set": {RETAINED: decided}})
