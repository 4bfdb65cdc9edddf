"""Rounds folded on a real database: committed once, whoever folds them and however it ends."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from alerts.audience.watches import Watch, add
from alerts.engine.file_fold import fold_round
from alerts.engine.repository import RaceLostError, commit_files, load_files
from alerts.engine.runner import PortalRef, fold_new, fold_rounds, round_view
from alerts.model.events import Event
from alerts.model.file_states import FileMemory
from alerts.model.policy import policy
from alerts.records.queries import events_after
from opendata_spiders.store.connect import Store
from opendata_spiders.store.file_checks import rounds

PLACE = PortalRef("id-of-testcity", "testcity")
NOW = datetime(2026, 1, 3, tzinfo=UTC)
TOLD: dict[str, Any] = {
    "start": {"a": {"title": "公交站点", "rows": "500"}, "b": {"title": "雨量"}, "c": {}},
    "run": {"details_read": 3},
    "files": {
        "a/": {},
        "a/x.csv": {"rows": 500, "columns": ["站点", "地址"]},
        "b/1": {"name": "雨量.csv", "rows": 900},
        "c/z.csv": {},
    },
    "nights": [
        {"times": 2, "files": {"a/x.csv": {"why": "not_found"}}},
        {"set": {"b": {"updated": "D-1", "rows": "7"}}},
        {"files": {"a/x.csv": "ok"}},
        {"set": {"b": {"updated": "D-1"}}, "unseen": {"c/z.csv": "login"}},
        {"files": {"a/x.csv": {"columns": ["站点", "详细地址"], "rows": 60}}},
        {"times": 3},
        {"files": {one: {"why": "html"} for one in ("a/x.csv", "b/1", "c/z.csv")}, "times": 4},
        {"files": {"b/1": "ok", "a/x.csv": "gone"}, "times": 4},
    ],
}
KINDS = [
    "resource.broken", "resource.fixed", "dataset.fake_update", "dataset.shrunk", "dataset.schema_changed",
    "platform.files_down", "platform.files_up", "resource.broken", "resource.broken",
]  # fmt: skip


def brief(events: list[Event]) -> list[Any]:
    return [(one.id, one.kind, one.dataset, one.run, one.title) for one in events]


def of_files(store: Store) -> list[Event]:
    return [one for one in events_after(store, 0) if "rounds" in one.evidence]


def test_the_database_says_what_memory_says(store: Store, tell: Any, put: Any) -> None:
    story = tell(TOLD)
    put(story)
    fold_new(store, PLACE, policy())
    report = fold_rounds(store, PLACE, policy())
    memory, events = story.fold_files()
    assert report.folded == len(story.rounds)
    assert [one.kind for one in report.events] == KINDS
    assert brief(report.events) == brief(events)
    assert report.events[0].title == "公交站点"
    assert load_files(store, PLACE.id) == memory
    assert [one.seq for one in events_after(store, 0)] == list(range(1, len(events_after(store, 0)) + 1))
    assert fold_rounds(store, PLACE, policy()).events == []


def test_night_by_night_and_all_at_once_say_the_same(store: Store, tell: Any, put: Any) -> None:
    """Runs ask for the looks made before them, rounds for the runs before them: whenever either is folded."""
    story = tell(TOLD)
    stated: list[Event] = []
    for night in range(len(story.runs)):
        put(story, night, night + 1)
        stated += fold_new(store, PLACE, policy()).events + fold_rounds(store, PLACE, policy()).events
    for name in ("events", "states", "missing_datasets", "habits", "file_states"):
        store.db[name].delete_many({})
    again = fold_new(store, PLACE, policy()).events + fold_rounds(store, PLACE, policy()).events
    assert sorted(brief(again)) == sorted(brief(stated))
    kinds = [one.kind for one in again]
    assert kinds.count("dataset.shrunk") == 1, "the printed number of rows fell too, but the files are counted"
    assert kinds.count("dataset.fake_update") == 1


def test_the_slower_of_two_diffs_writes_nothing(store: Store, tell: Any, put: Any) -> None:
    put(tell(TOLD))
    first = next(rounds(store.db, PLACE.id))
    folded = fold_round(FileMemory(PLACE.id), round_view(store, PLACE, first, ()), policy())
    commit_files(store, FileMemory(PLACE.id), folded)
    with pytest.raises(RaceLostError):
        commit_files(store, FileMemory(PLACE.id), folded)


def start_diff(environment: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "alerts", "diff", "--json"],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def test_two_diffs_at_once_do_no_harm(store: Store, tell: Any, put: Any, environment: dict[str, str]) -> None:
    story = tell(TOLD)
    put(story)
    both = [start_diff(environment), start_diff(environment)]
    printed = [json.loads(process.communicate(timeout=120)[0]) for process in both]
    assert [process.returncode for process in both] == [0, 0]
    said = [event["kind"] for events in printed for event in events if "rounds" in event["evidence"]]
    assert sorted(said) == sorted(KINDS)
    assert brief(of_files(store)) == brief(story.fold_files()[1])


@pytest.fixture
def short_lived(store: Store) -> Iterator[None]:
    """A dead client's transaction holds its locks for a minute; here for two seconds."""
    admin = store.db.client.admin
    admin.command("setParameter", 1, transactionLifetimeLimitSeconds=2)
    yield
    admin.command("setParameter", 1, transactionLifetimeLimitSeconds=60)


@pytest.mark.usefixtures("short_lived")
def test_killed_in_the_middle_and_run_again(store: Store, tell: Any, put: Any, environment: dict[str, str]) -> None:
    story = tell({**TOLD, "nights": [*TOLD["nights"], {"times": 150}]})
    put(story)
    fold_new(store, PLACE, policy())
    process = start_diff(environment)
    deadline = time.monotonic() + 60
    while load_files(store, PLACE.id).last_seq < 8 and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=30)
    assert 8 <= load_files(store, PLACE.id).last_seq < len(story.rounds), "not killed in the middle"
    fold_rounds(store, PLACE, policy())
    assert brief(of_files(store)) == brief(story.fold_files()[1])


def test_what_a_watched_datasets_files_said_last(store: Store, tell: Any, put: Any, alerts: Any) -> None:
    closed = {"unseen": {"b/2": "login", "d/": "conditional"}}
    failing = {**closed, "files": {"a/x.csv": {"why": "not_found"}}, "times": 2}
    files = {**TOLD["files"], "b/2": {}, "d/": {}}
    put(tell({"start": {**TOLD["start"], "d": {}}, "files": files, "first": closed, "nights": [failing]}))
    for dataset in ("a", "b", "d", "e"):
        add(store, Watch("desk", PLACE.id, dataset, "题名", "部门", NOW))
    assert "looks at files" in alerts("diff").stdout
    shown = json.loads(alerts("subscribe", "watches", "--json").stdout)
    assert [one["files"] for one in shown] == [
        "1 failed (not_found since 2026-01-01); checked 2026-01-02",
        "1 whole, 1 not observed (login); checked 2026-01-02",
        "not observed (conditional)",
        "not observed",
    ]
    assert [one["state"] for one in shown[1]["looks"]] == ["whole", "not observed"]
