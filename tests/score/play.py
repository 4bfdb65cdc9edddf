"""Plays a portal's year into the store, lets the diff read it night by night, and once more from the stored runs."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from random import Random
from typing import Any

from alerts.comparison.chunk_reader import ChunkReader
from alerts.engine.fold import fold
from alerts.engine.repository import prepare
from alerts.engine.runner import PortalRef, fold_new, stored, view_of
from alerts.model.events import Event
from alerts.model.memory import Memory
from alerts.model.policy import policy
from alerts.model.states import PortalState
from opendata_spiders.store import runs
from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.connect import Store, open_store
from opendata_spiders.store.models import Entry, Run, Window
from tests.databases import empty
from tests.score.book import Book
from tests.score.file_year import FileYear
from tests.score.files import EVERY
from tests.score.judge import Score, Stated, score
from tests.score.naive import Naive
from tests.score.nights import Reading, Sky, at_night, entries_of, run_of
from tests.score.records import traits
from tests.score.shelf import Shelf
from tests.score.world import World


@dataclass(frozen=True, slots=True)
class Plan:
    """A year to be played."""

    seed: int
    portals: int = 60
    nights: int = 365
    large: int = 1
    """Portals of 2,000 datasets."""
    most: int = 120
    """Datasets of the others, at most."""


@dataclass(slots=True)
class Outcome:
    """What came of some portals' years."""

    score: Score = field(default_factory=Score)
    nights: Counter[str] = field(default_factory=Counter)
    """Runs by verdict, and redesigns."""
    unequal: list[str] = field(default_factory=list)
    """Portals whose events, derived once more from the stored runs, were others."""
    events: int = 0


def failing_nights(plan: Plan) -> frozenset[int]:
    """Nights in which our own line failed."""
    rng = Random(f"{plan.seed}:line")
    return frozenset(night for night in range(1, plan.nights) if rng.random() < 0.008)


def windows(nights: frozenset[int]) -> tuple[Window, ...]:
    return tuple((at_night(night, 0) - timedelta(hours=1), at_night(night) + timedelta(hours=4)) for night in nights)


def play(plan: Plan, indices: list[int], uri: str, database: str) -> Outcome:
    """Play the years of some portals in a database that nobody else uses meanwhile; it is emptied afterwards."""
    outcome = Outcome()
    with open_store(StoreConfig(uri=uri, database=database), env={}) as store:
        try:
            prepare(store)
            shelf = Shelf(store)
            for index in indices:
                shelf.clear()
                Year(shelf, plan, index).play(outcome)
        finally:
            empty(store.db)
    return outcome


WRITTEN = 12
"""Every so many portals a year is told through the database night by night, as the watch does it; it takes thrice as
long. The others are folded by the same code in memory."""


