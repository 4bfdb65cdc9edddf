"""Folds all runs and rounds of file checks since the last diff, portal by portal, in the order they were committed."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, tzinfo
from typing import TypeVar

from alerts.comparison.chunk_reader import ChunkReader
from alerts.comparison.divided_reader import DividedReader
from alerts.comparison.file_context import RoundView
from alerts.comparison.file_samples import StoredSamples
from alerts.comparison.national_looks import StoredNational
from alerts.comparison.other_portals import StoredNeighbours
from alerts.comparison.run_view import Lens, ManifestReader, Owners, RunView
from alerts.comparison.watched_datasets import watched_at
from alerts.engine.file_fold import fold_round
from alerts.engine.fold import Folded, fold, summary
from alerts.engine.repository import RaceLostError, commit, commit_files, load, load_files
from alerts.model.catalogue_dates import mark
from alerts.model.events import Event, owner_of, part_id, portal_of
from alerts.model.file_states import FileMemory
from alerts.model.memory import Memory
from alerts.model.policy import EventPolicy
from alerts.model.states import PortalState, part_begun
from alerts.records.isolation import apart
from alerts.records.parts import owners_told, part_ids
from alerts.records.state_source import StoredStates
from opendata_spiders.register import Level, Portal, Register, RegisterError, Told
from opendata_spiders.store.clock import SHANGHAI
from opendata_spiders.store.file_checks import FileRound, rounds
from opendata_spiders.store.models import Entry, Run, Verdict, Window
from opendata_spiders.store.runs import from_document
from opendata_spiders.store.store import Store

M = TypeVar("M", Memory, FileMemory)
R = TypeVar("R")

RUNS_BACK = 12
"""Number of latest runs searched for the last one that listed a dataset."""
_READS = (Verdict.COMPLETE, Verdict.PARTIAL)
_OUT_OF_REACH = (Verdict.UNREACHABLE, Verdict.BLOCKED)
_SAME_NIGHT = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Division:
    """How the register divides what a province's portal lists."""

    register: Register
    row: Portal

    def told(self, owner: str) -> Told:
        """Where a dataset of that government is told."""
        return self.register.told(self.row, owner)


@dataclass(frozen=True, slots=True)
class PortalRef:
    """A portal to be folded, or the part of one that belongs to another government."""

    id: str
    """Of the state it is folded into."""
    slug: str
    """Under which it is told."""
    tz: tzinfo = SHANGHAI
    registered: bool = False
    """Whether the register holds it."""
    parents: tuple[str, ...] = ()
    """Ids of the portals of the level above."""
    division: Division | None = None
    """Of a province's portal: which of the datasets that it lists are told where."""

    @property
    def portal(self) -> str:
        """Id of the portal that is read."""
        return portal_of(self.id)

    @property
    def owner(self) -> str:
        """The government that the part belongs to (adcode); empty for a portal itself."""
        return owner_of(self.id)

    def part(self, owner: str) -> "PortalRef":
        """The part that belongs to that government; itself for none."""
        if not owner or self.division is None:
            return self
        return replace(self, id=part_id(self.portal, owner), slug=self.division.register.place(owner), parents=())

    def read(self, whole: ManifestReader, manifest: str | None) -> DividedReader | None:
        """What its fold sees of a run with that manifest; None: all of it."""
        if self.division is None:
            return None
        return DividedReader(whole, manifest, owners_told(self.division.register, self.division.row, self.owner))


def place_of(register: Register, portal: str, slug: str, owner: str = "") -> PortalRef:
    """The portal, or the part of it that belongs to `owner`, with its row's time zone and the portals above it.

    One outside the register lives on China's time.
    """
    try:
        row = register.by_id(portal)
    except RegisterError:
        return PortalRef(portal, slug)
    home = register.governments.get(row.government or "")
    division = Division(register, row) if home and home.level is Level.PROVINCE else None
    whole = PortalRef(portal, slug, row.timezone, registered=True, parents=_parents(register, row), division=division)
    return whole.part(owner)


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
    """Fold every run after the last folded one; `ours` are the nights in which our own internet connection failed.

    Of a province's portal what belongs to cities that are read nowhere else is folded beside it, each city's part like
    a portal of its own.
    """
    reader = ChunkReader(store)
    report = _fold_runs(store, place, policy, ours, reader)
    for part in parts_of(store, place):
        with apart("portal", part.slug):
            report.events.extend(_fold_runs(store, part, policy, ours, reader).events)
    return report


def _fold_runs(
    store: Store, place: PortalRef, policy: EventPolicy, ours: tuple[Window, ...], reader: ChunkReader
) -> FoldReport:
    """Fold the runs of a portal itself, or of one part."""

    def fold_one(memory: Memory, run: Run) -> tuple[Memory, list[Event]]:
        view = view_of(store, place, run, ours, reader)
        _begin_parts(store, place, memory, view, policy)
        folded = stored(store, fold(memory, view, policy))
        stated = commit(store, memory, folded, summary(folded.memory.state, view.lens, policy))
        # The parts of a portal compare the same two lists.
        beside = (memory.state.known,) if place.division else ()
        reader.keep(folded.memory.state.known, *beside)
        return folded.memory, stated

    def pending(memory: Memory) -> Iterable[Run]:
        return store.graded_runs(place.portal, after_seq=memory.state.last_seq)

    return _fold_pending(place, lambda: load(store, place.id), pending, fold_one)


def parts_of(store: Store, place: PortalRef) -> list[PortalRef]:
    """The parts of a portal that are folded beside it: of what it listed last, and those that were folded before."""
    if (division := place.division) is None or place.owner:
        return []
    listed = load(store, place.id).state.owners.keys()
    known = {owner_of(one) for one in part_ids(StoredStates(store)) if portal_of(one) == place.id}
    return [place.part(owner) for owner in sorted(listed | known) if division.told(owner) is Told.APART]


def _begin_parts(store: Store, place: PortalRef, memory: Memory, view: RunView, policy: EventPolicy) -> None:
    """Begin the parts of governments that are told apart and whose first datasets the run lists.

    Such a part begins with what was known of the portal: what comes is new, then, and what is attributed anew is not.
    Of a portal that was never folded it begins with nothing.
    """
    division, state = place.division, memory.state
    if division is None or place.owner or not state.last_seq or view.run.verdict not in _READS:
        return
    listed = view.owners.counted(state.owners, state.trusted)
    owners = [owner for owner in listed if division.told(owner) is Told.APART]
    begun = set(part_ids(StoredStates(store))) if owners else set()
    for part in map(place.part, owners):
        if part.id not in begun:
            first = part_begun(state, part.id, part.slug)
            commit(store, Memory(PortalState(part.id, "")), Folded(Memory(first)), summary(first, view.lens, policy))


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
    """The run as a fold sees it; `reader` holds the chunks that the fold of the run before it has decoded."""
    divided = place.read(reader, run.manifest)
    return RunView(
        run,
        divided or reader,
        place.tz,
        uplink_down=_is_within(run.started, ours),
        neighbours=StoredNeighbours(store, place.parents, place.registered),
        samples=StoredSamples(store, place.portal),
        national=StoredNational(store, place.portal),
        watched=watched_at(store, place.portal, run.at),
        owners=divided or Owners(),
        owner=place.owner,
        place=place.slug if place.owner else "",
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
    before = [from_document(one) for one in store.db["runs"].find(query).sort("seq", -1).limit(RUNS_BACK)]
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
            marked = reader.marked(run.manifest, {mark(name) for name in missing})
            found |= {entry.id: entry for entry in marked if entry.id in missing}
    return found
