"""Nights told as small tables: the runs of one portal, made from a world that changes from night to night."""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from alerts.diff.fold import Folded, fold, summary
from alerts.diff.runner import stored
from alerts.diff.state import Memory, PortalState, Summary
from alerts.diff.view import SHANGHAI, Parent, RunView
from alerts.events import Event
from alerts.files.fold import FilesFolded, fold_round
from alerts.files.samples import hashes_of
from alerts.files.state import FileMemory
from alerts.files.step import RoundView, by_dataset
from alerts.policy import policy
from opendata_spiders.store.fields import Role, fields, split
from opendata_spiders.store.file_checks import FileCheck, FileOutcome, FileRound
from opendata_spiders.store.models import Entry, LookResult, Run, Verdict, Version

DAY_ZERO = datetime(2026, 1, 1, 2, 0, tzinfo=SHANGHAI)
ALL_FIELDS = tuple(fields())
RUN_KEYS = {
    "verdict",
    "declared",
    "epoch",
    "base_url",
    "family",
    "fields",
    "dates_in_details",
    "details_read",
    "reason",
}


@dataclass
class Shelf:
    """Manifests and versions in memory, content-addressed as in the database."""

    manifests: dict[str, dict[str, Entry]] = field(default_factory=dict)
    known_versions: dict[str, Version] = field(default_factory=dict)

    def entries(self, manifest: str | None) -> dict[str, Entry]:
        return {} if manifest is None else self.manifests[manifest]

    def changed_entries(self, before: str | None, after: str | None) -> tuple[dict[str, Entry], dict[str, Entry]]:
        old, new = self.entries(before), self.entries(after)
        differing = {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}
        return ({n: e for n, e in old.items() if n in differing}, {n: e for n, e in new.items() if n in differing})

    def versions(self, ids: Iterable[str], *, evidence: bool = True) -> dict[str, Version]:
        found = {name: self.known_versions[name] for name in ids if name in self.known_versions}
        return found if evidence else {name: replace(one, page_url="") for name, one in found.items()}

    def put_entries(self, entries: Iterable[Entry]) -> str:
        listed = {entry.id: entry for entry in entries}
        name = digest(sorted(map(repr, listed.values())))
        self.manifests[name] = listed
        return name


def digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()[:16]


