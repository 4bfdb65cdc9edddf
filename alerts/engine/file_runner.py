"""The shell around the fold of rounds: folds every round that was not folded yet, in commit order."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from alerts.comparison.file_context import RoundView
from alerts.comparison.run_view import Lens
from alerts.engine.file_fold import FilesFolded, fold_round
from alerts.engine.file_repository import commit, load
from alerts.engine.repository import RaceLostError
from alerts.engine.runner import PortalRef, is_within
from alerts.model.events import Event
from alerts.model.file_states import FileMemory
from alerts.model.policy import EventPolicy
from opendata_spiders.store.file_checks import FileRound, rounds
from opendata_spiders.store.manifests import bucket, read_chunks
from opendata_spiders.store.models import Entry, Run, Verdict, Window
from opendata_spiders.store.runs import from_document
from opendata_spiders.store.store import Store

_BACK = 12
"""Runs that are searched backwards for the last one that listed a dataset."""
_READS = (Verdict.COMPLETE, Verdict.PARTIAL)
_OUT_OF_REACH = (Verdict.UNREACHABLE, Verdict.BLOCKED)
_SAME_NIGHT = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class RoundsReport:
    """What folding one portal's rounds did."""

    rounds: int = 0
    events: list[Event] = field(default_factory=list)


def fold_rounds(store: Store, place: PortalRef, policy: EventPolicy, ours: tuple[Window, ...] = ()) -> RoundsReport:
    """Fold every round after the last folded one; to be called after the portal's runs were folded.

    Two processes at once do no harm: the slower one takes over what the faster one has written and goes on.
    """
    count, events = 0, list[Event]()
    while True:
        memory = load(store, place.id)
        try:
            for stated in _fold_all(store, place, memory, policy, ours):
                count += 1
                events += stated
        except RaceLostError:
            continue
        return RoundsReport(count, events)


def _fold_all(
    store: Store, place: PortalRef, memory: FileMemory, policy: EventPolicy, ours: tuple[Window, ...]
) -> Iterator[list[Event]]:
    for looked in rounds(store.db, place.id, after_seq=memory.last_seq):
        folded: FilesFolded = fold_round(memory, round_view(store, place, looked, ours), policy)
        yield commit(store, memory, folded)
        memory = folded.memory


def round_view(store: Store, place: PortalRef, looked: FileRound, ours: tuple[Window, ...]) -> RoundView:
    """The round as a fold sees it: beside the portal's list as it was read last before, so the same in later years."""
    before = _runs_before(store, looked)
    last = before[0] if before else None
    excused = is_within(looked.started, ours) or _is_out_of_reach(last, looked.at)
    lens = Lens(f"{last.family if last else ''}/{looked.slug}", place.tz, looked.at)
    entries = _listed(store, before, {check.dataset for check in looked.checks})
    return RoundView(looked, store, lens, entries, excused=excused)


def _runs_before(store: Store, looked: FileRound) -> list[Run]:
    """The runs not later than the round, the newest first."""
    query = {"portal": looked.portal, "at": {"$lte": looked.at}}
    return [from_document(one) for one in store.db["runs"].find(query).sort("seq", -1).limit(_BACK)]


def _is_out_of_reach(last: Run | None, at: datetime) -> bool:
    return last is not None and last.verdict in _OUT_OF_REACH and at - last.at <= _SAME_NIGHT


def _listed(store: Store, before: Iterable[Run], datasets: set[str]) -> dict[str, Entry]:
    """The datasets' entries, each from the last run that listed it."""
    found: dict[str, Entry] = {}
    for run in before:
        if (missing := datasets - found.keys()) and run.manifest and run.verdict in _READS:
            found |= {name: entry for name, entry in _entries(store, run.manifest, missing).items() if name in missing}
    return found


def _entries(store: Store, manifest: str, datasets: Iterable[str]) -> dict[str, Entry]:
    chunks = store.manifest(manifest).chunks
    wanted = {chunk for name in datasets if (chunk := chunks.get(bucket(name)))}
    return {entry.id: entry for _, entries in read_chunks(store.db, wanted) for entry in entries}
