"""Collects the evidence of an event: runs, manifest entries, versions with their raw bodies, corrections."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from alerts.model.events import Event, items
from alerts.publish.rows import before_absence, runs_named
from alerts.records.citations import NOTHING, CitationFinder, Sighting, cited_datasets, signs_of
from alerts.records.queries import events_where, of_part, rounds_of
from alerts.records.terms import TERMS_CHANGED
from opendata_spiders.store.file_checks import FileRound, by_ids
from opendata_spiders.store.models import Entry, Run, Version
from opendata_spiders.store.regrades import Regrade
from opendata_spiders.store.store import Store
from opendata_spiders.store.terms import TermsText, terms_texts

RUNS_MAX = 60
"""Most runs of one event that an archive holds."""
DATASETS_MAX = 2000


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
    names = dict.fromkeys(
        [*runs_named(event), *(str(sign["run"]) for sign in signs_of(event.evidence) if sign.get("run"))]
    )
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
    subjects = tuple(_subjects(store, event))
    seen = {side.run for subject in subjects for side in (subject.before, subject.after) if side}
    more = [run for name in sorted(seen - runs.keys()) if (run := store.run(name))]
    return Dossier(event, [*ordered, *more], before, after, regraded, subjects, _corrections(store, event))


def _subjects(store: Store, event: Event) -> Iterator[Subject]:
    """Each dataset that the event is about, in the run of the event and in the last earlier run that listed it."""
    named = _datasets(store, event)
    found = CitationFinder(store, event.portal).find(event.run, named) if named else {}
    seen = (side for one in found.values() for side in (one.before, one.after) if side and side.entry)
    versions = store.versions({side.entry.version for side in seen if side.entry})
    for dataset, title in named.items():
        cited = found.get(dataset, NOTHING)
        yield Subject(dataset, title, _side(cited.before, versions), _side(cited.after, versions))


def _side(seen: Sighting | None, versions: Mapping[str, Version]) -> Side | None:
    if seen is None:
        return None
    return Side(seen.run, seen.entry, versions.get(seen.entry.version) if seen.entry else None)


def _datasets(store: Store, event: Event) -> dict[str, str]:
    """Native id and title of each dataset that the event is about, as many as an archive holds."""
    found = cited_datasets(event.dataset, event.title, event.evidence)
    if event.kind == "bulk.import":
        query = {**of_part(event.part), "run": event.run, "kind": "dataset.new"}
        new = store.db["events"].find(query, {"dataset": 1, "title": 1}).sort("seq", 1).limit(DATASETS_MAX)
        found |= {one["dataset"]: one["title"] for one in new}
    return dict(islice(found.items(), DATASETS_MAX))


def _corrections(store: Store, event: Event) -> Sequence[Event]:
    around = {event.id, str(event.evidence.get("restates") or event.id)}
    events = events_where(store, portals=[event.portal])
    return [one for one in events if {one.evidence.get("retracted"), one.evidence.get("restates")} & around]
