"""The states of all portals as they were at a past moment, derived again from checkpoints and the runs until then.

Verdicts and retractions count that a person had given by that moment. The register is today's.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from alerts.corrections.derive import Derived, Rules, derive, known_before
from alerts.corrections.event_log import EventLog, load_event_log
from alerts.corrections.file_events import derive_files, files_known_before
from alerts.engine.runner import PortalRef, place_of
from alerts.model.events import owner_of, portal_of
from alerts.model.file_states import FileMemory
from alerts.model.policy import policy
from alerts.model.states import portal_document
from alerts.records.isolation import apart
from alerts.records.parts import part_ids
from alerts.records.state_source import PastStates, StoredStates
from opendata_spiders.register import Register
from opendata_spiders.store.file_checks import last_seq, rounds
from opendata_spiders.store.models import Run
from opendata_spiders.store.regrades import graded
from opendata_spiders.store.store import Store


def states_at(store: Store, register: Register, at: datetime) -> PastStates:
    """The states after the runs up to `at` (aware, UTC); a portal that cannot be derived is left out and reported.

    Takes about as long as a diff of the runs since the last checkpoint before `at`; without one, of all until then.
    """
    found: dict[str, Derived] = {}
    files: dict[str, FileMemory] = {}
    parts = part_ids(StoredStates(store))
    for portal, slug in _portals(store, at):
        with apart("portal", slug):
            place = place_of(register, portal, slug)
            runs = _runs(store, portal, at)
            owners = [owner_of(part) for part in parts if portal_of(part) == portal]
            for one in (place, *map(place.part, owners)):
                derived = _derived(store, one, runs, at)
                if one is place or derived.memory.state.size or derived.memory.datasets:
                    found[one.id] = derived
            start = files_known_before(store, portal, last_seq(store.db, portal, at) + 1, made_by=at)
            checked = (one for one in rounds(store.db, portal, after_seq=start.last_seq) if one.at <= at)
            files[portal] = derive_files(store, place, start, checked, _event_log(store, place, at).words())
    return PastStates(
        {name: portal_document(one.memory.state, one.shown) for name, one in found.items() if one.shown},
        {name: Counter(state.status.value for state in one.memory.datasets.values()) for name, one in found.items()},
        files,
    )


def _portals(store: Store, at: datetime) -> Iterator[tuple[str, str]]:
    """Id and slug of every portal with a run by then."""
    newest = {"$group": {"_id": "$portal", "slug": {"$first": "$slug"}}}
    rows = store.db["runs"].aggregate([{"$match": {"at": {"$lte": at}}}, {"$sort": {"portal": 1, "seq": -1}}, newest])
    yield from ((str(row["_id"]), str(row["slug"])) for row in rows)


def _runs(store: Store, portal: str, at: datetime) -> list[Run]:
    known = store.regrades(portal, until=at)
    return [graded(run, known) for run in store.runs(portal) if run.at <= at]


def _derived(store: Store, place: PortalRef, runs: list[Run], at: datetime) -> Derived:
    event_log = _event_log(store, place, at)
    rules = Rules(store, place, policy(), store.our_failures(), event_log.words())
    return derive(known_before(rules, runs[-1].seq + 1, event_log, made_by=at), runs, rules)


def _event_log(store: Store, place: PortalRef, at: datetime) -> EventLog:
    return load_event_log(store, place.id).up_to(at)
