"""Corrections and past figures start from checkpoints, and give what all runs from the first on give."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from pymongo import MongoClient

from alerts.corrections.correct import regrade_run, retract
from alerts.corrections.event_log import ManualCorrection
from alerts.corrections.past import states_at
from alerts.engine.checkpoints import (
    FoldOf,
    checkpoint_policy,
    checkpoints_of,
    copied_files,
    copied_memory,
    keep_due_checkpoints,
    last_checkpoint,
)
from alerts.engine.repository import load, load_files, prepare
from alerts.engine.runner import PortalRef, fold_new, fold_rounds, place_of
from alerts.model.events import Event
from alerts.model.policy import policy
from alerts.records.queries import RETRACTED, events_after
from opendata_spiders.register import packaged
from opendata_spiders.store.connect import Store
from opendata_spiders.store.errors import PrunedError
from opendata_spiders.store.file_checks import insert
from opendata_spiders.store.models import Verdict
from tests.databases import empty

pytestmark = pytest.mark.slow

CITY = PortalRef("id-of-testcity", "testcity")
PROVINCE = place_of(packaged(), packaged().get("liaoning").id, "liaoning")
ANSHAN, FUSHUN = "210300", "210400"
GONE = {"look": {"d5": "gone", "d7": "gone"}}
TOLD: dict[str, Any] = {
    "start": {"d1..d9": {"updated": "D-20", "frequency": "每月"}},
    "nights": [
        {"times": 25},
        {"hide": ["d5"], **GONE},
        GONE,
        {"show": ["d5"], "set": {"d3": {"updated": "D", "title": "新"}, "n1": {}}},
        {"verdict": "unreachable", "times": 4},
        {"verdict": "partial", "only": ["d1"]},
        {"times": 24},
        {"hide": ["d7", "d8"], **GONE},
        GONE,
        {"show": ["d7"]},
        {"verdict": "drifted"},
        {"times": 3},
        {"hide": ["d6"], "set": {"d9": {"title": "另一个"}}},
        {"times": 4},
    ],
}
GONE_AGAIN, DRIFTED, LAST = 60, 62, 70
"""Numbers of runs: of the second without d7, of the drifted one, of the last."""
FILES: dict[str, Any] = {
    "start": {"a": {}, "b": {}},
    "files": {"a/x": {"columns": ["名称", "地址"], "rows": 900}},
    "nights": [
        {"times": 30},
        {"files": {"a/x": {"columns": ["名称", "电话"], "rows": 90}}, "times": 28},
        {"files": {"a/x": {"why": "empty"}}, "times": 4},
    ],
}


def play(store: Store, story: Any, place: PortalRef, owners: dict[str, str]) -> None:
    """Commit and fold night by night, and keep the checkpoints that are due."""
    prepare(store)
    store.put_versions(story.shelf.known_versions.values())
    for n, run in enumerate(story.runs):
        listed = story.shelf.entries(run.manifest).values()
        entries = [replace(one, owner=owners.get(one.id, "")) for one in listed]
        store.commit(replace(run, manifest=None, portal=place.id, slug=place.slug), entries)
        if story.rounds:
            insert(store.db, story.rounds[n])
        fold_new(store, place, policy())
        fold_rounds(store, place, policy())
        keep_due_checkpoints(store, run.at + timedelta(hours=3))


def told(store: Store) -> list[Event]:
    """Every event, in the order of writing."""
    return events_after(store, 0)


def believed(store: Store) -> dict[str, Any]:
    names = ("states", "missing_datasets", "habits", "file_states")
    return {name: sorted(store.db[name].find(), key=lambda one: str(one["_id"])) for name in names}


Correct = Callable[[Store, PortalRef], object]


@pytest.fixture
def both(store: Store, client: MongoClient[dict[str, Any]], tell: Any) -> Callable[..., list[Any]]:
    """Play a story and correct it, with all checkpoints and with none; what is told and believed each time."""

    def compare(story: Any, place: PortalRef, correct: Correct, **owners: str) -> list[Any]:
        found = []
        for keeps in (True, False):
            empty(client[store.db.name])
            play(store, tell(story), place, owners)
            assert store.db.checkpoints.count_documents({}) >= 3
            if not keeps:
                store.db.checkpoints.delete_many({})
            correct(store, place)
            found.append((told(store), believed(store)))
        return found

    return compare


def run_of_night(store: Store, place: PortalRef, night: int) -> Any:
    return next(run for run in store.runs(place.portal) if run.seq == night)


def word(store: Store) -> ManualCorrection:
    last = max(run.at for run in store.runs(None))
    return ManualCorrection("the city has shown us the page", last + timedelta(hours=5))


def regraded(*nights: tuple[int, Verdict]) -> Correct:
    def correct(store: Store, place: PortalRef) -> None:
        for night, verdict in nights:
            regrade_run(store, place, run_of_night(store, place, night), verdict, word(store))

    return correct


def retracted(*kinds: str) -> Correct:
    def correct(store: Store, place: PortalRef) -> None:
        for kind in kinds:
            found = [one for one in events_after(store, 0) if one.kind == kind and not one.retracted]
            assert found, kind
            part = place.part(found[0].owner) if found[0].owner else place
            assert retract(store, part, found[0].id, word(store)).events

    return correct


def then(*corrections: Correct) -> Correct:
    def correct(store: Store, place: PortalRef) -> None:
        for one in corrections:
            one(store, place)

    return correct


CORRECTIONS = {
    "late": regraded((GONE_AGAIN, Verdict.PARTIAL)),
    "back": regraded((28, Verdict.PARTIAL), (GONE_AGAIN, Verdict.PARTIAL), (28, Verdict.COMPLETE)),
    "drifted": regraded((DRIFTED, Verdict.COMPLETE)),
    "mixed": then(retracted("dataset.removed"), regraded((GONE_AGAIN, Verdict.PARTIAL)), retracted("dataset.renamed")),
}


@pytest.mark.parametrize("correct", CORRECTIONS.values(), ids=list(CORRECTIONS))
def test_a_correction_is_the_same_from_a_checkpoint_on(both: Any, correct: Correct) -> None:
    with_checkpoints, without = both(TOLD, CITY, correct)
    assert with_checkpoints[0] == without[0]
    assert with_checkpoints[1] == without[1]
    assert correct is CORRECTIONS["drifted"] or any(event.kind == RETRACTED for event in without[0])


def test_parts_of_a_province_are_derived_from_their_own_checkpoints(both: Any) -> None:
    owners = {"d5": ANSHAN, "d6": ANSHAN, "d7": FUSHUN, "d8": FUSHUN}
    correct = then(regraded((GONE_AGAIN, Verdict.PARTIAL)), retracted("dataset.removed"))
    with_checkpoints, without = both(TOLD, PROVINCE, correct, **owners)
    assert with_checkpoints == without
    assert {one["_id"] for one in without[1]["states"]} == {
        PROVINCE.id,
        *(f"{PROVINCE.id}/{one}" for one in (ANSHAN, FUSHUN)),
    }


@pytest.mark.parametrize("kind", ["resource.broken", "dataset.schema_changed", "dataset.shrunk"])
def test_checks_of_files_are_derived_from_a_checkpoint_on(both: Any, kind: str) -> None:
    with_checkpoints, without = both(FILES, CITY, retracted(kind))
    assert with_checkpoints == without


def test_a_past_day_is_the_same_from_a_checkpoint_on(store: Store, tell: Any) -> None:
    play(store, tell(TOLD), CITY, {})
    regrade_run(store, CITY, run_of_night(store, CITY, GONE_AGAIN), Verdict.PARTIAL, word(store))
    days = [run.at + timedelta(hours=4) for run in store.runs(CITY.id)][::11]

    def past() -> list[Any]:
        found = [states_at(store, packaged(), at) for at in days]
        return [(list(one.documents()), one.missing(), one.files(CITY.id)) for one in found]

    quick = past()
    store.db.checkpoints.delete_many({})
    assert quick == past()


def test_one_is_kept_a_month_and_is_what_was_believed(store: Store, tell: Any) -> None:
    story = tell(FILES)
    play(store, story, CITY, {})
    for fold in FoldOf:
        kept = checkpoints_of(store, fold, CITY.id)
        gaps = [(later.made_at - one.made_at).days for one, later in pairwise(kept)]
        assert kept[0].seq == 1
        assert set(gaps) == {checkpoint_policy().days}
    assert keep_due_checkpoints(store, story.runs[-1].at) == []
    (now,) = [
        one for one in keep_due_checkpoints(store, story.runs[-1].at + timedelta(days=60)) if one.fold is FoldOf.RUNS
    ]
    assert replace(copied_memory(store, now)[0], dates=load(store, CITY.id).dates) == load(store, CITY.id)
    found = last_checkpoint(store, FoldOf.ROUNDS, CITY.id, len(story.rounds) + 1)
    assert found is not None
    assert copied_files(store, found) == load_files(store, CITY.id)


def test_what_lies_before_the_oldest_checkpoint_is_refused_with_the_reason(store: Store, tell: Any) -> None:
    play(store, tell(TOLD), CITY, {})
    old = run_of_night(store, CITY, 3)
    at = datetime(2027, 12, 5, tzinfo=old.at.tzinfo)
    store.db.pruned.insert_one({"_id": old.manifest, "portal": CITY.id, "n": 12, "read": old.at, "at": at})
    store.db.manifests.delete_one({"_id": old.manifest})
    store.db.checkpoints.delete_many({"seq": {"$lt": 20}})
    before = told(store), believed(store)
    with pytest.raises(
        PrunedError, match=r"testcity cannot be derived again .*no checkpoint .* thinned out on 2027-12-05"
    ):
        regrade_run(store, CITY, run_of_night(store, CITY, 28), Verdict.PARTIAL, word(store))
    assert (told(store), believed(store)) == before
    assert regrade_run(store, CITY, run_of_night(store, CITY, GONE_AGAIN), Verdict.PARTIAL, word(store)).events
