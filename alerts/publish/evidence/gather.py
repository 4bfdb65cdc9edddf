"""Collects the evidence of an event: runs, manifest entries, versions with their raw bodies, corrections."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from alerts.model.events import Event
from alerts.publish.rows import before_absence, items, runs_named
from alerts.records.queries import events_where, of_part, rounds_of
from alerts.records.terms import TERMS_CHANGED
from opendata_spiders.store.file_checks import FileRound, by_ids
from opendata_spiders.store.manifests import bucket, read_chunks
from opendata_spiders.store.models import Entry, Run, Version
from opendata_spiders.store.regrades import Regrade, graded
from opendata_spiders.store.store import Store
from opendata_spiders.store.terms import TermsText, terms_texts
from opendata_spiders.store.writing import missing_ids

RUNS_MAX = 60
"""Most runs of one event that an archive holds."""
DATASETS_MAX = 2000
BACK_MAX = 400
"""Number of latest runs searched for the last one that listed a dataset."""


@dataclass(frozen=True, slots=True)
class Side:
    """One dataset in one run; without an entry the run did not list it."""

    run: str
    entry: Entry | None = None
    version: Version | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """One dataset before and after."""

    dataset: str
    title: str
    before: Side | None
    """The last earlier run that listed it; None if none is known."""
    after: Side | None


@dataclass(frozen=True, slots=True)
class Dossier:
    """One event with all its evidence."""

    event: Event
    runs: Sequence[Run]
    """As recorded, in order of seq."""
    before: Run | None
    """The run that the event compares with."""
    after: Run | None
    """The run in which it is stated."""
    regraded: Mapping[str, Regrade] = field(default_factory=dict)
    subjects: Sequence[Subject] = ()
    corrections: Sequence[Event] = ()
    """The event's retraction, and events that state it again."""
    terms: Sequence[TermsText] = ()
    """The texts of the terms of use that it compares, the old one first."""
    rounds: Sequence[FileRound] = ()
    """The rounds it rests on, in order of seq: with the checks of its dataset, or all for an event about the host."""

    @property
    def compared(self) -> tuple[str | None, str | None]:
        """Ids of the two runs, or rounds of file checks, that are compared."""
        if self.rounds:
            return (self.rounds[0].id if len(self.rounds) > 1 else None), self.rounds[-1].id
        return self.before.id if self.before else None, self.after.id if self.after else None


def gather(store: Store, event: Event) -> Dossier:
    """The dossier of an event; what the store no longer holds is left out."""
    if event.kind == TERMS_CHANGED:
        return Dossier(event, (), None, None, corrections=_corrections(store, event), terms=_terms(store, event))
    if not rounds_of(event):
        return _of_runs(store, event)
    rounds = by_ids(store.db, rounds_of(event))
    if event.dataset is not None:
        mine = (tuple(check for check in one.checks if check.dataset == event.dataset) for one in rounds)
        rounds = [replace(one, checks=checks) for one, checks in zip(rounds, mine, strict=True)]
    return Dossier(event, (), None, None, corrections=_corrections(store, event), rounds=rounds)


def _terms(store: Store, event: Event) -> list[TermsText]:
    kept = {one.hash: one for one in terms_texts(store.db, event.portal)}
    compared = (kept.get(str(event.evidence.get(name))) for name in ("hash_before", "hash_after"))
    return [one for one in compared if one is not None]


def _of_runs(store: Store, event: Event) -> Dossier:
    after = store.run(event.run)
    # The runs that the event names, including those of the signs of updates in its evidence.
    names = dict.fromkeys([*runs_named(event), *(str(sign["run"]) for sign in _signs(event) if sign.get("run"))])
    runs = {run.id: run for run in filter(None, map(store.run, list(names)[:RUNS_MAX]))}
    # It is compared with the first run that it names; if datasets are gone, with the last complete one before that.
    if event.evidence.get("absent"):
        before = before_absence(store, event, runs.get)
    else:
        named = [runs[str(name)] for name in items(event.evidence.get("runs")) if str(name) in runs]
        before = next((run for run in named if run.id != event.run), None)
    for run in (before, after):
        if run is not None:
            runs[run.id] = run
    ordered = sorted(runs.values(), key=lambda run: (run.portal, run.seq))
    regraded = {name: one for name, one in store.regrades(event.portal).items() if name in runs}
    finder = _DatasetFinder(store, event, after)
    subjects = tuple(finder.subject(dataset, title) for dataset, title in _datasets(store, event))
    seen = {side.run for subject in subjects for side in (subject.before, subject.after) if side}
    more = [run for name in sorted(seen - runs.keys()) if (run := store.run(name))]
    return Dossier(event, [*ordered, *more], before, after, regraded, subjects, _corrections(store, event))


