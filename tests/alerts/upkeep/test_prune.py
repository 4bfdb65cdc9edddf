"""What is thinned out and what is not: by month, by citation, beside a diff, after a kill."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from alerts.comparison.chunk_reader import ChunkReader
from alerts.comparison.other_portals import StoredNeighbours
from alerts.comparison.run_view import RunView
from alerts.engine.between import compare
from alerts.engine.checkpoints import keep_due_checkpoints
from alerts.engine.repository import load
from alerts.engine.runner import PortalRef, fold_new
from alerts.model.policy import policy
from alerts.publish.evidence.archive import archive
from alerts.publish.evidence.gather import Side, gather
from alerts.records.queries import events_after
from alerts.upkeep import prune as pruning
from alerts.upkeep.policy import month_of, upkeep_policy
from alerts.upkeep.prune import is_due, prune, prune_plan
from alerts.upkeep.sweep import DisturbedError, Sweep
from alerts.upkeep.verify import verify
from opendata_spiders.store.errors import PrunedError
from opendata_spiders.store.leases import reserve
from opendata_spiders.store.models import Run
from opendata_spiders.store.runs import from_document
from opendata_spiders.store.store import Store

pytestmark = pytest.mark.slow

PLACE = PortalRef("id-of-testcity", "testcity")
NIGHTS = 130
TOLD: dict[str, Any] = {
    "start": {"d1..d9": {"published": "2025-01-01", "storage": "100"}},
    "nights": [
        {"times": 20},
        {"hide": ["d5"], "look": {"d5": "gone"}},
        {"look": {"d5": "gone"}},
        *[{"set": {"d1": {"storage": f"{size} MB"}}} for size in range(101, 140)],
        {"set": {"d2": {"title": "新名"}}},
        {"times": NIGHTS - 63},
    ],
}
"""The size of a dataset, a measure, changes the list every night and is stated by nothing."""


@pytest.fixture(autouse=True)
def two_months(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pruning, "upkeep_policy", lambda: replace(upkeep_policy(), nightly_months=2))


@pytest.fixture
def filled(store: Store, tell: Any, put: Any) -> Iterator[Store]:
    """A store with a hundred and thirty nights, compared at three times, with their checkpoints."""
    story = tell(TOLD)
    for first, last in ((0, 45), (45, 75), (75, NIGHTS)):
        put(story, first, last)
        fold_new(store, PLACE, policy())
        keep_due_checkpoints(store, story.runs[last - 1].at + timedelta(hours=3))
    return store


def now(store: Store) -> datetime:
    return max(run.at for run in store.runs(None)) + timedelta(hours=6)


def lists(store: Store) -> dict[int, bool]:
    """Whether the list of each run can be read, by its number."""
    stored = {one["_id"] for one in store.db.manifests.find({}, {"_id": 1})}
    return {run.seq: run.manifest in stored for run in store.runs(PLACE.id)}


def names(store: Store) -> dict[str, set[str]]:
    return {
        name: {one["_id"] for one in store.db[name].find({}, {"_id": 1})}
        for name in ("manifests", "chunks", "versions")
    }


def run_of(store: Store, seq: int) -> Run:
    return next(run for run in store.runs(PLACE.id) if run.seq == seq)


def test_first_of_months_and_young_readings_keep_their_list(filled: Store) -> None:
    planned = prune_plan(filled, now(filled))
    assert lists(filled) == dict.fromkeys(range(1, NIGHTS + 1), True)
    done = prune(filled, now(filled))
    assert [(one.slug, one.thinned, one.kept) for one in planned.portals] == [
        (one.slug, one.thinned, one.kept) for one in done.portals
    ]
    kept = {seq for seq, there in lists(filled).items() if there}
    assert kept >= {*firsts_of_months(filled), *range(60, NIGHTS)}
    assert {22, 23, 29, 30} & kept == set()
    assert done.portals[0].swept.manifests > 0
    assert all(run.seen for run in filled.runs(PLACE.id))  # what was seen is never lost
    assert [one for one in verify(filled).defects if "versions" not in one.where] == []
    again = prune(filled, now(filled))
    assert again.portals == []


def firsts_of_months(store: Store) -> set[int]:
    """Numbers of the first run of each month."""
    months: dict[str, int] = {}
    for run in store.runs(PLACE.id):
        months.setdefault(month_of(run.at), run.seq)
    return set(months.values())


def test_what_an_event_cites_outlives_the_list(filled: Store) -> None:
    told = {one.kind: one for one in events_after(filled, 0) if one.dataset}
    evidence = {kind: archive(gather(filled, one)) for kind, one in told.items()}
    (gone,) = gather(filled, told["dataset.removed"]).subjects
    assert gone.before is not None
    assert gone.before.entry is not None
    assert gone.after == Side(told["dataset.removed"].run)
    done = prune(filled, now(filled))
    assert done.portals[0].thinned > 0
    assert {kind: archive(gather(filled, one)) for kind, one in told.items()} == evidence


def test_an_event_about_the_portal_keeps_its_list_whole(filled: Store) -> None:
    event = {"kind": "claim.mismatch", "portal": PLACE.id, "dataset": None, "severity": "notable", "evidence": {}}
    named = run_of(filled, 27)
    filled.db.events.insert_one({"_id": "e", "seq": 999, "run": named.id, "at": named.at, **event})
    prune(filled, now(filled))
    assert {seq for seq in range(24, 31) if lists(filled)[seq]} == {26, 27}


def test_a_list_waits_for_a_young_event_that_names_it(filled: Store) -> None:
    named, young = run_of(filled, 27), run_of(filled, NIGHTS)
    event = {"kind": "dataset.removed", "portal": PLACE.id, "dataset": "d1", "severity": "notable", "title": ""}
    cited = {"evidence": {"absent": [{"run": named.id}]}}
    filled.db.events.insert_one({"_id": "e", "seq": 999, "run": young.id, "at": young.at, **event, **cited})
    prune(filled, now(filled))
    assert {seq for seq in range(24, 31) if lists(filled)[seq]} == {26, 27}
    filled.db.events.delete_one({"_id": "e"})
    prune(filled, now(filled))
    assert not lists(filled)[27]


def test_a_thinned_list_is_refused_with_a_sentence(filled: Store) -> None:
    prune(filled, now(filled))
    gone = run_of(filled, 30)
    with pytest.raises(PrunedError, match=r"of 8 datasets as read on \d{4}-\d\d-\d\d .*thinned out"):
        filled.entries(gone.manifest)


def test_what_comes_back_is_stored_again(filled: Store) -> None:
    gone = run_of(filled, 30)
    entries = filled.entries(gone.manifest)
    prune(filled, now(filled))
    assert filled.put_entries(entries.values()) == gone.manifest
    assert filled.entries(gone.manifest) == entries


def test_without_a_checkpoint_old_enough_nothing_goes(filled: Store) -> None:
    filled.db.checkpoints.delete_many({"seq": {"$lte": 45}})
    assert prune(filled, now(filled)).portals == []


def test_a_portal_that_is_read_or_compared_is_left_for_the_next_time(filled: Store) -> None:
    before = names(filled)
    with filled.begin(PLACE.id, PLACE.slug, at=now(filled)):
        assert prune(filled, now(filled)).busy == ["testcity"]
    assert names(filled) == before
    with reserve(filled.db, PLACE.id, PLACE.slug, "thinned out") as lease:
        sweep = Sweep(filled, lease, now(filled))
        filled.db.states.update_one({"_id": PLACE.id}, {"$inc": {"corrections": 1}})
        with pytest.raises(DisturbedError, match="next time"):
            sweep.run([run_of(filled, 30).manifest or ""])
    assert names(filled) == before
    assert prune(filled, now(filled)).portals[0].swept.manifests > 0


def test_a_diff_that_had_begun_begins_again(
    filled: Store, tell: Any, put: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has loaded its memory, the sweep goes by, and what it commits rests on nothing that went."""
    before = load(filled, PLACE.id)
    prune(filled, now(filled))
    after = load(filled, PLACE.id)
    assert after.state.corrections > before.state.corrections
    assert replace(after.state, corrections=0) == replace(before.state, corrections=0)


