"""The events that must be stated, computed from the world and its script alone, without the project's code."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from tests.replica.incidents import Incident, Kind
from tests.replica.records import Record
from tests.replica.world import World

STOPPED_AFTER = 243
"""Days without a real update; the day after, the city has stopped."""
MASS_DAYS = 180
"""Days after which a loss of the whole catalogue is stated though no page confirms it; for a part in proportion."""
_BLINDING = frozenset({
    Kind.REFUSES, Kind.CHALLENGES, Kind.HTML, Kind.CUTS, Kind.ERRS, Kind.ENDS_EARLY, Kind.HOLE, Kind.REDESIGN,
    Kind.HANGS, Kind.RESETS, Kind.IGNORES, Kind.NOTIFIES,
})  # fmt: skip
NOT_JUDGED = frozenset({
    "dataset.updated", "dataset.due", "dataset.overdue", "dataset.delinquent", "dataset.dormant", "dataset.grew",
    "dataset.changed", "city.slowed", "city.stopping", "coverage.lost", "coverage.gained", "bulk.import", "claim.mismatch", "platform.blocked",
    "platform.down", "platform.up", "ops.partial_streak", "ops.drifted",
})  # fmt: skip
"""Kinds that depend on more than the script (holidays, own rhythms, operators' thresholds): neither required nor wrong."""


@dataclass(frozen=True, slots=True, order=True)
class Stated:
    """One event: kind, dataset (empty for the portal or city), and the first night on which it can be known."""

    kind: str
    dataset: str
    night: int


@dataclass(frozen=True, slots=True)
class Score:
    """Comparison of stated events with the expected ones."""

    missed: tuple[Stated, ...]
    false: tuple[tuple[str, str], ...]
    delays: Mapping[tuple[str, str], int]
    """Nights later than possible, by kind and dataset."""

    @property
    def perfect(self) -> bool:
        return not self.missed and not self.false


@dataclass(frozen=True, slots=True)
class Truth:
    """The events of one portal over some nights, and on which of these nights its list can be read at all."""

    must: tuple[Stated, ...]
    readable: tuple[int, ...]
    unreadable: tuple[int, ...]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def score(self, told: Iterable[tuple[str, str, int]]) -> Score:
        """Compare stated events: kind, dataset (or empty) and night of each. An unexpected event counts as false."""
        nights = {(kind, dataset): night for kind, dataset, night in told}
        must = {(each.kind, each.dataset): each for each in self.must}
        false = tuple(sorted(what for what in nights if what not in must and what[0] not in NOT_JUDGED))
        missed = tuple(sorted(each for what, each in must.items() if what not in nights))
        delays = {what: nights[what] - each.night for what, each in must.items() if what in nights}
        return Score(missed, false, delays)


def truth(world: World, portal: str, nights: Iterable[int]) -> Truth:
    """Return the events to be stated if the portal is read on these nights; SLASHES must hold from the first night."""
    nights = sorted(nights)
    readable = [night for night in nights if _readable(world.incidents(portal, night), nights[0])]
    watcher = _Watcher(world, portal)
    for night in readable:
        watcher.read(night)
    return Truth(tuple(watcher.stated), tuple(readable), tuple(sorted(set(nights) - set(readable))))


def _readable(incidents: Iterable[Incident], first_night: int) -> bool:
    return not any(_blinds(incident, first_night) for incident in incidents)


def _blinds(incident: Incident, first_night: int) -> bool:
    if incident.kind is Kind.DRIFTS:
        return incident.passes == 0
    if incident.kind is Kind.MISCOUNTS:  # trusted only where it has been so from the first night
        return incident.first > first_night and not incident.value.startswith("-")
    return incident.kind in _BLINDING and incident.every == 1 and incident.concerns("list")


@dataclass
class _Watcher:
    world: World
    portal: str
    stated: list[Stated] = field(default_factory=list)
    seen: dict[str, Record] = field(default_factory=dict)
    missing: dict[str, int] = field(default_factory=dict)
    """On how many nights in a row."""
    since: dict[str, int] = field(default_factory=dict)
    """The first of these nights."""
    shrunk: bool = False
    """Whether a large part of the catalogue is missing and not yet stated as deleted."""
    away: set[str] = field(default_factory=set)
    """Stated as removed or unlisted."""
    stopped: bool = False
    before: int | None = None
    """The night read last."""

    def read(self, night: int) -> None:
        listed = {record.id: record for record in self.world.listed(self.portal, night)}
        if self.before is None:
            self.seen, self.stopped = listed, self._silence(listed, night) > STOPPED_AFTER
        elif self.world.prefix(self.portal, night) != self.world.prefix(self.portal, self.before):
            self._say("platform.moved", "", night)
            self.seen, self.missing = listed, {}
        else:
            self._compare(listed, night)
        self.before = night

    def _say(self, kind: str, dataset: str, night: int) -> None:
        self.stated.append(Stated(kind, dataset, night))

    def _compare(self, listed: Mapping[str, Record], night: int) -> None:
        rekeyed = self.world.rekeyed(self.portal, night)
        renewed = {new for old, new in rekeyed.items() if old in self.seen}
        fresh = [name for name in listed if name not in self.seen]
        for name in fresh:
            if name not in renewed:
                self._say("dataset.new", name, night)
        for name in sorted(self.away & set(listed)):
            self._say("dataset.reappeared", name, night)
        self._edits(listed, night)
        self._absences(listed, rekeyed, night)
        self._life(listed, fresh, night)
        self.away -= set(listed)
        self.seen.update(listed)

    def _edits(self, listed: Mapping[str, Record], night: int) -> None:
        for name, record in listed.items():
            old = self.seen.get(name, record)
            for kind, field_name in _EDITS:
                if getattr(old, field_name) != getattr(record, field_name):
                    self._say(kind, name, night)

    def _absences(self, listed: Mapping[str, Record], rekeyed: Mapping[str, str], night: int) -> None:
        absent = set(self.seen) - set(listed) - self.away
        self.missing = {name: self.missing.get(name, 0) + 1 for name in absent}
        self.since = {name: self.since.get(name, night) for name in absent}
        opens = {record.id for record in self.world.night(self.portal, night) if record.opens}
        for name in sorted(name for name in absent & opens if self.missing[name] == 2):
            self._leave("dataset.unlisted", [name], name, night)
        lost = sorted(absent - opens)
        for name in (name for name in lost if name in rekeyed and self._is_ripe(name, night)):
            self._leave("dataset.rekeyed", [name], rekeyed[name], night)
        self._removals([name for name in lost if name not in rekeyed], len(listed), night)

    def _is_ripe(self, name: str, night: int) -> bool:
        """Whether it was absent often enough: three times where its page does not say that it is gone, else twice."""
        return self.missing[name] >= (2 if self._says_gone(name, night) else 3)

    def _says_gone(self, name: str, night: int) -> bool:
        if self.world.portals[self.portal].family != "guizhou_api":
            return True
        record = self.world.find(self.portal, name, night)
        return record is not None and record.how == "404"

    def _removals(self, gone: Sequence[str], left: int, night: int) -> None:
        ripe = [name for name in gone if self._is_ripe(name, night)]
        if len(ripe) <= max(5, 0.02 * (left + len(ripe))):
            self.shrunk = False
            for name in ripe:
                self._leave("dataset.removed", [name], name, night)
        elif not all(self._says_gone(name, night) or self._outlasts(name, ripe, left, night) for name in ripe):
            if not self.shrunk:
                self._say("platform.incident", "", night)
            self.shrunk = True
        elif all(self.missing[name] >= 3 for name in ripe):
            self._leave("bulk.deletion", ripe, "", night)

    def _outlasts(self, name: str, ripe: Sequence[str], left: int, night: int) -> bool:
        return night - self.since[name] + 1 > MASS_DAYS * len(ripe) / (left + len(ripe))

    def _leave(self, kind: str, names: Sequence[str], subject: str, night: int) -> None:
        self._say(kind, subject, night)
        self.away |= set(names)

    def _life(self, listed: Mapping[str, Record], fresh: Sequence[str], night: int) -> None:
        moved = [name for name, old in self.seen.items() if name in listed and listed[name].true_day > old.true_day]
        enough = len(moved) >= max(3, 0.01 * len(listed)) or (fresh and moved)
        if self.stopped and enough:
            self.stopped = False
            self._say("city.resumed", "", night)
        elif not self.stopped and self._silence(listed, night) > STOPPED_AFTER:
            self.stopped = True
            self._say("city.stopped", "", night)
        if self._restamped(listed, moved):
            self._say("platform.restamp", "", night)

    def _restamped(self, listed: Mapping[str, Record], moved: Sequence[str]) -> bool:
        """Return whether a large share of the catalogue got one new date without any change of its data."""
        stamped = [
            record
            for name, record in listed.items()
            if name not in moved and name in self.seen and record.updated != self.seen[name].updated
        ]
        days = [record.updated.date() for record in stamped if record.updated]
        most = max((days.count(day) for day in set(days)), default=0)
        return most >= max(30, 0.3 * len(listed)) and most >= 0.9 * (most + len(moved))

    def _silence(self, listed: Mapping[str, Record], night: int) -> int:
        return night - max((record.true_day for record in listed.values()), default=night)


_EDITS = (
    ("dataset.renamed", "title"),
    ("dataset.open_type_changed", "conditional"),
    ("dataset.promise_weakened", "frequency"),
)
