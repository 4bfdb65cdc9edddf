"""What a fold learns of other portals, from a real database and the real register."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from alerts.comparison.chunk_reader import ChunkReader
from alerts.corrections.correct import Correction, ManualCorrection, regrade_below, regrade_run
from alerts.engine.repository import prepare
from alerts.engine.runner import PortalRef, fold_new, place_of, view_of
from alerts.model.policy import policy
from alerts.records.queries import RETRACTED
from opendata_spiders.register import load
from opendata_spiders.store.connect import Store
from opendata_spiders.store.models import Verdict

CITY = PortalRef("id-of-testcity", "testcity", registered=True, parents=("id-of-province",))
Put = Callable[[Any], None]


@pytest.fixture
def put(store: Store) -> Put:
    """Commit a story's runs as the crawl would."""

    def put_runs(story: Any) -> None:
        prepare(store)
        store.put_versions(story.shelf.known_versions.values())
        for run in story.runs:
            store.commit(replace(run, manifest=None), story.shelf.entries(run.manifest).values())

    return put_runs


def province(*nights: dict[str, Any], rows: str = "p1..p5") -> dict[str, Any]:
    return {"start": {rows: {}}, "run": {"slug": "province"}, "nights": list(nights)}


def test_a_portal_that_went_over_to_the_province(store: Store, tell: Any, put: Put) -> None:
    put(tell(province({}, {"set": {"d1..d12": {}}}, {"times": 3})))
    put(tell({"start": {"d1..d12": {}}, "nights": [{"verdict": "unreachable", "times": 5}]}))
    events = fold_new(store, CITY, policy()).events
    merged = next(event for event in events if event.kind == "platform.merged_into")
    assert (merged.evidence["target"], merged.evidence["matched"]) == ("province", 12)
    assert store.run(merged.evidence["target_run"]) is not None


def test_a_takeover_that_rests_on_a_run_graded_anew_is_withdrawn(store: Store, tell: Any, put: Put) -> None:
    put(tell(province({"times": 2}, {"set": {"d1..d12": {}}})))
    put(tell({"start": {"d1..d12": {}}, "nights": [{"verdict": "unreachable", "times": 4}]}))
    merged = next(one for one in fold_new(store, CITY, policy()).events if one.kind == "platform.merged_into")
    run = store.run(merged.evidence["target_run"])
    assert run
    assert regrade_below(store, [CITY], run) == Correction()
    place, word = PortalRef("id-of-province", "province"), ManualCorrection("read from a mirror", run.at)
    regrade_run(store, place, run, Verdict.PARTIAL, word)
    (taken,) = regrade_below(store, [CITY, place], run).events
    assert (taken.kind, taken.evidence["retracted"], taken.evidence["by"]) == (RETRACTED, merged.id, "regrade")
    assert regrade_below(store, [CITY, place], run) == Correction()
    regrade_run(store, place, run, Verdict.COMPLETE, word)
    (again,) = regrade_below(store, [CITY, place], run).events
    assert (again.kind, again.evidence["restates"]) == ("platform.merged_into", merged.id)


def test_what_the_province_had_listed_all_along_is_no_move(store: Store, tell: Any, put: Put) -> None:
    put(tell(province({"times": 4}, rows="d1..d12")))
    put(tell({"start": {"d1..d12": {}}, "nights": [{"verdict": "unreachable", "times": 5}]}))
    assert [event.kind for event in fold_new(store, CITY, policy()).events] == ["platform.down"]


def test_a_later_reading_of_the_province_says_nothing_of_an_earlier_night(store: Store, tell: Any, put: Put) -> None:
    put(tell(province({"times": 9}, {"set": {"d1..d12": {}}})))
    put(tell({"start": {"d1..d12": {}}, "nights": [{"verdict": "unreachable", "times": 5}]}))
    assert [event.kind for event in fold_new(store, CITY, policy()).events] == ["platform.down"]


@pytest.mark.parametrize(("nights", "new"), [(20, ["platform.new"]), (3, [])])
def test_a_portal_added_long_after_others(store: Store, tell: Any, put: Put, nights: int, new: list[str]) -> None:
    put(tell(province({"times": 2})))
    late = tell({"start": {"a": {}}, "nights": [{}]})
    for run in late.runs:
        run_at = run.at + timedelta(days=nights)
        late.runs[run.seq - 1] = replace(run, at=run_at, started=run_at, finished=run_at)
    put(late)
    assert [event.kind for event in fold_new(store, CITY, policy()).events] == new
    assert fold_new(store, PortalRef("id-of-province", "province", registered=True), policy()).events == []


def test_a_portal_outside_the_register_is_never_a_new_one(store: Store, tell: Any, put: Put) -> None:
    story = tell({"start": {"a": {}}, "nights": []})
    put(story)
    beside = view_of(store, replace(CITY, registered=False), story.runs[0], (), ChunkReader(store)).neighbours
    assert beside.watched_before(story.runs[0]) == timedelta()


def test_the_register_says_who_is_above() -> None:
    register = load()
    guiyang = register.get("guiyang")
    place = place_of(register, guiyang.id, guiyang.slug)
    above = [register.by_id(portal).slug for portal in place.parents]
    assert place.registered
    assert above
    assert all(register.by_id(portal).province == guiyang.province for portal in place.parents)
    assert place_of(register, place.parents[0], above[0]).parents == ()
    assert place_of(register, "XX.1", "nowhere") == PortalRef("XX.1", "nowhere")