KILLED_AFTER = ("excerpts", "mark", "bury", "versions", "chunks")


@pytest.mark.parametrize("where", KILLED_AFTER)
def test_one_that_is_killed_is_gone_on_with(filled: Store, where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    class KilledError(BaseException): ...

    def kill(method: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*args: Any, **options: Any) -> Any:
            done = method(*args, **options)
            if where not in ("versions", "chunks") or where in args:
                raise KilledError
            return done

        return wrapped

    with monkeypatch.context() as patch:
        if where in ("excerpts", "mark"):
            name = {"excerpts": "keep_excerpts", "mark": "mark_decided"}[where]
            patch.setattr(pruning, name, kill(getattr(pruning, name)))
        else:
            name = {"bury": "_dead_chunks"}.get(where, "_drop")
            patch.setattr(Sweep, name, kill(getattr(Sweep, name)))
        with pytest.raises(KilledError):
            prune(filled, now(filled))
    assert [one for one in verify(filled).defects if "versions" not in one.where] == []
    prune(filled, now(filled))
    left = names(filled)
    assert filled.db.pruned.count_documents({"chunks": {"$exists": True}}) == 0
    assert [one for one in verify(filled).defects if "versions" not in one.where] == []
    held = {chunk for one in left["manifests"] for chunk in filled.manifest(one).chunks.values()}
    stood_on = {one["base"] for one in filled.db.chunks.find({"base": {"$exists": True}}, {"base": 1})}
    assert held | stood_on == left["chunks"]


def test_what_nothing_refers_to_goes_whoever_left_it(filled: Store) -> None:
    entries = list(filled.entries(run_of(filled, NIGHTS).manifest).values())
    stray = filled.put_entries([replace(one, list_fp="x") for one in entries])
    done = prune(filled, now(filled))
    assert done.portals[0].strays == 1
    assert stray not in names(filled)["manifests"]
    assert filled.db.pruned.find_one({"_id": stray}) is None


def test_it_is_due_once_a_week(filled: Store, alerts: Any) -> None:
    at = now(filled)
    assert is_due(filled, at)
    prune(filled, at)
    assert not is_due(filled, at + timedelta(days=6))
    assert is_due(filled, at + timedelta(days=7))


def test_two_runs_are_compared_or_refused(filled: Store) -> None:
    prune(filled, now(filled))
    view = RunView(run_of(filled, 120), ChunkReader(filled))
    with pytest.raises(PrunedError):
        compare(run_of(filled, 30), view, policy())
    first = max(seq for seq in firsts_of_months(filled) if seq < 60)
    assert isinstance(compare(run_of(filled, first), view, policy()), tuple)


def test_a_neighbour_shows_the_next_list_that_is_kept(filled: Store) -> None:
    last = run_of(filled, NIGHTS)
    asked = StoredNeighbours(filled, (PLACE.id,), registered=False)
    child = replace(last, portal="another")
    before = next(iter(asked.parents(child, run_of(filled, 30).at, timedelta())))
    assert before.before == run_of(filled, 30).manifest
    prune(filled, now(filled))
    after = next(iter(asked.parents(child, run_of(filled, 30).at, timedelta())))
    kept = [run for run in filled.runs(PLACE.id) if run.seq > 30 and lists(filled)[run.seq]]
    assert after.before == kept[0].manifest
    assert from_document(filled.db.runs.find_one({"_id": kept[0].id})) == kept[0]


def test_a_chunk_goes_before_the_one_it_stands_on(filled: Store) -> None:
    chain = [{"_id": "b"}, {"_id": "a", "base": "b"}, {"_id": "c", "base": "a"}, {"_id": "d", "base": "kept"}]
    filled.db.chunks.insert_many(chain)
    with reserve(filled.db, PLACE.id, "testcity", "thinned out") as lease:
        order = Sweep(filled, lease, now(filled))._those_on_them_first({"a", "b", "c", "d"})
    assert sorted(order) == ["a", "b", "c", "d"]
    assert order.index("c") < order.index("a") < order.index("b")
