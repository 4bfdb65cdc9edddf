"""A run graded anew: what no longer follows is withdrawn, what follows now is stated, once and in one go."""

import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from alerts.comparison.chunk_reader import ChunkReader
from alerts.comparison.run_view import RunView
from alerts.corrections.correct import Correction, CorrectionError, regrade_run
from alerts.corrections.derive import Rules, derive, nothing
from alerts.corrections.event_log import ManualCorrection
from alerts.engine.fold import fold, summary
from alerts.engine.repository import RaceLostError, commit, load
from alerts.engine.runner import PortalRef, fold_new
from alerts.model.policy import policy
from alerts.records.queries import RETRACTED, events_after, last_runs, portal_states, tellable
from alerts.records.state_source import StoredStates
from opendata_spiders.store.connect import Store
from opendata_spiders.store.models import Verdict

PLACE = PortalRef("id-of-testcity", "testcity")
NOW = datetime(2026, 11, 20, tzinfo=UTC)
WORD = ManualCorrection("half of it was read", NOW)
GONE = {
    "start": {"d1..d30": {"frequency": "每月"}},
    "nights": [
        {"hide": ["d5"], "look": {"d5": "gone"}},
        {"look": {"d5": "gone"}, "set": {"d6": {"title": "另一个标题"}}},
        {"set": {"n1": {}}},
    ],
}


def regrade(store: Store, run: str, verdict: Verdict) -> Correction:
    found = store.run(run)
    assert found
    return regrade_run(store, PLACE, found, verdict, WORD)


def standing(store: Store) -> list[tuple[str, str | None]]:
    return [(one.kind, one.dataset) for one in events_after(store, 0) if not one.retracted and one.kind != RETRACTED]


def test_what_no_longer_follows_is_withdrawn_and_nothing_else(store: Store, tell: Any, put: Any) -> None:
    ids = put(tell(GONE))
    fold_new(store, PLACE, policy())
    before = standing(store)
    assert before == [("dataset.removed", "d5"), ("dataset.renamed", "d6"), ("dataset.updated", "d6"),
                      ("dataset.new", "n1")]  # fmt: skip
    (retraction,) = regrade(store, ids[2], Verdict.PARTIAL).events
    assert (retraction.kind, retraction.dataset, retraction.evidence["of"]) == (RETRACTED, "d5", "dataset.removed")
    assert "half of it was read" in retraction.evidence["why"]
    # the fourth run is the second complete one without d5 now, and nobody looked in it: it waits for a third
    assert standing(store) == before[1:]
    assert portal_states(StoredStates(store))[0].counts["removed"] == 0


def test_an_event_that_follows_later_only_is_stated_then(store: Store, tell: Any, put: Any) -> None:
    told = {**GONE, "nights": [*GONE["nights"][:2], {"look": {"d5": "gone"}}]}
    ids = put(tell(told))
    fold_new(store, PLACE, policy())
    written = regrade(store, ids[2], Verdict.PARTIAL).events
    # absent from the second and the fourth run: the same episode, so it still follows, one night later
    assert written == ()
    assert ("dataset.removed", "d5") in standing(store)


def test_twice_is_once_and_back_again_states_anew(store: Store, tell: Any, put: Any) -> None:
    ids = put(tell(GONE))
    fold_new(store, PLACE, policy())
    before = standing(store)
    regrade(store, ids[2], Verdict.PARTIAL)
    written = events_after(store, 0)
    assert regrade(store, ids[2], Verdict.PARTIAL) == Correction()
    assert events_after(store, 0) == written
    back = regrade(store, ids[2], Verdict.COMPLETE).events
    assert sorted(standing(store), key=str) == sorted(before, key=str)
    again = next(one for one in back if one.kind == "dataset.removed")
    assert again.evidence["restates"] == written[0].id != again.id
    assert [one.n for one in store.regrades().values()] == [2]
    third = regrade(store, ids[2], Verdict.PARTIAL).events
    assert [one.evidence["retracted"] for one in third if one.dataset == "d5"] == [again.id]