class Year:
    """One portal's year."""

    def __init__(self, store: Store, plan: Plan, index: int) -> None:
        rng = Random(f"{plan.seed}:{index}")
        self.store, self.plan = store, plan
        self.world = World(traits(index, rng, large=plan.large, most=plan.most), rng, plan.nights)
        ours = failing_nights(plan)
        self.sky = Sky(self.world, Random(f"{plan.seed}:{index}:sky"), ours)
        self.ours = windows(ours)
        self.place = PortalRef(self.world.traits.id, self.world.traits.slug)
        self.book, self.naive = Book(self.world), Naive()
        self.last: tuple[list[Entry], str | None] = ([], None)
        self.written = index % WRITTEN == 0
        self.memory = self._nothing()
        self.reader = ChunkReader(store)
        watched = index % EVERY == 0
        self.files = FileYear(store, self.place, self.ours, f"{plan.seed}:{index}", watched=watched)

    def play(self, outcome: Outcome) -> None:
        told: list[Event] = []
        for night, reading in self._nights():
            self.naive.compare(reading)
            run = self._commit(reading, night + 1)
            self.book.observe(reading)
            told += self._fold(self.store, run)
            self.files.night(night, reading, written=self.written)
            outcome.nights[reading.verdict] += 1
        self.book.close()
        outcome.nights["redesign"] += self.world.epoch - 1
        outcome.events += len(told) + len(self.files.told)
        if not (self._written_again(told) if self.written else self._told_again(told)):
            outcome.unequal.append(self.place.slug)
        where = f"seed {self.plan.seed} {self.place.slug}"
        cases, stated = [*self.book.cases, *self.files.files.truth.cases], [*told, *self.files.told]
        outcome.score.add(score(cases, [_stated(one) for one in stated], self.naive.claims, where))

    def _nights(self) -> Iterator[tuple[int, Reading]]:
        for night in range(self.plan.nights):
            if night:
                self.world.live(night)
            yield night, self.sky.read(night)

    def _nothing(self) -> Memory:
        return Memory(PortalState(self.place.id, self.place.slug))

    def _fold(self, store: Store, run: Run) -> list[Event]:
        if self.written:
            return fold_new(store, self.place, policy(), self.ours).events
        folded = stored(store, fold(self.memory, view_of(store, self.place, run, self.ours, self.reader), policy()))
        self.memory = folded.memory
        self.reader.keep(self.memory.state.known)
        return list(folded.events)

    def _commit(self, reading: Reading, seq: int) -> Run:
        entries, versions = entries_of(reading, self.world)
        run = run_of(reading, self.world, seq)
        if versions:
            self.store.put_versions(versions)
        if entries and entries == self.last[0]:
            # What a commit of the same entries comes to: the same manifest, and the run document.
            return runs.insert(self.store.db, replace(run, manifest=self.last[1]))
        committed = self.store.commit(run, entries)
        if entries:
            self.last = (entries, committed.manifest)
        return committed

    def _told_again(self, told: list[Event]) -> bool:
        """Whether the stored runs alone lead to the very same events, folded from the first to the last."""
        self.memory, shelf = self._nothing(), Shelf(self.store)
        self.reader = ChunkReader(shelf)
        again = [event for run in self.store.runs(self.place.id) for event in self._fold(shelf, run)]
        return told == again and self.files.told_again()

    def _written_again(self, told: list[Event]) -> bool:
        """The same through the database: what lies there at the end of the year, and once more from nothing."""
        portal, db = self.place.id, self.store.db
        before = _documents(self.store, portal)
        db["events"].delete_many({"portal": portal})
        db["states"].delete_one({"_id": portal})
        db["missing_datasets"].delete_many({"portal": portal})
        db["file_states"].delete_one({"_id": portal})
        fold_new(Shelf(self.store), self.place, policy(), self.ours)
        self.files.written()
        return len(before) == len(told) + len(self.files.told) and before == _documents(self.store, portal)


def _documents(store: Store, portal: str) -> list[dict[str, Any]]:
    """A portal's events by time, of one time in their order: looks at files may be folded nights after the runs."""
    return list(store.db["events"].find({"portal": portal}, {"seq": 0}, sort=[("at", 1), ("seq", 1)]))


def _stated(event: Event) -> Stated:
    subject = event.dataset or ""
    if event.kind == "dataset.rekeyed":
        subject = f"{event.evidence['old_id']}>{event.dataset}"
    if event.kind.startswith("resource."):
        subject = f"{event.dataset}/{event.evidence['file']}"
    if event.kind.startswith("coverage."):
        scheme = "theme" if "theme" in event.evidence else "key"
        subject = f"{scheme}:{event.evidence[scheme]}"
    if event.kind == "office.renamed":
        subject = str(event.evidence["before"])
    if event.kind == "city.stopping":
        left = event.evidence["days_left"]
        subject = str(next((notice for notice in (3, 14, 30) if left <= notice), 30))
    night = (event.at - at_night(0, 0)).days
    return Stated(event.kind, subject, night, str(event.confidence))
