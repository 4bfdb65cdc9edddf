"""Plays a country's year into the store: runs, nights, looks at the watch's health, the diff, and corrections."""

import os
from collections.abc import Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from random import Random

from alerts.engine.repository import prepare
from alerts.engine.runner import fold_new, place_of
from alerts.health.check import check
from alerts.model.events import Event
from alerts.model.policy import policy
from alerts.records.isolation import Attempts, record
from opendata_spiders.night.crawl_plan import NightPlan as Route
from opendata_spiders.night.crawl_run import Night
from opendata_spiders.night.values import Result
from opendata_spiders.register import Register
from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.connect import Store, open_store
from opendata_spiders.store.models import Verdict
from opendata_spiders.store.runs import to_document
from tests.databases import empty
from tests.score.judge import Score, Stated, score
from tests.score.nights import at_night
from tests.score.play import Outcome
from tests.score.run import merge
from tests.score.shelf import Shelf
from tests.score.watch.again import BESIDE, folds_alike, stands_alike
from tests.score.watch.cast import Member, Role
from tests.score.watch.clerk import RETRACTED, Clerk, about
from tests.score.watch.fates import Fate
from tests.score.watch.readings import Item, entries_of, run_of
from tests.score.watch.script import Reading, Script
from tests.score.watch.troubles import ENDED, FAMILY, FAULT, Troubles

FOLDED = frozenset(("platform.new", "platform.merged_into", "platform.gone", "platform.down", "platform.up"))
JUDGED = FOLDED | BESIDE
"""What else the diff says of these portals is judged where whole catalogues are played."""
FAULT_EVERY, FAULT_NIGHTS = 11, 2
BEHIND = 0.85
"""How often the diff leaves a portal to another night, unless something has befallen it."""


@dataclass(frozen=True, slots=True)
class Year:
    """What is played."""

    seed: int
    portals: int = 66
    nights: int = 365

    @classmethod
    def of(cls, seed: int, portals: int, nights: int) -> "Year":
        """As large as asked for; with fewer portals or nights not every role has somebody to play it."""
        return cls(seed, max(portals, 24), max(nights, 44))


def play_watches(years: Iterable[Year], uri: str, *, processes: int) -> Outcome:
    """Play every country, some at a time."""
    total = Outcome()
    jobs = list(years)
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        for outcome in pool.map(play_watch, jobs, [uri] * len(jobs)):
            merge(total, outcome)
    return total


def play_watch(year: Year, uri: str) -> Outcome:
    """Play one country in the database of this process, which is emptied afterwards."""
    database = f"watch_{os.getpid()}"
    with open_store(StoreConfig(uri=uri, database=database), env={}) as store:
        try:
            prepare(store)
            return Play(Shelf(store), year).play()
        finally:
            empty(store.db)


