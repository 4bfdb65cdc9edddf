"""An event taken back by a person: marked, corrected, and nothing rests on it any more."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from alerts.audience.filters import Filter
from alerts.corrections.correct import Correction, CorrectionError, retract
from alerts.corrections.event_log import ManualCorrection
from alerts.engine.repository import load
from alerts.engine.runner import PortalRef, fold_new
from alerts.model.events import Event, Severity
from alerts.model.policy import policy
from alerts.model.states import DatasetStatus, Phase
from alerts.records.queries import RETRACTED, events_after, find_event, portal_states
from alerts.records.state_source import StoredStates
from opendata_spiders.store.connect import Store

PLACE = PortalRef("id-of-testcity", "testcity")
WORD = ManualCorrection("the city has shown us the page", datetime(2026, 11, 20, 1, tzinfo=UTC))
GONE: dict[str, Any] = {
    "start": {"d1..d9": {}},
    "nights": [{"hide": ["d5"], "look": {"d5": "gone"}}, {"look": {"d5": "gone"}}, {}],
}
STOPS: dict[str, Any] = {"start": {"d1..d9": {"updated": "D-240"}}, "nights": [{"times": 8}]}


def stated(store: Store, kind: str) -> Event:
    return next(one for one in events_after(store, 0) if one.kind == kind)


def folded(store: Store, put: Any, story: Any, last: int | None = None) -> None:
    put(story, 0, last)
    fold_new(store, PLACE, policy())


def test_an_event_is_marked_wherever_it_is_read_and_never_deleted(store: Store, tell: Any, put: Any) -> None:
    folded(store, put, tell(GONE))
    event = stated(store, "dataset.removed")
    document = store.db["events"].find_one({"_id": event.id})
    (retraction,) = retract(store, PLACE, event.id, WORD).events
    assert store.db["events"].find_one({"_id": event.id}) == document
    found = find_event(store, event.id)
    assert found
    assert found.retracted == retraction.id
    assert retraction.evidence == {
        "retracted": event.id, "of": "dataset.removed", "of_severity": "notable", "of_seq": event.seq,
        "why": WORD.why, "by": "person", "when": WORD.at, "runs": [event.run, load(store, PLACE.id).state.last_run],
    }  # fmt: skip
    assert (retraction.title, retraction.dataset) == (event.title, "d5")
    assert retract(store, PLACE, event.id, WORD) == Correction()
    with pytest.raises(CorrectionError, match="not taken back itself"):
        retract(store, PLACE, retraction.id, WORD)
    with pytest.raises(CorrectionError, match="no event 'x'"):
        retract(store, PLACE, "x", WORD)


def test_a_dataset_counts_as_there_until_further_runs_miss_it(store: Store, tell: Any, put: Any) -> None:
    more = [{"look": {"d5": "gone"}}, {"look": {"d5": "gone"}}, {"show": ["d5"]}]
    story = tell({**GONE, "nights": [*GONE["nights"], *more]})
    folded(store, put, story, 4)
    event = stated(store, "dataset.removed")
    retract(store, PLACE, event.id, WORD)
    assert load(store, PLACE.id).datasets["d5"].status is DatasetStatus.PENDING
    assert portal_states(StoredStates(store))[0].counts["removed"] == 0
    put(story, 4, 5)
    assert fold_new(store, PLACE, policy()).events == []
    put(story, 5, 6)
    (again,) = fold_new(store, PLACE, policy()).events
    assert (again.kind, again.dataset, again.id != event.id) == ("dataset.removed", "d5", True)


def test_a_dataset_that_is_listed_again_is_not_told_as_back(store: Store, tell: Any, put: Any) -> None:
    story = tell({**GONE, "nights": [*GONE["nights"], {"show": ["d5"]}]})
    folded(store, put, story, 4)
    retract(store, PLACE, stated(store, "dataset.removed").id, WORD)
    put(story, 4)
    assert fold_new(store, PLACE, policy()).events == []


def test_a_stop_taken_back_counts_as_a_sign_of_life(store: Store, tell: Any, put: Any) -> None:
    story = tell({**STOPS, "nights": [{"times": 8}, {"times": 245}]})
    folded(store, put, story, 9)
    event = stated(store, "city.stopped")
    (view,) = portal_states(StoredStates(store))
    assert view.state == "stopped"
    retract(store, PLACE, event.id, WORD)
    told_at = load(store, PLACE.id).state.last_at
    (view,) = portal_states(StoredStates(store))
    assert (view.state, view.days_silent) == ("live", 0)
    assert view.evidence
    assert view.evidence.kind == "person"
    put(story, 9)
    later = fold_new(store, PLACE, policy()).events
    again = [one for one in later if one.kind == "city.stopped"]
    assert [one.evidence["days_silent"] for one in again] == [244]
    assert again[0].at - told_at == timedelta(days=244)


def test_a_stop_that_is_over_leaves_the_state_as_it_is(store: Store, tell: Any, put: Any) -> None:
    alive = {"set": {"d1..d4": {"resources": [{"name": "新.csv"}]}}}
    folded(store, put, tell({**STOPS, "nights": [{"times": 8}, alive]}))
    before = load(store, PLACE.id)
    assert before.state.city.phase is Phase.RESUMED
    retract(store, PLACE, stated(store, "city.stopped").id, WORD)
    assert load(store, PLACE.id).state.city == before.state.city


def test_a_return_taken_back_leaves_the_city_stopped(store: Store, tell: Any, put: Any) -> None:
    alive = {"set": {"d1..d4": {"resources": [{"name": "新.csv"}]}}}
    folded(store, put, tell({**STOPS, "nights": [{"times": 8}, alive]}))
    retract(store, PLACE, stated(store, "city.resumed").id, WORD)
    (view,) = portal_states(StoredStates(store))
    assert (view.state, view.days_silent) == ("stopped", 249)


def test_a_portal_that_was_not_down_is_not(store: Store, tell: Any, put: Any) -> None:
    folded(store, put, tell({"start": {"a": {}}, "nights": [{"verdict": "unreachable", "times": 4}]}))
    assert portal_states(StoredStates(store))[0].state == "down"
    retract(store, PLACE, stated(store, "platform.down").id, WORD)
    assert portal_states(StoredStates(store))[0].state != "down"


def test_a_correction_is_for_whom_the_event_was_for(store: Store, tell: Any, put: Any) -> None:
    folded(store, put, tell(STOPS))
    (correction,) = retract(store, PLACE, stated(store, "city.stopped").id, WORD).events
    assert Filter(kinds=("city.*",), severity=Severity.SEVERE).takes(correction, "reader")
    assert not Filter(kinds=("dataset.*",)).takes(correction, "reader")


def test_an_operators_event_is_corrected_for_operators(store: Store, tell: Any, put: Any) -> None:
    folded(store, put, tell({"start": {"a": {}}, "nights": [{"verdict": "blocked"}]}))
    (correction,) = retract(store, PLACE, stated(store, "platform.blocked").id, WORD).events
    assert Filter().takes(correction, "operator")
    assert not Filter().takes(correction, "reader")


def test_the_commands(store: Store, tell: Any, put: Any, alerts: Any) -> None:
    ids = put(tell(GONE))
    assert alerts("diff").returncode == 0
    event = stated(store, "dataset.removed")
    assert alerts("retract", event.id, "--why", " ").returncode == 2
    assert "there is no event 'nonsense'" in alerts("retract", "nonsense", "--why", "x").stderr
    done = alerts("retract", event.id, "--why", "页面还在\x1b[31m", "--json")
    assert done.returncode == 0, done.stderr
    (written,) = json.loads(done.stdout)
    assert (written["kind"], written["evidence"]["retracted"]) == (RETRACTED, event.id)
    assert "dataset.removed (retracted)" in alerts("events").stdout
    assert "Nothing to correct" in alerts("retract", event.id, "--why", "x").stdout
    assert "there is no run 'r'" in alerts("regrade", "r", "--verdict", "partial", "--why", "x").stderr
    assert alerts("regrade", ids[2], "--verdict", "partial", "--why", "x").returncode == 0
    shown = json.loads(alerts("runs", "--json").stdout)
    assert [one["verdict"] for one in shown] == ["complete", "complete", "partial", "complete"]


def test_a_stop_is_taken_back_although_the_clock_was_set_since(store: Store, tell: Any, put: Any) -> None:
    start = {f"d{n}": {"updated": f"2025-0{n}-10 18:30:00"} for n in range(1, 6)}
    later = {f"d{n}": {"updated": f"2025-0{n}-11 02:30:00"} for n in range(1, 6)}
    folded(store, put, tell({"start": start, "nights": [{"times": 40}, {"set": later}, {}]}))
    stopped = stated(store, "city.stopped")
    evidence = load(store, PLACE.id).state.city.evidence
    assert evidence
    assert evidence.date > stopped.since
    retract(store, PLACE, stopped.id, WORD)
    assert load(store, PLACE.id).state.city.phase is Phase.LIVE


def test_a_reuse_of_an_id_that_was_none_is_not_told_again(store: Store, tell: Any, put: Any) -> None:
    old = {"title": "预防接种单位", "office": "市卫健局", "description": "接种门诊一览", "published": "2019-05-01"}
    new = {"title": "水库水位监测", "office": "市水务局", "description": "逐时水位与库容", "published": "2025-12-30"}
    story = tell({"start": {"a": old, "d1..d9": {}}, "nights": [{"set": {"a": new}}, {"times": 2}, {"times": 4}]})
    folded(store, put, story, 4)
    removed = stated(store, "dataset.removed")
    assert (removed.dataset, removed.title) == ("a", old["title"])
    retract(store, PLACE, removed.id, WORD)
    assert load(store, PLACE.id).datasets == {}
    put(story, 4)
    assert fold_new(store, PLACE, policy()).events == []
