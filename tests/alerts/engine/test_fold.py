"""Properties of the fold: folding again, in pieces or from what the database keeps changes nothing."""

import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import bson
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alerts.model.catalogue_dates import dates_document, dates_of
from alerts.model.events import Event
from alerts.model.habits import Habits
from alerts.model.memory import Memory, MissingDatasets
from alerts.model.states import (
    bucket_document,
    bucket_states,
    habits_document,
    habits_of,
    portal_document,
    portal_state,
)
from opendata_spiders.store.models import Verdict

ACCUSING = {"dataset.removed", "dataset.unlisted", "bulk.deletion", "city.slowed", "city.stopping", "city.stopped"}
LATE = {"dataset.due", "dataset.overdue", "dataset.delinquent"}
IDS = [f"d{number}" for number in range(1, 25)]

some_ids = st.lists(st.sampled_from(IDS), max_size=10, unique=True)
changes = st.dictionaries(
    st.sampled_from(IDS),
    st.fixed_dictionaries(
        {},
        optional={
            "updated": st.sampled_from(["D", "D-20", "2031-01-01", ""]),
            "title": st.sampled_from(["公交线路", "公交 线路", "学校名录2024", "学校名录2025"]),
            "frequency": st.sampled_from(["每月", "每周", "不定期", ""]),
            "rows": st.sampled_from(["1", "2", "无"]),
            "open_type": st.sampled_from(["无条件开放", "有条件开放", "?"]),
        },
    ),
    max_size=6,
)
looks = st.dictionaries(st.sampled_from(IDS), st.sampled_from(["gone", "open", "unknown"]), max_size=12)
verdicts = st.sampled_from(["complete"] * 6 + ["partial", "blocked", "drifted", "empty", "unreachable", "failed"])
night = st.fixed_dictionaries(
    {"verdict": verdicts},
    optional={
        "set": changes,
        "hide": some_ids,
        "show": some_ids,
        "skip": some_ids,
        "look": looks,
        "times": st.sampled_from([1, 2, 30]),
        "declared": st.sampled_from([20, 24, 30]),
        "epoch": st.just("e2"),
    },
)
nights = st.lists(night, min_size=1, max_size=12)
bounded = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def told(nights: list[dict[str, Any]]) -> dict[str, Any]:
    return {"start": {"d1..d20": {"frequency": "每月"}}, "nights": nights}


def kept(memory: Memory, story: Any) -> Memory:
    """What is left of a memory after the database."""
    document = portal_document(memory.state, story.shown(memory))
    datasets = bucket_states(bucket_document(memory.state.portal, "00", memory.datasets.values()))
    habits = Habits(since=habits_of(habits_document(memory.state.portal, "00", memory.habits)))
    dates = dates_of(bson.decode(bson.encode(dates_document(memory.state.portal, memory.dates))))
    missing = MissingDatasets(since={one.dataset: one for one in datasets})
    return Memory(portal_state(document), missing, habits, dates)


@bounded
@given(nights)
def test_the_database_forgets_nothing(tell: Any, nights: list[dict[str, Any]]) -> None:
    story = tell(told(nights))
    memory, events = story.fold()
    assert kept(memory, story) == memory
    stepwise, again = Memory(replace(memory.state, **_blank(memory))), list[Event]()
    for run in story.runs:
        folded = story.fold_one(stepwise, run)
        stepwise = kept(folded.memory, story)
        again += folded.events
    assert again == events
    assert stepwise == memory


def _blank(memory: Memory) -> dict[str, Any]:
    fresh = type(memory.state)(memory.state.portal, "")
    return {name: getattr(fresh, name) for name in fresh.__slots__ if name != "portal"}


@bounded
@given(nights)
def test_folding_twice_adds_nothing(tell: Any, nights: list[dict[str, Any]]) -> None:
    story = tell(told(nights))
    memory, events = story.fold()
    again, more = story.fold(memory)
    assert (again, more) == (memory, [])
    assert len({event.id for event in events}) == len(events)


@bounded
@given(nights)
def test_only_complete_runs_accuse(tell: Any, nights: list[dict[str, Any]]) -> None:
    story = tell(told(nights))
    verdicts = {run.id: run.verdict for run in story.runs}
    _, events = story.fold()
    assert all(verdicts[event.run] is Verdict.COMPLETE for event in events if event.kind in ACCUSING | LATE)


@bounded
@given(nights, st.lists(st.tuples(st.integers(0, 12), st.sampled_from(["blocked", "unreachable", "failed", "empty"]))))
def test_runs_that_read_nothing_change_no_accusation(
    tell: Any, nights: list[dict[str, Any]], inserted: list[tuple[int, str]]
) -> None:
    disturbed = list(nights)
    for hour, (place, verdict) in enumerate(sorted(inserted, reverse=True)[:12]):
        disturbed.insert(min(place, len(nights)), {"verdict": verdict, "hour": 3 + hour})
    assert accusations(tell(told(disturbed))) == accusations(tell(told(nights)))


def accusations(story: Any) -> list[tuple[Any, ...]]:
    _, events = story.fold()
    return [(story.day(one), one.kind, one.dataset) for one in events if one.kind in ACCUSING | LATE]


def test_a_replayed_year_is_the_same_year(tell: Any) -> None:
    story = tell(a_year(seed=7))
    _, events = story.fold()
    _, again = tell(a_year(seed=7)).fold()
    assert events == again
    kinds = {event.kind for event in events}
    assert kinds > {"dataset.removed", "dataset.updated", "dataset.overdue", "dataset.new"}


def a_year(seed: int) -> Mapping[str, Any]:
    """365 nights of a portal with habits, some of them not complete."""
    dice = random.Random(seed)
    nights: list[dict[str, Any]] = []
    for _ in range(365):
        verdict = dice.choices(["complete", "partial", "blocked", "unreachable"], [20, 1, 1, 1])[0]
        moved = {f"d{dice.randint(1, 60)}": {"updated": "D"} for _ in range(dice.randint(0, 2))}
        gone = [f"d{dice.randint(1, 60)}"] if dice.random() < 0.05 else []
        nights.append({"verdict": verdict, "set": moved, "hide": gone, "skip": [f"d{dice.randint(1, 60)}"]})
    return {"start": {"d1..d40": {"frequency": "每月"}}, "nights": nights}


def test_a_run_that_was_folded_is_not_folded_again_after_later_ones(tell: Any) -> None:
    story = tell({"start": {"a": {}, "b": {}}, "nights": [{"set": {"c": {}}}, {}, {"hide": ["b"]}]})
    memory, _ = story.fold()
    late = story.fold_one(memory, story.runs[1])
    assert (late.memory, late.events) == (memory, ())


def test_events_say_when_and_by_which_run(tell: Any) -> None:
    story = tell({"start": {"a": {}, "b": {}}, "nights": [{"set": {"c": {}}}]})
    _, events = story.fold()
    assert [(one.run, one.at, one.page_url) for one in events] == [
        (story.runs[1].id, datetime(2026, 1, 1, 18, tzinfo=UTC), "https://p.example/c")
    ]
