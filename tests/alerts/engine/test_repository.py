"""The diff on a real database: committed once, whoever runs it, however often and however it ends."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from alerts.comparison.chunk_reader import ChunkReader
from alerts.comparison.run_view import RunView
from alerts.engine.fold import Folded, fold, summary
from alerts.engine.repository import RaceLostError, commit, load, prepare, put_events
from alerts.engine.runner import PortalRef, fold_new, stored
from alerts.model.events import Confidence, Event, Severity
from alerts.model.memory import Memory
from alerts.model.policy import policy
from alerts.model.states import PortalState, Summary
from alerts.records.queries import events_after, events_where, newest_seq, portal_states
from alerts.records.state_source import StoredStates
from alerts.text.labels import kind_name
from opendata_spiders.store.codec import to_document
from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.connect import Store

TOLD = {
    "start": {"d1..d30": {"frequency": "每月"}},
    "nights": [
        {"set": {"d3": {"updated": "D"}, "n1": {}}},
        {"verdict": "partial", "only": ["d1", "n2"], "set": {"n2": {"description": "新"}}},
        {"hide": ["d5"], "look": {"d5": "gone"}},
        {"verdict": "blocked"},
        {"look": {"d5": "gone"}, "set": {"d6": {"title": "公交\x1b[31m线路"}}},
        {"times": 40},
        {"show": ["d5"]},
    ],
}
PLACE = PortalRef("id-of-testcity", "testcity")
Put = Callable[..., None]


@pytest.fixture
def put(store: Store) -> Put:
    """Commit a story's runs as the crawl would."""

    def put_runs(story: Any, first: int = 0, last: int | None = None) -> None:
        prepare(store)
        store.put_versions(story.shelf.known_versions.values())
        for run in story.runs[first:last]:
            store.commit(replace(run, manifest=None), story.shelf.entries(run.manifest).values())

    return put_runs


@pytest.fixture
def environment(store_config: StoreConfig) -> dict[str, str]:
    return {**os.environ, "MONGODB_URI": str(store_config.uri), "MONGODB_DATABASE": store_config.database}