class Play:
    """One country's year."""

    def __init__(self, store: Store, year: Year) -> None:
        self.store, self.year = store, year
        self.script = Script(year.seed, year.portals, year.nights)
        self.cast, self.rng = self.script.cast, Random(f"{year.seed}:looks")
        self.troubles = Troubles(self.cast)
        self.fates: dict[str, Fate] = {}
        for member in sorted(self.cast.members, key=lambda one: one.role is not Role.PROVINCE):
            if member.told:
                above = self.fates[member.above].listed if member.above else []
                self.fates[member.slug] = Fate(member, above)
        self.clerk = Clerk(store, self.cast, self.troubles, self.fates, Random(f"{year.seed}:clerk"))
        self.outcome, self.events = Outcome(), list[Event]()
        self.manifests: dict[tuple[str, tuple[Item, ...]], str] = {}
        self.counted: dict[str, int] = {}

    def play(self) -> Outcome:
        for night in range(self.year.nights):
            register = self.cast.register(night)
            began = len(self.events)
            self._night(night, self.script.night(night), register)
            self.events += self.clerk.work(night, self.script.lives, self.events[began:], register)
            self._again(night, register)
            if self.rng.random() < (0.6 if night in self.script.weather.off else 0.3):
                self._look(night, at_night(night, 0) + timedelta(hours=14), register)
        self._fold(self.cast.register(self.year.nights), self.cast.members)
        self._derive()
        return self._judged()

    # --- what the crawl does

    def _night(self, night: int, readings: list[Reading], register: Register) -> None:
        if not readings:
            return
        self._commit(night, readings)
        self._put_night(night, at_night(night, 0), readings)
        self.troubles.night(night, readings, line=night in self.script.weather.line)
        self._fold(register, [one.member for one in readings if self._is_due(one)])
        if night not in self.script.weather.unlooked:
            self._look(night, at_night(night, 0) + timedelta(hours=5), register)

    def _again(self, night: int, register: Register) -> None:
        readings = self.script.again(night)
        if readings:
            self._commit(night, readings)
            self._put_night(night, at_night(night, 0) + timedelta(hours=9), readings)
            self.troubles.night(night, readings, line=False)
            self._look(night, at_night(night, 0) + timedelta(hours=10), register)

    def _commit(self, night: int, readings: list[Reading]) -> None:
        self.troubles.take(readings)
        documents = []
        for one in readings:
            member, slug = one.member, one.member.slug
            seq = self.counted[slug] = self.counted.get(slug, 0) + 1
            run = run_of(member, one.read, one.at, seq)
            documents.append(to_document(replace(run, manifest=self._manifest(one))))
            self.clerk.keep(member, night, run.id, one.read)
            self.outcome.nights[f"watched {one.read.verdict}"] += 1
            if slug in self.fates:
                self.fates[slug].take(night, one.at, one.read)
        self.store.db.runs.insert_many(documents)

    def _manifest(self, one: Reading) -> str | None:
        listed = one.read.listed
        if not listed or not one.member.told:
            return None
        name = (one.member.slug, listed)
        if name not in self.manifests:
            entries, versions = entries_of(one.member, listed)
            self.store.put_versions(versions)
            self.manifests[name] = self.store.put_entries(entries)
        return self.manifests[name]

    def _put_night(self, night: int, at: datetime, readings: list[Reading]) -> None:
        """As the crawl records it, the suspicion that our own line failed included."""
        rows = [one for one in readings if one.member.role is not Role.GUEST]
        results = [Result(one.member.slug, one.member.host, one.read.verdict, 1.0, Path()) for one in rows]
        there = Night(Route(()), Path(), at=at)
        times = {"started": at, "finished": at + timedelta(hours=4)}
        self.store.put_night({**there.record(results), **times})

    # --- what the alerts do

    def _is_due(self, one: Reading) -> bool:
        urgent = one.member.role is Role.CORRECTED or one.read.verdict is not Verdict.COMPLETE
        return urgent or self.rng.random() > BEHIND

    def _fold(self, register: Register, members: Iterable[Member]) -> None:
        ours = self.store.our_failures()
        for member in members:
            if member.told:
                place = place_of(register, member.portal.id, member.slug)
                self.events += fold_new(self.store, place, policy(), ours).events

    def _look(self, night: int, now: datetime, register: Register) -> None:
        self._digests(night, now)
        self.troubles.look(night, now)
        self.events += check(self.store, register, now)
        # A second look at the same hour says nothing more; what it says is judged as false.
        if self.rng.random() < 0.2:
            self.events += check(self.store, register, now)

    def _digests(self, night: int, now: datetime) -> None:
        """Every eleventh night begins a fault of a reader's digest, which is mended after two to four."""
        week, day = divmod(night, FAULT_EVERY)
        part = ("reader", f"desk-{week}")
        fails = 0 < day <= FAULT_NIGHTS + week % 3
        mended = {("reader", f"desk-{number}") for number in range(week + (not fails))}
        record(self.store, "digest", Attempts({part: "odd"} if fails else {}, mended), now)
        self.troubles.faults = frozenset({" ".join(part)}) if fails else frozenset()

    # --- the same once more from what is stored

    def _derive(self) -> None:
        register, ours = self.cast.register(self.year.nights), self.store.our_failures()
        shelf = Shelf(self.store)
        for slug in self.fates:
            member = self.cast.get(slug)
            place = place_of(register, member.portal.id, slug)
            alike = stands_alike if slug in self.clerk.corrected else folds_alike
            if not alike(shelf, place, ours):
                self.outcome.unequal.append(f"seed {self.year.seed} {slug}")

    # --- judgement

    def _judged(self) -> Outcome:
        known = {one.id: one for one in self.events}
        result = Score()
        where = f"seed {self.year.seed}"
        by_slug: dict[str, list[Stated]] = {}
        for one in self.events:
            if one.kind in JUDGED:
                slug = one.slug if one.slug in self.fates and one.kind in FOLDED else ""
                by_slug.setdefault(slug, []).append(_stated(one, known))
        for slug, fate in self.fates.items():
            result.add(score(fate.cases, by_slug.pop(slug, []), [], f"{where} {slug}"))
        result.add(score([*self.troubles.cases, *self.clerk.cases], by_slug.pop("", []), [], where))
        self.outcome.score = result.plain()
        self.outcome.events = len(self.events)
        return self.outcome


def _stated(event: Event, known: Mapping[str, Event]) -> Stated:
    night = (event.at - at_night(0, 0)).days
    return Stated(event.kind, _subject(event, known), night, str(event.confidence))


def _subject(event: Event, known: Mapping[str, Event]) -> str:
    evidence, slugs = event.evidence, " ".join(event.evidence.get("portals", ()))
    if event.kind == RETRACTED:
        return about(known[evidence["retracted"]])
    if event.kind == ENDED:
        return f"{evidence['of']}: {slugs}"
    if event.kind == FAULT:
        return str(evidence["part"])
    if event.kind == FAMILY:
        return f"{evidence['family']}: {slugs}"
    return slugs or (event.slug if event.kind in BESIDE else "")
