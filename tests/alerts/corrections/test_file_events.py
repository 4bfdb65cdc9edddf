"""Events that rest on looks at files, taken back: as if the last round had shown the contrary."""

from datetime import UTC, datetime
from typing import Any

import pytest

from alerts.corrections.correct import Correction, retract
from alerts.corrections.event_log import ManualCorrection
from alerts.engine.repository import load_files
from alerts.engine.runner import PortalRef, fold_new, fold_rounds
from alerts.model.events import Event
from alerts.model.policy import policy
from alerts.records.queries import events_after, find_event
from opendata_spiders.store.connect import Store

PLACE = PortalRef("id-of-testcity", "testcity")
WORD = ManualCorrection("the office has shown us the file", datetime(2026, 11, 20, 1, tzinfo=UTC))
BOTH = {"a": {}, "b": {}}
DOWN = {name: {"why": "html"} for name in ("a/x", "a/y", "b/z")}
BROKEN: dict[str, Any] = {
    "start": BOTH,
    "files": {"a/x": {}},
    "nights": [{"files": {"a/x": {"why": "empty"}}, "times": 3}],
}
FIELDS: dict[str, Any] = {
    "start": BOTH,
    "files": {"a/x": {"columns": ["名称", "地址"]}},
    "nights": [{"files": {"a/x": {"columns": ["名称", "电话"]}}, "times": 2}],
}
ROWS: dict[str, Any] = {
    "start": BOTH, "files": {"a/x": {"rows": 900}}, "nights": [{"files": {"a/x": {"rows": 90}}, "times": 2}],
}  # fmt: skip
SAME: dict[str, Any] = {
    "start": BOTH, "files": {"a/x": {"content": 1}}, "nights": [{}, {}, *[{"set": {"a": {"updated": "D-1"}}}] * 2],
}  # fmt: skip
HOST: dict[str, Any] = {"start": BOTH, "files": {key: {} for key in DOWN}, "nights": [{"files": DOWN, "times": 3}]}
AGAIN = [
    ("resource.broken", BROKEN, [{"times": 2}, {}]),
    ("dataset.schema_changed", FIELDS, [{}, {}]),
    ("dataset.shrunk", ROWS, [{}, {}]),
    ("dataset.fake_update", SAME, [{}, {"set": {"a": {"updated": "D-1"}}}, {}, {"set": {"a": {"updated": "D-1"}}}]),
    ("platform.files_down", HOST, [{"times": 2}, {}]),
]


def folded(store: Store, put: Any, story: Any, first: int = 0, last: int | None = None) -> list[Event]:
    put(story, first, last)
    fold_new(store, PLACE, policy())
    return fold_rounds(store, PLACE, policy()).events


def stated(store: Store, kind: str) -> list[Event]:
    return [one for one in events_after(store, 0) if one.kind == kind]


@pytest.mark.parametrize(("kind", "told", "more"), AGAIN, ids=lambda one: one if isinstance(one, str) else "")
def test_what_is_taken_back_is_said_again_only_on_further_looks(
    store: Store, tell: Any, put: Any, kind: str, told: dict[str, Any], more: list[Any]
) -> None:
    story = tell({**told, "nights": [*told["nights"], *more]})
    known = len(tell(told).rounds)
    folded(store, put, story, 0, known)
    (event,) = stated(store, kind)
    (correction,) = retract(store, PLACE, event.id, WORD).events
    assert (correction.kind, correction.evidence["retracted"]) == ("event.retracted", event.id)
    assert correction.seq > event.seq
    assert retract(store, PLACE, event.id, WORD) == Correction()
    assert fold_rounds(store, PLACE, policy()).events == []
    folded(store, put, story, known, len(story.rounds) - 1)
    assert len(stated(store, kind)) == 1, "said again too soon"
    folded(store, put, story, len(story.rounds) - 1)
    again = [one for one in stated(store, kind) if not one.retracted]
    assert len(again) == 1
    assert again[0].id != event.id


def test_what_was_not_fixed_is_still_broken(store: Store, tell: Any, put: Any) -> None:
    story = tell({**BROKEN, "nights": [*BROKEN["nights"], {"files": {"a/x": "ok"}}, {}]})
    folded(store, put, story, 0, 5)
    (fixed,) = stated(store, "resource.fixed")
    retract(store, PLACE, fixed.id, WORD)
    failing = load_files(store, PLACE.id).bundles["a"].files["x"].failing
    assert failing
    assert (failing.why, failing.stated, failing.round) == ("empty", True, story.rounds[1].id)
    folded(store, put, story, 5)
    assert [bool(one.retracted) for one in stated(store, "resource.fixed")] == [True, False]


def test_a_host_that_did_not_come_back_is_still_down(store: Store, tell: Any, put: Any) -> None:
    story = tell({**HOST, "nights": [*HOST["nights"], {"files": {"a/x": "ok"}}]})
    folded(store, put, story)
    retract(store, PLACE, stated(store, "platform.files_up")[0].id, WORD)
    down = load_files(store, PLACE.id).down
    assert down
    assert (down.stated, down.why) == (True, "html")


def test_a_broken_file_taken_back_after_it_was_mended_changes_nothing_else(store: Store, tell: Any, put: Any) -> None:
    folded(store, put, tell({**BROKEN, "nights": [*BROKEN["nights"], {"files": {"a/x": "ok"}}]}))
    before = load_files(store, PLACE.id)
    (event,) = stated(store, "resource.broken")
    retract(store, PLACE, event.id, WORD)
    after = load_files(store, PLACE.id)
    assert after.bundles == before.bundles
    assert after.corrections == 1
    found = find_event(store, event.id)
    assert found
    assert found.retracted
