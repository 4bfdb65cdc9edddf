"""Which readings of a portal lose their list: old ones that no event about the portal, state or person refers to.

A thinned run keeps its document (verdict, numbers, times, the hash of its list) and an excerpt: the entries that events
about single datasets cite. Decided once for each run, which is marked so; a later policy does not bring back what is
gone. One that events may still come to cite is decided later.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from alerts.engine.checkpoints import FoldOf, checkpoints_of
from alerts.engine.runner import RUNS_BACK
from alerts.model.kinds import kinds
from alerts.records.citations import CitationFinder, cited_datasets, put_excerpt
from alerts.upkeep.policy import UpkeepPolicy, month_of, months_before, year_of
from alerts.upkeep.references import awaited_absences, memory_ids, named_in_events, named_in_memory, texts_in
from opendata_spiders.store.models import Verdict
from opendata_spiders.store.store import Store

RETAINED = "retained"
"""Field of a run document: what was decided; nothing while the run is too young. A list that is kept as the first of a
month is `monthly`, one that is kept for ever `whole`. Until 30 November 2026 `kept` meant that any event cited it, and
such runs are decided again."""
THINNED, MONTHLY, WHOLE = "thinned", "monthly", "whole"


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
        return self.retained in (THINNED, MONTHLY, WHOLE)


@dataclass(frozen=True, slots=True)
class Thinning:
    """What is decided of the runs of a portal that have become old."""

    portal: str
    slug: str
    base: Mapping[str, int]
    """The oldest checkpoint of each memory that must be kept: id of the portal or part, number of its run."""
    thinned: Sequence[ListedRun] = ()
    """Those that lose their list …"""
    monthly: Sequence[ListedRun] = ()
    """… keep it for some years …"""
    whole: Sequence[ListedRun] = ()
    """… and keep it for ever."""
    citing: Sequence[ListedRun] = ()
    """Those of which an excerpt is made first, oldest first: also some younger ones, whose events cite older lists."""

    @property
    def kept(self) -> int:
        """How many keep their list."""
        return len(self.monthly) + len(self.whole)


def plan_thinning(store: Store, portal: str, slug: str, now: datetime, policy: UpkeepPolicy) -> Thinning:
    """Decide of the runs that have become old since the last time; `now`: domain time. Writes nothing."""
    base = _base(store, portal, months_before(now, policy.nightly_months))
    first = min(base.values(), default=0)
    runs = list(_listed_runs(store, portal))
    # Corrections derive all later runs again, and a check of files looks a few runs back. The next run, which may be
    # too young, was compared with the last complete one and read on from it.
    complete = [run.seq for run in runs if run.verdict is Verdict.COMPLETE and run.seq <= first - RUNS_BACK]
    old = {run.id: run for run in runs if run.seq < max(complete, default=0) and not run.decided}
    aged = _no_longer_monthly(runs, months_before(now, policy.monthly_months))
    if not old:
        return Thinning(portal, slug, base, thinned=aged)
    whole = _with_the_runs_before(runs, _named_whole(store, portal, old, policy))
    whole |= {*_firsts(runs, year_of), *(run.id for run in runs if run.marked)}
    settled = {run.id for run in runs if run.seq <= first}
    wait = _with_the_runs_before(runs, _awaited(store, portal, old, settled)) - whole
    monthly = _firsts(runs, month_of) - whole - wait
    return Thinning(
        portal,
        slug,
        base,
        thinned=[*aged, *(run for run in old.values() if run.id not in whole | monthly | wait)],
        monthly=[run for run in old.values() if run.id in monthly],
        whole=[run for run in old.values() if run.id in whole],
        citing=[run for run in runs if run.seq <= first and not run.decided],
    )


def _no_longer_monthly(runs: Iterable[ListedRun], before: datetime) -> list[ListedRun]:
    """Those that were kept as the first of a month, long ago; what events cite of them was kept then."""
    return [run for run in runs if run.retained == MONTHLY and run.at < before]


def _named_whole(store: Store, portal: str, old: Mapping[str, ListedRun], policy: UpkeepPolicy) -> set[str]:
    """The runs named by events that rest on lists as such; an event of an unknown kind may."""
    others = [kind.name for kind in kinds().values() if kind.scope not in policy.whole_scopes]
    query = {"dataset": None, "kind": {"$nin": others}}
    return named_in_events(store, portal, old.keys(), since=min(run.at for run in old.values()), query=query)


def _awaited(store: Store, portal: str, old: Mapping[str, ListedRun], settled: Collection[str]) -> set[str]:
    """The runs that missed what is, or may still be, stated as gone in a run that is not settled.

    Its event cites the list before them. What any other event cites before its run is in the list of the run before.
    """
    query = {
        "portal": portal,
        "at": {"$gte": min(run.at for run in old.values())},
        "evidence.absent.0": {"$exists": True},
    }
    events = store.db["events"].find(query, {"run": 1, "evidence.absent": 1})
    absent = {name for one in events if one["run"] not in settled for name in texts_in(one["evidence"]["absent"])}
    return (absent | awaited_absences(store, portal)).intersection(old)


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


def _firsts(runs: Iterable[ListedRun], period: Callable[[datetime], str]) -> set[str]:
    """The first complete run of each month or year."""
    firsts: dict[str, str] = {}
    for run in runs:
        if run.verdict is Verdict.COMPLETE:
            firsts.setdefault(period(run.at), run.id)
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
    """Keep what the events of runs cite of their lists and of those before them, while all of it is there.

    Repeating is harmless.
    """
    finder = CitationFinder(store, plan.portal)
    fields = {"dataset": 1, "evidence": 1}
    for run in plan.citing:
        events = store.db["events"].find({"portal": plan.portal, "run": run.id, "at": run.at}, fields)
        cited = {name for one in events for name in cited_datasets(one["dataset"], "", one["evidence"])}
        if cited:
            put_excerpt(store, plan.portal, run.id, finder.find(run.id, cited))


def mark_decided(store: Store, plan: Thinning) -> None:
    """Write into each run document what was decided; repeating is harmless."""
    for decided, runs in ((WHOLE, plan.whole), (MONTHLY, plan.monthly), (THINNED, plan.thinned)):
        ids = [run.id for run in runs]
        store.db["runs"].update_many({"_id": {"$in": ids}}, {"$set": {RETAINED: decided}})