def test_the_states_are_those_of_a_derivation_from_the_start_and_the_diff_goes_on(
    store: Store, tell: Any, put: Any
) -> None:
    story = tell({**GONE, "nights": [*GONE["nights"], {"look": {"d5": "gone"}}]})
    ids = put(story, 0, 4)
    fold_new(store, PLACE, policy())
    regrade(store, ids[2], Verdict.PARTIAL)
    put(story, 4)
    stated = fold_new(store, PLACE, policy()).events
    assert stated == []  # d5 was withdrawn with its episode; it is the same episode still
    derived = derive(nothing(PLACE), store.graded_runs(PLACE.id), Rules(store, PLACE, policy()))
    assert replace(load(store, PLACE.id).state, corrections=0) == derived.memory.state
    assert load(store, PLACE.id).datasets == derived.memory.datasets


def test_a_diff_that_loaded_before_writes_nothing_over_it(store: Store, tell: Any, put: Any) -> None:
    story = tell(GONE)
    ids = put(story, 0, 3)
    fold_new(store, PLACE, policy())
    stale = load(store, PLACE.id)
    put(story, 3)
    regrade(store, ids[2], Verdict.PARTIAL)
    run = next(store.runs(PLACE.id, after_seq=3))
    folded = fold(stale, RunView(run, ChunkReader(store)), policy())
    with pytest.raises(RaceLostError):
        commit(store, stale, folded, summary(folded.memory.state, RunView(run, ChunkReader(store)).lens, policy()))


def test_a_run_document_never_changes_and_is_read_with_the_verdict_that_holds(
    store: Store, tell: Any, put: Any
) -> None:
    ids = put(tell(GONE))
    document = store.db["runs"].find_one({"_id": ids[2]})
    assert regrade(store, ids[2], Verdict.PARTIAL) == Correction()  # nothing was folded yet
    fold_new(store, PLACE, policy())
    assert ("dataset.removed", "d5") not in standing(store)
    assert store.db["runs"].find_one({"_id": ids[2]}) == document
    run = next(one for one in store.graded_runs(PLACE.id) if one.id == ids[2])
    assert run.reason == "regraded from complete by a person: half of it was read"
    verdicts = [one.verdict for one in store.graded_runs(PLACE.id)]
    assert (len(verdicts), verdicts.count(Verdict.COMPLETE)) == (4, 3)
    last = last_runs(store, [PLACE.id, "other"], run.at, until=run.at)
    assert last == {PLACE.id: run}


def test_a_run_that_read_nothing_cannot_become_complete(store: Store, tell: Any, put: Any) -> None:
    ids = put(tell({**GONE, "nights": [{"verdict": "blocked"}]}))
    with pytest.raises(CorrectionError, match="has read no dataset"):
        regrade(store, ids[1], Verdict.COMPLETE)


@pytest.mark.slow
def test_killed_at_any_moment_it_is_done_whole_or_not_at_all(
    store: Store, tell: Any, put: Any, environment: dict[str, str]
) -> None:
    story = tell({**GONE, "nights": [*GONE["nights"], {"show": ["d5"], "times": 60}]})
    ids = put(story)
    fold_new(store, PLACE, policy())
    states, events = load(store, PLACE.id), events_after(store, 0)
    command = [sys.executable, "-m", "alerts", "regrade", ids[2], "--verdict", "partial", "--why", "half"]
    outcomes = set()
    for wait in (0.2, 0.8, 1.0, 1.2, 1.4, 1.6, 1.8, 2.2, 3.0):
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        time.sleep(wait)
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=30)
        recorded = bool(store.regrades())
        outcomes.add(recorded)
        written = events_after(store, 0)
        assert (load(store, PLACE.id) != states) == (written != events) == recorded
        if recorded:
            break
    assert False in outcomes
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert ("dataset.removed", "d5") not in standing(store)
    assert len([one for one in events_after(store, 0) if one.kind == RETRACTED and one.dataset == "d5"]) == 2


def test_only_who_was_told_hears_of_it(store: Store, tell: Any, put: Any) -> None:
    ids = put(tell(GONE))
    told = fold_new(store, PLACE, policy()).events[-1].seq
    regrade(store, ids[2], Verdict.PARTIAL)
    assert RETRACTED in [one.kind for one in tellable(events_after(store, told), told)]
    fresh = tellable(events_after(store, 0), 0)
    assert [one.kind for one in fresh if one.dataset == "d5"] == []
