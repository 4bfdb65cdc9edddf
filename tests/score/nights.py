"""What a crawl makes of a portal on one night: its verdict, its list, its look at what is missing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from random import Random

from opendata_spiders.store.content import version_id
from opendata_spiders.store.fields import fields
from opendata_spiders.store.models import Entry, LookResult, Run, Verdict, Version
from opendata_spiders.store.runs import run_id
from tests.score import words
from tests.score.records import START, Record
from tests.score.world import World

LOOK_ALL, LOOK_SAMPLE = 50, 30
PAGE = 12
LISTED_LOST = ("office", "theme")
"""Fields that stand empty once a page has drifted."""


@dataclass(slots=True)
class Reading:
    """One run as the crawl would record it, with the records it saw."""

    night: int
    at: datetime
    verdict: Verdict
    epoch: int
    listed: dict[str, Record] | None = None
    declared: int | None = None
    rows: int = 0
    look: Mapping[str, LookResult] = field(default_factory=dict)
    details: frozenset[str] = frozenset()
    """Ids whose detail page was read in this run."""
    first_details: frozenset[str] = frozenset()
    detailed: int = 0
    ours: bool = False
    """Nearly every portal failed that night: our own line."""
    reason: str = "as invented"

    @property
    def seen(self) -> int:
        return len(self.listed or ())

    @property
    def gap(self) -> int:
        return max(0, (self.declared or 0) - self.seen)


def at_night(night: int, minute: int = 15) -> datetime:
    """When a portal is read: a quarter past two, Shanghai time."""
    return datetime.combine(START + timedelta(days=night), time(2, minute), words.SHANGHAI).astimezone(UTC)


class Sky:
    """The weather between a portal and the one who reads it, and the reading itself."""

    def __init__(self, world: World, rng: Random, ours: frozenset[int]) -> None:
        self.world, self.rng, self.ours = world, rng, ours
        self.spell: tuple[Verdict, int] = (Verdict.COMPLETE, -1)
        self.hidden: set[str] = set()
        self.minute = world.traits.index % 45
        self.trusted: list[tuple[dict[str, Record], Mapping[str, LookResult]]] = []
        """Lists and looks of the last three complete runs, the newest last."""
        self.partly: dict[str, Record] = {}
        self.sought: dict[str, Record] = {}
        """Whatever has ever been looked for."""

    def read(self, night: int) -> Reading:
        verdict = self._verdict(night)
        reading = Reading(night, at_night(night, self.minute), verdict, self.world.epoch, ours=night in self.ours)
        if verdict is Verdict.COMPLETE:
            self._whole(reading)
        elif verdict is Verdict.PARTIAL:
            self._part(reading)
        elif verdict is Verdict.DRIFTED or (verdict is Verdict.BLOCKED and self.rng.random() < 0.2):
            reading.listed = self._some(self.rng.uniform(0.1, 1.0))
            reading.declared = self._declared(night)
        if reading.listed == {}:
            reading.verdict, reading.listed = Verdict.EMPTY, None
        if verdict in (Verdict.COMPLETE, Verdict.PARTIAL) and self.world.traits.details:
            self._read_details(reading)
        return reading

    # --- verdicts

    def _verdict(self, night: int) -> Verdict:
        if night in self.ours and self.rng.random() < 0.95:
            return Verdict.UNREACHABLE
        if night < self.world.empty_until:
            return self.rng.choices((Verdict.EMPTY, Verdict.UNREACHABLE), (9, 1))[0]
        if self.world.redesign_at:
            return self.rng.choices((Verdict.DRIFTED, Verdict.EMPTY), (9, 1))[0]
        verdict, until = self.spell
        if night <= until:
            return verdict
        return self._next(night)

    def _next(self, night: int) -> Verdict:
        rng = self.rng
        spells = (
            (0.0018, Verdict.UNREACHABLE, rng.randint(3, 12)),
            (0.004, Verdict.UNREACHABLE, rng.randint(1, 2)),
            (0.016, Verdict.BLOCKED, 1 + int(rng.expovariate(1 / 1.3))),
            (0.055, Verdict.PARTIAL, 1),
            (0.0010, Verdict.PARTIAL, rng.randint(6, 10)),
            (0.022, Verdict.DRIFTED, 1),
            (0.003, Verdict.FAILED, 1),
            (0.001, Verdict.EMPTY, rng.randint(1, 3)),
        )
        roll = rng.random()
        for rate, verdict, nights in spells:
            if roll < rate:
                self.spell = (verdict, night + nights - 1)
                return verdict
            roll -= rate
        return Verdict.COMPLETE

    # --- lists

    def _declared(self, night: int) -> int | None:
        here = len(self.world.here()) - len(self.world.swung)
        total = self.world.traits.total
        if total == "none":
            return None
        if total == "big":
            return round(here * 1.15)
        return round(here * 0.88) if total == "small" or night < self.world.lie_until else here

    def _whole(self, reading: Reading) -> None:
        here = {one.id: one for one in self._indexed()}
        self._hide(here)
        reading.listed = {id_: one for id_, one in here.items() if id_ not in self.hidden}
        if self.world.swung and self.trusted:
            self.world.swings_read.add(self.world.swings)
        reading.declared = self._declared(reading.night)
        reading.rows = reading.seen + len(self.hidden) + self.rng.choice((0, 0, 0, 3, reading.seen // 15))
        reading.look = self._look(reading.listed)
        self.trusted = [*self.trusted[-2:], (reading.listed, reading.look)]
        self.partly = {}

    def _hide(self, here: Mapping[str, Record]) -> None:
        """Rows that slipped through while paging: others every night, or a hole that stays for some nights."""
        traits, rng = self.world.traits, self.rng
        self.hidden &= here.keys()
        most = int(0.0195 * len(here)) if traits.total != "none" else 0
        if len(self.hidden) <= most and self.hidden and rng.random() < 0.4:
            return
        nightly = 0.55 if traits.drifts else 0.03
        count = rng.randint(1, most) if most and rng.random() < nightly else 0
        self.hidden = set(rng.sample(sorted(here), count))

    def _look(self, listed: Mapping[str, Record]) -> dict[str, LookResult]:
        """Ids missing against the last trusted reading, and those it was the first to miss: all, or a sample."""
        if not self.trusted or not self.world.traits.looks:
            return {}
        last, looked = self.trusted[-1]
        before = self.trusted[-2][0] if len(self.trusted) > 1 else {}
        owed = {id_: before[id_] for id_ in looked if id_ in before}
        expected = {**self._unanswered(), **owed, **last, **self.partly}
        missing = sorted(expected.keys() - listed.keys())
        if len(missing) > LOOK_ALL:
            missing = self.rng.sample(missing, LOOK_SAMPLE)
        self.sought |= {id_: expected[id_] for id_ in missing}
        return {id_: self._probe(id_, expected[id_]) for id_ in missing}

    def _unanswered(self) -> dict[str, Record]:
        """Those whose page said nothing the last time, unless it was the third time in a row."""
        last, *earlier = [look for _, look in reversed(self.trusted)]
        silent = [id_ for id_, said in last.items() if said is LookResult.UNKNOWN]
        asked = [id_ for id_ in silent if sum(look.get(id_) is LookResult.UNKNOWN for look in earlier) < 2]
        return {id_: self.sought[id_] for id_ in asked}

    def _probe(self, id_: str, one: Record) -> LookResult:
        if self.rng.random() < 0.04:
            return LookResult.UNKNOWN
        if id_ in self.world.swung:
            return LookResult(self.world.traits.flaps)
        moved = one.id != id_
        return LookResult.OPEN if one.open_page and not moved else LookResult.GONE

    def _part(self, reading: Reading) -> None:
        """A list that ends early twice, or has holes, or does not hold still."""
        reading.listed = self._some(self.rng.uniform(0.08, 0.97))
        reading.declared = self._declared(reading.night)
        reading.rows = reading.seen
        self.partly |= reading.listed

    def _indexed(self) -> list[Record]:
        return [one for one in self.world.here() if one.id not in self.world.swung]

    def _some(self, share: float) -> dict[str, Record]:
        here = self._indexed()
        if self.rng.random() < 0.5:
            return {one.id: one for one in here[: int(share * len(here))]}
        holes = {page for page in range(len(here) // PAGE + 1) if self.rng.random() > share}
        return {one.id: one for place, one in enumerate(here) if place // PAGE not in holes}

    # --- details

    def _read_details(self, reading: Reading) -> None:
        listed = reading.listed or {}
        budget = max(15, self.world.traits.size // 8)
        fresh = [one for one in listed.values() if not one.detailed][:budget]
        due = [one for one in listed.values() if one.detailed and self._is_due(one, reading.night)]
        done = [one for one in (*fresh, *due) if self.rng.random() > 0.02]
        reading.first_details = frozenset(one.id for one in done if not one.detailed)
        for one in done:
            one.shown, one.detailed, one.dirty = self.world.detail(one), True, True
        reading.details = frozenset(one.id for one in done)
        reading.detailed = sum(one.detailed for one in listed.values())

    def _is_due(self, one: Record, night: int) -> bool:
        """New and changed rows first, then a rotating thirtieth."""
        changed = bool(one.pending.keys() & {"title", "pace", "open"})
        return changed or sum(one.id.encode()) % 30 == night % 30


ALL_FIELDS = tuple(fields())


def run_of(reading: Reading, world: World, seq: int) -> Run:
    """The run document of a reading."""
    traits = world.traits
    return Run(
        id=run_id(traits.slug, reading.at, seq),
        portal=traits.id,
        slug=traits.slug,
        family=world.family,
        epoch=f"{world.family}-{reading.epoch}",
        seq=seq,
        at=reading.at,
        started=reading.at,
        finished=reading.at + timedelta(minutes=4),
        verdict=reading.verdict,
        reason=reading.reason,
        base_url=f"http://{traits.slug}.example/{reading.epoch}",
        declared=reading.declared,
        seen=reading.seen,
        rows=reading.rows,
        passes=1,
        pages=reading.rows // PAGE + 1,
        total_trusted=traits.total == "exact",
        dates_in_details=traits.details,
        detailed=reading.detailed if traits.details else 0,
        details_read=len(reading.details),
        look=reading.look,
        fill={"title": 1.0, "office": 0.0 if reading.verdict is Verdict.DRIFTED else 1.0},
        fields=tuple(name for name in ALL_FIELDS if name != "tags" or world.reads_tags),
    )


def entries_of(reading: Reading, world: World) -> tuple[list[Entry], list[Version]]:
    """The manifest of a reading and the versions that are new in it."""
    if reading.listed is None:
        return [], []
    if reading.verdict is Verdict.DRIFTED:
        return _drifted(reading.listed.values(), world)
    entries = [world.entry_of(one) for one in reading.listed.values()]
    versions, world.versions = world.versions, []
    return entries, versions


def _drifted(records: Iterable[Record], world: World) -> tuple[list[Entry], list[Version]]:
    """What a page of another shape gives: titles, and little else."""
    entries, versions = [], []
    for one in records:
        content = {name: value for name, value in world.content(one, {}).items() if name not in LISTED_LOST}
        id_ = version_id(world.traits.id, one.id, content)
        versions.append(Version(id_, world.traits.id, one.id, world.family, content))
        entries.append(replace(Entry(one.id, "drifted", id_), frequency=None))
    return entries, versions