def start_diff(environment: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "alerts", "diff", "--json"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def brief(events: list[Event]) -> list[Any]:
    return [(one.id, one.kind, one.dataset, one.run) for one in events]


def without_manifests(state: PortalState) -> PortalState:
    return replace(state, known=None, trusted=None, coverage=replace(state.coverage, manifest=None))


def test_the_database_says_what_memory_says(store: Store, tell: Any, put: Put) -> None:
    story = tell(TOLD)
    put(story)
    report = fold_new(store, PLACE, policy())
    memory, events = story.fold()
    assert report.folded == len(story.runs)
    assert brief(report.events) == brief(events)
    assert [event.evidence["runs"] for event in report.events if "runs" in event.evidence] == [
        event.evidence["runs"] for event in events if "runs" in event.evidence
    ]
    kept = load(store, PLACE.id)
    assert without_manifests(kept.state) == without_manifests(memory.state)
    assert kept.habits == memory.habits
    assert memory.habits["d3"].days == ("2026-01-01", "2026-01-02")
    assert fold_new(store, PLACE, policy()).events == []


def test_skipped_nights_are_not_lost(store: Store, tell: Any, put: Put) -> None:
    story = tell(TOLD)
    events: list[Event] = []
    for night in range(len(story.runs)):
        put(story, night, night + 1)
        if night % 3 == 0 or night == len(story.runs) - 1:
            events += fold_new(store, PLACE, policy()).events
    assert brief(events) == brief(story.fold()[1])


def test_events_are_numbered_in_order_and_read_back(store: Store, tell: Any, put: Put) -> None:
    put(tell(TOLD))
    stated = fold_new(store, PLACE, policy()).events
    assert [event.seq for event in stated] == list(range(1, len(stated) + 1))
    assert events_after(store, 0) == stated
    assert events_after(store, 3, 2) == stated[3:5]
    assert newest_seq(store) == len(stated)
    assert list(events_where(store, portals=["another"])) == []


def test_states_are_read_back(store: Store, tell: Any, put: Put) -> None:
    story = tell({"start": {"a": {"updated": "D-300", "frequency": "每月"}, "b": {"updated": "D-400"}}, "nights": [{}]})
    put(story)
    fold_new(store, PLACE, policy())
    (view,) = portal_states(StoredStates(store))
    assert (view.slug, view.state, view.days_silent, view.nights_observed) == ("testcity", "stopped", 301, 2)
    assert view.confidence is Confidence.CLAIMED
    assert (view.counts["known"], view.counts["delinquent"], view.counts["no_promise"]) == (2, 1, 1)
    assert view.evidence is not None
    assert (view.evidence.kind, view.evidence.dataset) == ("claimed", "a")


def test_what_an_older_version_believed_and_stated_is_still_read(store: Store, tell: Any, put: Put) -> None:
    story = tell({"start": {"a": {}, "b": {}}, "nights": [{"hide": ["b"]}, {}, {}]})
    put(story, 0, 2)
    fold_new(store, PLACE, policy())
    (missing,) = load(store, PLACE.id).datasets.values()
    store.db["missing_datasets"].delete_many({})
    one_each = {"portal": PLACE.id, **to_document(missing), "merged_into": "n", "split_into": ["m", "n"]}
    store.db["dataset_states"].insert_one(one_each)
    prepare(store)
    assert "dataset_states" not in store.db.list_collection_names()
    old = Event("x", "dataset.merged", PLACE.id, "testcity", "n", "run", story.runs[1].at, Severity.NOTABLE,
                Confidence.PROBABLE, rule="merged/1", evidence={"count": 2, "old": [{"id": "b"}]})  # fmt: skip
    store.transact(lambda session: put_events(store, (old,), session))
    assert load(store, PLACE.id).datasets.keys() == {"b"}
    put(story, 2)
    assert [event.kind for event in fold_new(store, PLACE, policy()).events] == ["dataset.removed"]
    (kept,) = [event for event in events_after(store, 0) if event.kind == "dataset.merged"]
    assert kept == replace(old, seq=kept.seq)
    assert kind_name(kept.kind).en == "datasets merged"


def test_the_slower_of_two_diffs_writes_nothing(store: Store, tell: Any, put: Put) -> None:
    story = tell(TOLD)
    put(story)
    run = next(store.runs(PLACE.id))
    before, view = Memory(PortalState(PLACE.id, "")), RunView(run, ChunkReader(store))
    folded = fold(before, view, policy())
    shown = summary(folded.memory.state, view.lens, policy())
    commit(store, before, folded, shown)
    with pytest.raises(RaceLostError):
        commit(store, before, folded, shown)


def test_two_diffs_at_once_do_no_harm(store: Store, tell: Any, put: Put, environment: dict[str, str]) -> None:
    stories = [tell(TOLD | {"run": {"slug": f"city{number}"}}) for number in range(4)]
    for story in stories:
        put(story)
    both = [start_diff(environment), start_diff(environment)]
    printed = [json.loads(process.communicate(timeout=120)[0]) for process in both]
    assert [process.returncode for process in both] == [0, 0]
    expected = sorted(event.id for story in stories for event in story.fold()[1])
    assert sorted(event["id"] for events in printed for event in events) == expected
    assert [event.seq for event in events_after(store, 0)] == list(range(1, len(expected) + 1))


@pytest.fixture
def short_lived(store: Store) -> Iterator[None]:
    """A dead client's transaction holds its locks for a minute; here for two seconds."""
    admin = store.db.client.admin
    admin.command("setParameter", 1, transactionLifetimeLimitSeconds=2)
    yield
    admin.command("setParameter", 1, transactionLifetimeLimitSeconds=60)


@pytest.mark.usefixtures("short_lived")
def test_killed_in_the_middle_and_run_again(store: Store, tell: Any, put: Put, environment: dict[str, str]) -> None:
    story = tell(TOLD | {"nights": [*TOLD["nights"], {"times": 200}]})  # type: ignore[misc]
    put(story)
    process = start_diff(environment)
    deadline = time.monotonic() + 60
    while load(store, PLACE.id).state.last_seq < 20 and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=30)
    assert 20 <= load(store, PLACE.id).state.last_seq < len(story.runs), "not killed in the middle"
    fold_new(store, PLACE, policy())
    assert brief(events_after(store, 0)) == brief(story.fold()[1])