def _signs(event: Event) -> list[Mapping[str, Any]]:
    signs = (event.evidence.get(key) for key in ("evidence", "evidence_before"))
    return [sign for sign in signs if isinstance(sign, Mapping)]


def _datasets(store: Store, event: Event) -> Iterable[tuple[str, str]]:
    """Native id and title of each dataset that the event is about."""
    found: dict[str, str] = {}
    if event.dataset is not None:
        found[event.dataset] = event.title
    if old := event.evidence.get("old_id"):
        found[str(old)] = str(event.evidence.get("old_title") or "")
    for one in items(event.evidence.get("datasets")):
        if isinstance(one, Mapping) and "id" in one:
            found.setdefault(str(one["id"]), str(one.get("title") or ""))
    for sign in _signs(event):
        if sign.get("dataset"):
            found.setdefault(str(sign["dataset"]), "")
    if event.kind == "bulk.import":
        query = {**of_part(event.part), "run": event.run, "kind": "dataset.new"}
        new = store.db["events"].find(query, {"dataset": 1, "title": 1}).sort("seq", 1).limit(DATASETS_MAX)
        found |= {one["dataset"]: one["title"] for one in new}
    return list(found.items())[:DATASETS_MAX]


class _DatasetFinder:
    """Finds datasets in the portal's runs; each chunk is read once."""

    def __init__(self, store: Store, event: Event, after: Run | None) -> None:
        self._store, self._event = store, event
        self._chunks: dict[str, dict[str, Entry]] = {}
        self._maps: dict[str, Mapping[str, str]] = {}
        last = after.seq if after else 0
        known = store.regrades(event.portal)
        runs = [graded(run, known) for run in store.runs(event.portal) if run.seq <= last and run.manifest]
        latest = runs[-BACK_MAX:][::-1]
        gone = missing_ids(store.db["manifests"], (run.manifest for run in latest if run.manifest))
        self._runs = [run for run in latest if run.manifest not in gone]

    def subject(self, dataset: str, title: str) -> Subject:
        """The dataset in the run of the event, and in the last earlier run that listed it."""
        after = self._side(self._runs[0], dataset) if self._states() else None
        earlier = self._runs[1:] if self._states() else self._runs
        listed = (side for run in earlier if (side := self._side(run, dataset)).entry)
        return Subject(dataset, title, next(listed, None), after)

    def _states(self) -> bool:
        return bool(self._runs) and self._runs[0].id == self._event.run

    def _side(self, run: Run, dataset: str) -> Side:
        manifest = run.manifest or ""
        if manifest not in self._maps:
            self._maps[manifest] = self._store.manifest(manifest).chunks
        chunk = self._maps[manifest].get(bucket(dataset))
        if chunk is not None and chunk not in self._chunks:
            ((_, entries),) = read_chunks(self._store.db, [chunk])
            self._chunks[chunk] = {entry.id: entry for entry in entries}
        entry = self._chunks[chunk].get(dataset) if chunk is not None else None
        if entry is None:
            return Side(run.id)
        return Side(run.id, entry, self._store.versions([entry.version]).get(entry.version))


def _corrections(store: Store, event: Event) -> Sequence[Event]:
    around = {event.id, str(event.evidence.get("restates") or event.id)}
    events = events_where(store, portals=[event.portal])
    return [one for one in events if {one.evidence.get("retracted"), one.evidence.get("restates")} & around]
