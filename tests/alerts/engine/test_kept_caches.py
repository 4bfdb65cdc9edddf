"""What is kept beside a portal's state, so that a fold need not read the whole catalogue, changes nothing it states."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alerts.engine.repository import load, prepare
from alerts.engine.runner import PortalRef, fold_new
from alerts.model.catalogue_dates import CatalogueDates, mark
from alerts.model.events import Event
from alerts.model.habits import Habit, Habits
from alerts.model.memory import Memory
from alerts.model.policy import policy
from alerts.model.states import PortalState, habits_document
from alerts.records.kept_by_dataset import StoredHabits
from opendata_spiders.store.content import canonical, pack, read_canonical, unpack
from opendata_spiders.store.manifests import bucket
from opendata_spiders.store.store import Store
from tests.alerts.comparison.test_dating import night, rows
from tests.alerts.engine.test_fold import a_year

PLACE = PortalRef("id-of-testcity", "testcity")
DORMANT = {f"q{number}": {"frequency": "不定期", "updated": f"D-{720 - number}"} for number in range(15)}
"""Datasets without a promise that become dormant one after the other, from the eleventh night on."""


def brief(events: list[Event]) -> list[Any]:
    return [(one.kind, one.dataset, one.confidence, one.since, one.evidence.get("claimed")) for one in events]


def without_manifests(state: PortalState) -> PortalState:
    return replace(state, known=None, trusted=None, coverage=replace(state.coverage, manifest=None))


def forgetful(story: Any) -> tuple[Memory, list[Event]]:
    """A fold that counts the whole catalogue anew each night."""
    memory, events = Memory(PortalState(story.runs[0].portal, "")), list[Event]()
    for run in story.runs:
        folded = story.fold_one(replace(memory, dates=CatalogueDates()), run)
        memory = folded.memory
        events += folded.events
    return memory, events


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows, st.lists(night, min_size=1, max_size=10))
def test_counting_anew_each_night_states_the_same(tell: Any, first: dict[str, Any], nights: Any) -> None:
    story = tell({"start": {"d1..d5": {}, **first}, "nights": nights})
    (memory, events), (again, more) = story.fold(), forgetful(story)
    assert more == events
    assert (again.state, again.datasets, again.habits) == (memory.state, memory.datasets, memory.habits)


@pytest.mark.parametrize("dropped", [(), ("catalogue_dates",)])
def test_months_of_diffs_state_what_one_fold_in_memory_states(
    store: Store, tell: Any, put: Callable[..., Any], dropped: tuple[str, ...]
) -> None:
    told = a_year(seed=11)
    story = tell({"start": {**told["start"], **DORMANT}, "nights": told["nights"][:45]})
    (memory, events), (again, more), stated = story.fold(), forgetful(story), list[Event]()
    for number in range(len(story.runs)):
        put(story, number, number + 1)
        for name in dropped:
            store.db[name].delete_many({})
        stated += fold_new(store, PLACE, policy()).events
    assert brief(stated) == brief(events) == brief(more)
    assert {"dataset.dormant", "dataset.due", "dataset.updated", "dataset.overdue"} <= {one.kind for one in stated}
    kept = load(store, PLACE.id)
    assert without_manifests(kept.state) == without_manifests(memory.state) == without_manifests(again.state)
    assert kept.habits == memory.habits
    assert kept.datasets == memory.datasets
    assert replace(kept.dates, manifest=None) == replace(memory.dates, manifest=None)


def test_a_database_of_an_earlier_layout_is_read_on(store: Store, tell: Any, put: Callable[..., Any]) -> None:
    story = tell(a_year(seed=7) | {"nights": a_year(seed=7)["nights"][:30]})
    _, events = story.fold()
    put(story, 0, 20)
    stated = fold_new(store, PLACE, policy()).events
    habits = load(store, PLACE.id).habits
    assert habits
    _as_before(store, habits)
    put(story, 20, None)
    stated += fold_new(store, PLACE, policy()).events
    assert brief(stated) == brief(events)
    assert {one.dataset: one.page_url for one in stated} == {one.dataset: one.page_url for one in events}
    assert store.db["habits"].count_documents({"_id": PLACE.id}) == 0
    assert load(store, PLACE.id).habits == story.fold()[0].habits


def _as_before(store: Store, habits: Habits) -> None:
    """Habits and dates as one packed document a portal, page addresses as a part of the evidence."""
    store.db["catalogue_dates"].replace_one({"_id": PLACE.id}, {"packed": pack(canonical({"manifest": "old"}))})
    packed = pack(canonical({name: [list(one.days), one.bare, one.bare_since] for name, one in habits.items()}))
    store.db["habits"].delete_many({})
    store.db["habits"].insert_one({"_id": PLACE.id, "packed": packed})
    for found in store.db.versions.find():
        bodies = read_canonical(unpack(found["evidence"]))
        evidence = pack(canonical([*bodies, found["page_url"]]))
        store.db.versions.update_one({"_id": found["_id"]}, {"$set": {"evidence": evidence}, "$unset": {"page_url": 1}})


def test_slow_habits_are_found_without_reading_all(store: Store) -> None:
    prepare(store)
    every = {
        f"d{number}": _every(days, times) for number, (days, times) in enumerate([(400, 4), (400, 2), (30, 6)] * 40)
    }
    for place, habits in Habits(since=every).in_buckets(map(bucket, every)).items():
        store.db["habits"].insert_one(habits_document(PLACE.id, place, habits))
    kept = Habits(StoredHabits(store, PLACE.id))
    assert kept == every
    assert kept.of(["d0", "d1", "none"]) == {name: every[name] for name in ("d0", "d1")}
    assert kept.slower_than(365, 3) == {name: one for name, one in every.items() if (one.own_gap(3) or 0) > 365}
    assert len(kept.slower_than(365, 3)) == 40
    later = kept.changed({"d0": None, "d1": every["d0"], "d3": every["d3"]})
    assert later.since == {"d0": None, "d1": every["d0"]}
    assert "d1" in later.slower_than(365, 3)
    assert "d0" not in {**later, **later.slower_than(365, 3)}
    assert kept.changed({"d2": every["d2"]}) is kept


def _every(days: int, times: int) -> Habit:
    first = date(2020, 1, 1)
    return Habit(tuple((first + timedelta(days=days * number)).isoformat() for number in range(times)))


@given(st.text())
def test_the_first_byte_of_a_mark_is_the_bucket(dataset: str) -> None:
    assert mark(dataset)[:1].hex() == bucket(dataset)