@pytest.fixture
def many(tell: Any) -> tuple[Folded, Summary]:
    """A fold that states twenty thousand events, and what is shown after it."""
    story = tell({"start": {"a": {}}, "nights": []})
    run = story.runs[0]
    events = tuple(
        Event(
            f"e{number}", "dataset.due", run.portal, run.slug, f"d{number}", run.id, run.at, Severity.QUIET,
            Confidence.CLAIMED, title="全市公交站点", office="交通局", evidence={"runs": ["a", "b"], "declared": 1},
        )
        for number in range(20_000)
    )  # fmt: skip
    memory = Memory(replace(PortalState(run.portal, run.slug), last_seq=1))
    return Folded(memory, events), story.shown(memory)


def test_twenty_thousand_events_of_one_night(
    store: Store, many: tuple[Folded, Summary], capsys: pytest.CaptureFixture[str]
) -> None:
    prepare(store)
    begun = time.monotonic()
    written = commit(store, Memory(PortalState(PLACE.id, "")), *many)
    with capsys.disabled():
        print(f"\n20,000 events of one night: {time.monotonic() - begun:.2f} s")
    assert [event.id for event in written] == [event.id for event in many[0].events]
    assert [event.seq for event in events_after(store, 0)] == list(range(1, 20_001))


def test_what_a_diff_that_ended_early_did_not_state_is_stated_by_the_next(
    store: Store, many: tuple[Folded, Summary]
) -> None:
    prepare(store)
    (folded, shown), nothing = many, Memory(PortalState(PLACE.id, ""))
    commit(store, nothing, Folded(folded.memory), shown)
    with pytest.raises(RaceLostError):
        commit(store, nothing, folded, shown)
    begun = len(events_after(store, 0))
    assert 0 < begun < 20_000
    later = replace(folded.memory, state=replace(folded.memory.state, last_seq=2))
    assert len(commit(store, folded.memory, replace(folded, memory=later), shown)) == 20_000 - begun
    assert load(store, PLACE.id).state.last_seq == 2
    assert len(events_after(store, 0)) == 20_000


def test_of_a_fold_on_what_is_not_believed_any_more_nothing_is_stated(
    store: Store, many: tuple[Folded, Summary]
) -> None:
    prepare(store)
    (folded, shown), nothing = many, Memory(PortalState(PLACE.id, ""))
    commit(store, nothing, Folded(folded.memory), shown)
    other = replace(folded.memory, state=replace(folded.memory.state, last_seq=7))
    with pytest.raises(RaceLostError):
        commit(store, other, folded, shown)
    assert events_after(store, 0) == []


def test_hostile_text_is_kept(store: Store, tell: Any, put: Put) -> None:
    hostile = {"title": "a\ud800\x00b", "resources": [{"$x.\x00y": 2**70}]}
    put(tell({"start": {"a": {}}, "nights": [{"set": {"a": hostile, "n": hostile}}]}))
    report = fold_new(store, PLACE, policy())
    assert {event.kind for event in report.events} == {
        "dataset.new",
        "dataset.renamed",
        "dataset.changed",
        "dataset.updated",
    }
    assert {event.title for event in events_after(store, 0)} == {"a\ufffd\x00b"}


def test_a_partial_manifest_is_stored(store: Store, tell: Any, put: Put) -> None:
    story = tell({"start": {"a": {}, "b": {}}, "nights": [{"verdict": "partial", "only": ["c"], "set": {"c": {}}}]})
    put(story)
    fold_new(store, PLACE, policy())
    assert set(store.entries(load(store, PLACE.id).state.known)) == {"a", "b", "c"}
    assert stored(store, Folded(Memory(PortalState("x", "")))).renewed is None


@pytest.mark.slow
def test_a_catalogue_of_a_province_may_vanish_in_one_night(store: Store, tell: Any, put: Put) -> None:
    """One transaction holds the states of 40,000 missing datasets; some 19,000 were too many, a document each."""
    every = [f"d{number}" for number in range(1, 40_001)]
    put(tell({"start": {"d1..d40000": {}, "kept": {}}, "nights": [{"hide": every}, {}]}))
    fold_new(store, PLACE, policy())
    assert load(store, PLACE.id).datasets.keys() == set(every)
    (view,) = portal_states(StoredStates(store))
    assert (view.counts["pending"] + view.counts.get("held", 0), view.counts["known"]) == (40_000, 1)