@dataclass
class World:
    """What the portal would show tonight, by native id."""

    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)

    def change(self, night: Mapping[str, Any], day: int) -> None:
        for name, values in expanded(night.get("set", {}), day):
            self.rows.setdefault(name, {"title": f"{name}号数据", "office": "统计局", "updated": "2026-01-01"})
            self.rows[name].update(values)
        self.hidden |= set(names(night.get("hide", ())))
        self.hidden -= set(names(night.get("show", ())))
        for old, new in night.get("rename_id", {}).items():
            self.rows[str(new)] = self.rows.pop(str(old))

    def seen(self, night: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
        unseen = self.hidden | set(names(night.get("skip", ())))
        only = set(names(night["only"])) if "only" in night else self.rows.keys()
        return {name: row for name, row in self.rows.items() if name in only and name not in unseen}


def names(patterns: Iterable[Any]) -> Iterator[str]:
    """`d1..d40` stands for forty names."""
    for pattern in map(str, patterns):
        if found := re.fullmatch(r"(\D*)(\d+)\.\.\D*(\d+)", pattern):
            yield from (f"{found[1]}{number}" for number in range(int(found[2]), int(found[3]) + 1))
        else:
            yield pattern


def expanded(table: Mapping[Any, Mapping[str, Any]], day: int) -> Iterator[tuple[str, dict[str, Any]]]:
    for pattern, values in table.items():
        for name in names([pattern]):
            yield name, {key: _value(value, day) for key, value in (values or {}).items()}


def _value(value: Any, day: int) -> Any:
    """`D` is tonight's date, `D-30` thirty days earlier; inside lists and mappings too."""
    if isinstance(value, list):
        return [_value(one, day) for one in value]
    if isinstance(value, dict):
        return {key: _value(one, day) for key, one in value.items()}
    if isinstance(value, str) and (found := re.fullmatch(r"D([+-]\d+)?", value)):
        return f"{DAY_ZERO + timedelta(days=day + int(found[1] or 0)):%Y-%m-%d}"
    return value.isoformat() if isinstance(value, date) else value


@dataclass
class Beside:
    """Other portals, as far as a fold asks: the province's nights by day, and how long others were read before."""

    province: Mapping[int, str] = field(default_factory=dict)
    watched_days: int = 0

    def parents(self, run: Run, since: datetime, overlap: timedelta) -> Iterator[Parent]:
        first = min(self.province, default=0)
        if (now := self._manifest(run.at)) is not None:
            read_before = first <= day_of(since)
            before = self._manifest(since - overlap) or (self.province[first] if read_before else None)
            yield Parent("province", "run-of-province", now, before)

    def watched_before(self, run: Run) -> timedelta:
        return timedelta(days=self.watched_days)

    def _manifest(self, at: datetime) -> str | None:
        known = [day for day in self.province if day <= day_of(at)]
        return self.province[max(known)] if known else None


@dataclass
class Desk:
    """The files of watched datasets, by `dataset/file`, as they are from night to night."""

    shown: dict[str, dict[str, Any]] = field(default_factory=dict)

    def change(self, files: Mapping[str, Any]) -> None:
        """`ok` mends, `gone` takes it off the list; anything else is what the look says from now on."""
        for pattern, values in files.items():
            for name in names([pattern]):
                if values == "gone":
                    self.shown.pop(name, None)
                elif values == "ok":
                    self.shown[name] = {k: v for k, v in self.shown.get(name, {}).items() if k not in ("why", "status")}
                else:
                    self.shown.setdefault(name, {}).update(values)

    def checks(self, night: Mapping[str, Any]) -> tuple[FileCheck, ...]:
        """`unseen` tells the files that were not looked at, and why."""
        unseen = dict(expanded_names(night.get("unseen", {})))
        return tuple(make_check(name, values, unseen.get(name)) for name, values in self.shown.items())


def expanded_names(table: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for pattern, value in table.items():
        yield from ((name, value) for name in names([pattern]))


def make_check(name: str, values: Mapping[str, Any], unseen: str | None) -> FileCheck:
    dataset, _, file = name.partition("/")
    known = {**values, "columns": tuple(values.get("columns", ())), "url": f"https://p.example/{name}"}
    why = unseen or known.pop("why", "")
    outcome = FileOutcome.UNSEEN if unseen else FileOutcome.FAILED if why else FileOutcome.OK
    if outcome is not FileOutcome.OK:
        known = {key: value for key, value in known.items() if key in ("name", "status", "url", "kind", "declared")}
    elif file:
        known.setdefault("content_hash", digest([known["columns"], known.get("rows"), known.get("content")]))
    known.pop("content", None)
    return FileCheck(dataset, file, outcome=outcome, why=why, **{"name": file, **known})


def make_round(night: Mapping[str, Any], desk: Desk, run: Run, seq: int) -> FileRound:
    """The round of the night: an hour after the list was read."""
    at = run.at + timedelta(hours=1)
    return FileRound(
        f"{run.slug}-files-{at:%Y%m%dT%H}", run.portal, run.slug, seq, at, at, at, "p.example", desk.checks(night)
    )


@dataclass
class Looked:
    """The rounds of a story, as a fold of runs asks for them."""

    rounds: list[FileRound]

    def hashed(self, dataset: str, since: datetime, until: datetime) -> bool:
        return any(dataset in looks and hashes_of(looks[dataset]) for looks in self._between(since, until))

    def counted(self, dataset: str, since: datetime, until: datetime) -> bool:
        return any(
            one.rows is not None
            for looks in self._between(since, until)
            if dataset in looks
            for one in looks[dataset].files.values()
        )

    def _between(self, since: datetime, until: datetime) -> Iterator[Mapping[str, Any]]:
        return (by_dataset(one.checks) for one in self.rounds if since < one.at <= until)


@dataclass
class Story:
    """Runs of one portal and what is expected of them."""

    runs: list[Run]
    shelf: Shelf
    told: Mapping[str, Any] = field(default_factory=dict)
    uplink: frozenset[str] = frozenset()
    beside: Beside = field(default_factory=Beside)
    rounds: list[FileRound] = field(default_factory=list)

    def fold(self, memory: Memory | None = None, upto: int | None = None) -> tuple[Memory, list[Event]]:
        memory = memory or Memory(PortalState(self.runs[0].portal, ""))
        events: list[Event] = []
        for run in self.runs[:upto]:
            folded = self.fold_one(memory, run)
            memory = folded.memory
            events += folded.events
        return memory, events

    def fold_files(self, memory: FileMemory | None = None, upto: int | None = None) -> tuple[FileMemory, list[Event]]:
        memory = memory or FileMemory(self.runs[0].portal)
        events: list[Event] = []
        for looked in self.rounds[:upto]:
            folded = self.fold_round(memory, looked)
            memory = folded.memory
            events += folded.events
        return memory, events

    def fold_round(self, memory: FileMemory, looked: FileRound) -> FilesFolded:
        before = [run for run in self.runs if run.at <= looked.at]
        entries = {name: one for run in before for name, one in self.shelf.entries(run.manifest).items()}
        excused = before[-1].id in self.uplink or before[-1].verdict in (Verdict.UNREACHABLE, Verdict.BLOCKED)
        lens = replace(RunView(before[-1], self.shelf).lens, now=looked.at)
        return fold_round(memory, RoundView(looked, self.shelf, lens, entries, excused=excused), policy())

    def fold_one(self, memory: Memory, run: Run) -> Folded:
        view = RunView(
            run, self.shelf, uplink_down=run.id in self.uplink, neighbours=self.beside, samples=Looked(self.rounds)
        )
        return stored(self.shelf, fold(memory, view, policy()))  # type: ignore[arg-type]

    def day(self, event: Event) -> int:
        return day_of(event.at)

    def shown(self, memory: Memory) -> Summary:
        return summary(memory.state, RunView(self.runs[-1], self.shelf).lens, policy())


def day_of(at: datetime) -> int:
    return (at.astimezone(SHANGHAI).date() - DAY_ZERO.date()).days


def story(told: Mapping[str, Any]) -> Story:
    """The runs that a case's nights make, and the rounds of looks at its files where it has any."""
    world, shelf, runs = World(), Shelf(), list[Run]()
    desk, rounds = Desk(), list[FileRound]()
    day, uplink = -1, set[str]()
    world.change({"set": told["start"]}, 0)
    desk.change(told.get("files", {}))
    for night in [told.get("first", {}), *told["nights"]]:
        for _ in range(night.get("times", 1)):
            day = night["day"] if "day" in night else day if "hour" in night else day + 1
            world.change(night, day)
            desk.change(night.get("files", {}))
            runs.append(make_run(told.get("run", {}) | night, world.seen(night), day, len(runs) + 1, shelf))
            if night.get("uplink_down"):
                uplink.add(runs[-1].id)
            if "files" in told and night.get("look_at_files", True):
                rounds.append(make_round(night, desk, runs[-1], len(rounds) + 1))
    return Story(runs, shelf, told, frozenset(uplink), others(told.get("beside_it", {}), shelf), rounds)


def others(told: Mapping[str, Any], shelf: Shelf) -> Beside:
    nights: dict[int, str] = {}
    for day, rows in told.get("parent", {}).items():
        shown = World()
        shown.change({"set": rows}, day)
        nights[day] = shelf.put_entries(
            [make_entry(n, row, {"slug": "province"}, shelf) for n, row in shown.rows.items()]
        )
    return Beside(nights, told.get("watched_days", 0))


def make_run(night: Mapping[str, Any], seen: Mapping[str, Any], day: int, seq: int, shelf: Shelf) -> Run:
    at = (DAY_ZERO + timedelta(days=day)).replace(hour=night.get("hour", 2)).astimezone(UTC)
    verdict, slug = Verdict(night.get("verdict", "complete")), night.get("slug", "testcity")
    reads = verdict in (Verdict.COMPLETE, Verdict.PARTIAL, Verdict.DRIFTED)
    entries = [make_entry(name, row, night, shelf) for name, row in seen.items()] if reads else []
    run = Run(
        id=f"{slug}-{at:%Y%m%dT%H}", portal=f"id-of-{slug}", slug=slug, family="test", epoch="e1", seq=seq,
        at=at, started=at, finished=at, verdict=verdict, reason=f"{verdict} as told",
        seen=len(entries), rows=len(entries), fields=ALL_FIELDS, declared=len(entries) if reads else None,
        manifest=shelf.put_entries(entries) if entries else None,
        detailed=sum(entry.detailed for entry in entries),
        look={name: LookResult(result) for key, result in night.get("look", {}).items() for name in names([key])},
    )  # fmt: skip
    changes = {key: night[key] for key in RUN_KEYS & night.keys() if key != "verdict"}
    if "fields" in changes:
        changes["fields"] = tuple(changes["fields"])
    return replace(run, **changes)


def make_entry(name: str, row: Mapping[str, Any], night: Mapping[str, Any], shelf: Shelf) -> Entry:
    read = set(night.get("fields", ALL_FIELDS))
    detailed, slug = row.get("detailed", True), night.get("slug", "testcity")
    parts = split({key: value for key, value in row.items() if key in read and value is not None})
    content = parts[Role.CONTENT]
    version = digest([slug, name, content])
    shelf.known_versions[version] = Version(
        version, f"id-of-{slug}", name, "test", content, page_url=f"https://p.example/{name}"
    )
    return Entry(name, digest(row), version, parts[Role.CLOCK], parts[Role.MEASURE], content.get("frequency"), detailed)


@pytest.fixture(scope="session")
def tell() -> Any:
    """Turn a case (mapping or YAML text) into a story."""
    return lambda told: story(yaml.safe_load(told) if isinstance(told, str) else told)


@pytest.fixture(scope="session")
def tale() -> SimpleNamespace:
    """The parts of a story, for tests that put one into the database."""
    return SimpleNamespace(day_zero=DAY_ZERO, day_of=day_of, make_run=make_run, Shelf=Shelf)
