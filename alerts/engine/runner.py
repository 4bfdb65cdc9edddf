"""Folds all runs and rounds of file checks since the last diff, portal by portal, in the order they were committed."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, tzinfo
from typing import TypeVar

from alerts.comparison.chunk_reader import ChunkReader
from alerts.comparison.file_context import RoundView
from alerts.comparison.file_samples import StoredSamples
from alerts.comparison.national_looks import StoredNational
from alerts.comparison.other_portals import StoredNeighbours
from alerts.comparison.run_view import Lens, RunView
from alerts.engine.file_fold import fold_round
from alerts.engine.fold import Folded, fold, summary
from alerts.engine.repository import RaceLostError, commit, commit_files, load, load_files
from alerts.model.events import Event
from alerts.model.file_states import FileMemory
from alerts.model.policy import EventPolicy
from alerts.model.states import Memory
from opendata_spiders.register import Level, Portal, Register, RegisterError
from opendata_spiders.store.clock import SHANGHAI
from opendata_spiders.store.file_checks import FileRound, rounds
from opendata_spiders.store.models import Entry, Run, Verdict, Window
from opendata_spiders.store.runs import from_document
from opendata_spiders.store.store import Store

M = TypeVar("M", Memory, FileMemory)
R = TypeVar("R")

_RUNS_BACK = 12
"""Number of latest runs searched for the last one that listed a dataset."""
_READS = (Verdict.COMPLETE, Verdict.PARTIAL)
_OUT_OF_REACH = (Verdict.UNREACHABLE, Verdict.BLOCKED)
_SAME_NIGHT = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class PortalRef:
    """A portal to be folded."""

    id: str
    slug: str
    tz: tzinfo = SHANGHAI
    registered: bool = False
    """Whether the register holds it."""
    parents: tuple[str, ...] = ()
    """Ids of the portals of the level above."""


def place_of(register: Register, portal: str, slug: str) -> PortalRef:
    """The portal with its time zone and the portals above it; China's time zone for one outside the register."""
    try:
        row = register.by_id(portal)
    except RegisterError:
        return PortalRef(portal, slug)
    return PortalRef(portal, slug, row.timezone, registered=True, parents=_parents(register, row))


def _parents(register: Register, portal: Portal) -> tuple[str, ...]:
    """Ids of the crawlable portals of its province, for a portal of a city."""
    provinces = (
        one.adcode
        for one in register.governments.values()
        if one.level is Level.PROVINCE and one.name_zh == portal.province and one.adcode != portal.government
    )
    return tuple(one.id for adcode in provinces for one in register.portals_of(adcode) if one.crawlable)


@dataclass(frozen=True, slots=True)
class FoldReport:
    """The result of folding one portal's runs, or its rounds of file checks."""

    place: PortalRef
    folded: int = 0
    """Number of runs or rounds."""
    events: list[Event] = field(default_factory=list)


def fold_new(store: Store, place: PortalRef, policy: EventPolicy, ours: tuple[Window, ...] = ()) -> FoldReport:
    """Fold every run after the last folded one; `ours`: nights in which our own internet connection failed."""
    reader = ChunkReader(store)

    def fold_one(memory: Memory, run: Run) -> tuple[Memory, list[Event]]:
        view = view_of(store, place, run, ours, reader)
        folded = stored(store, fold(memory, view, policy))
        stated = commit(store, memory, folded, summary(folded.memory.state, view.lens, policy))
        reader.keep(folded.memory.state.known)
        return folded.memory, stated

    def pending(memory: Memory) -> Iterable[Run]:
        return store.graded_runs(place.id, after_seq=memory.state.last_seq)

    return _fold_pending(place, lambda: load(store, place.id), pending, fold_one)


def fold_rounds(store: Store, place: PortalRef, policy: EventPolicy, ours: tuple[Window, ...] = ()) -> FoldReport:
    """Fold every round of file checks after the last folded one. Call it after the portal's runs were folded."""

    def fold_one(memory: FileMemory, looked: FileRound) -> tuple[FileMemory, list[Event]]:
        folded = fold_round(memory, round_view(store, place, looked, ours), policy)
        return folded.memory, commit_files(store, memory, folded)

    def pending(memory: FileMemory) -> Iterable[FileRound]:
        return rounds(store.db, place.id, after_seq=memory.last_seq)

    return _fold_pending(place, lambda: load_files(store, place.id), pending, fold_one)


def _fold_pending(
    place: PortalRef,
    believed: Callable[[], M],
    pending: Callable[[M], Iterable[R]],
    fold_one: Callable[[M, R], tuple[M, list[Event]]],
) -> FoldReport:
    """Fold each pending run or round into the memory; `fold_one` commits states and events in one transaction.

    Two processes at once do no harm: the slower one loads what the faster one has committed and goes on.
    """
    count, events = 0, list[Event]()
    while True:
        memory = believed()
        try:
            for reading in pending(memory):
                memory, stated = fold_one(memory, reading)
                count += 1
                events += stated
        except RaceLostError:
            continue
        return FoldReport(place, count, events)


def view_of(store: Store, place: PortalRef, run: Run, ours: tuple[Window, ...], reader: ChunkReader) -> RunView:
    """The run with all that its fold may read; `reader` caches the chunks that the previous fold has decoded."""
    return RunView(
        run,
        reader,
        place.tz,
        uplink_down=_is_within(run.started, ours),
        neighbours=StoredNeighbours(store, place.parents, place.registered),
        samples=StoredSamples(store, place.id),
        national=StoredNational(store, place.id),
    )


def stored(store: Store, folded: Folded) -> Folded:
    """The fold with its renewed entries, if any, stored in a new `known` manifest."""
    if folded.renewed is None:
        return folded
    state = folded.memory.state
    known = store.put_entries(folded.renewed.values(), over=state.known)
    return replace(folded, memory=replace(folded.memory, state=replace(state, known=known)), renewed=None)


def round_view(store: Store, place: PortalRef, looked: FileRound, ours: tuple[Window, ...]) -> RoundView:
    """The round with all that its fold may read; only the runs before it, so the same whenever it is folded."""
    query = {"portal": looked.portal, "at": {"$lte": looked.at}}
    before = [from_document(one) for one in store.db["runs"].find(query).sort("seq", -1).limit(_RUNS_BACK)]
    last = before[0] if before else None
    unreached = last is not None and last.verdict in _OUT_OF_REACH and looked.at - last.at <= _SAME_NIGHT
    lens = Lens(f"{last.family if last else ''}/{looked.slug}", place.tz, looked.at)
    reader = ChunkReader(store)
    entries = _last_listed(reader, before, {check.dataset for check in looked.checks})
    return RoundView(looked, reader, lens, entries, excused=unreached or _is_within(looked.started, ours))


def _is_within(started: datetime, windows: tuple[Window, ...]) -> bool:
    """Whether a run or round that began at `started` is in one of these windows."""
    return any(start <= started <= end for start, end in windows)


def _last_listed(reader: ChunkReader, before: Iterable[Run], datasets: set[str]) -> dict[str, Entry]:
    """The datasets' entries by native id, each from the last run that listed it; `before`: runs, newest first."""
    found: dict[str, Entry] = {}
    for run in before:
        missing = datasets - found.keys()
        if missing and run.verdict in _READS:
            listed = reader.entries(run.manifest)
            found |= {name: listed[name] for name in missing if name in listed}
    return found
