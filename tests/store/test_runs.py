from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from pymongo.errors import BulkWriteError

from opendata_spiders.store.connect import Store
from opendata_spiders.store.errors import LeaseLostError
from opendata_spiders.store.models import Finding, LookResult, Measure, Run, Verdict
from opendata_spiders.store.runs import run_id
from opendata_spiders.store.views import PackedViews

V = Verdict


def documents(store: Store) -> Counter[str]:
    return Counter({name: store.db[name].count_documents({}) for name in store.db.list_collection_names()})


def written(store: Store) -> Counter[tuple[str, str]]:
    """What the server's own profiler saw written to this database: (operation, collection) to documents."""
    seen: Counter[tuple[str, str]] = Counter()
    for done in store.db["system.profile"].find({"op": {"$nin": ["query", "getmore"]}}):
        collection = done["ns"].removeprefix(f"{store.db.name}.")
        for number in ("ninserted", "nModified", "nUpserted", "ndeleted"):
            if done.get(number) and collection != "system.profile":
                seen[number, collection] += done[number]
    return seen


def night(store: Store, sample, number: int, entries, **more) -> None:
    at = sample.first_night + timedelta(days=number)
    with store.begin(sample.portal, sample.slug, at=at) as lease:
        store.previous(sample.portal)
        store.commit(sample.run(number, id=lease.run_id), entries, **more)


def test_an_unchanged_night_writes_one_run_and_nothing_else(store: Store, sample) -> None:
    entries = sample.entries(500)
    store.put_versions(sample.version(number) for number in range(500))
    counted = {entry.id: {"views": "1"} for entry in entries}
    views = PackedViews(sample.portal, sample.slug, ({"id": entry.id} for entry in entries))
    night(store, sample, 0, entries, counters=counted, views=views)
    before = documents(store)
    store.db.command("profile", 2)

    night(store, sample, 1, entries, counters={entry.id: {"views": "2"} for entry in entries})

    store.db.command("profile", 0)
    assert documents(store) - before == Counter({"runs": 1, "system.profile": documents(store)["system.profile"]})
    assert written(store) == {("ninserted", "leases"): 1, ("ninserted", "runs"): 1, ("ndeleted", "leases"): 1}


def test_every_field_of_a_run_comes_back(store: Store, sample) -> None:
    run = sample.run(
        holes=(3, 404),
        look={"a.b": LookResult.GONE, "$x": LookResult.OPEN},
        fill={"title": 1.0, "office": 0.25},
        fields=("title", "office"),
        findings=(Finding("list.hole", "page 3", "d1", 2), Finding("body.mojibake")),
        newest_claimed=datetime(2026, 11, 22, tzinfo=UTC),
        stats={"downloader/response_status_count/200": 3, "a.b": "x", "$c": 1.5, "": None},
        declared=10,
        seen=9,
        total_trusted=False,
        measure=Measure(9, 10),
    )
    stored = store.commit(run, [])
    assert stored.seq == 1
    assert stored.manifest is None
    assert store.run(run.id) == stored
    assert {
        name: getattr(stored, name) for name in ("look", "fill", "holes", "findings", "stats", "at", "measure")
    } == {name: getattr(run, name) for name in ("look", "fill", "holes", "findings", "stats", "at", "measure")}


def test_runs_are_numbered_per_portal_and_listed_in_commit_order(store: Store, sample) -> None:
    for number in range(3):
        assert store.commit(sample.run(number), []).seq == number + 1
    assert store.commit(sample.run(1, portal="other", id="o"), []).seq == 1
    assert [run.seq for run in store.runs(sample.portal, after_seq=1)] == [2, 3]
    assert [run.seq for run in store.runs(sample.portal, since=sample.first_night + timedelta(days=2))] == [3]
    assert len(list(store.runs(None))) == 4
    assert store.last_run(sample.portal).seq == 3
    assert store.last_run("nobody") is None
    assert store.run("nothing") is None


def test_run_ids_are_readable(sample) -> None:
    assert run_id("guiyang", sample.first_night, 3) == "guiyang-20261123T021500Z-3"


def test_the_same_run_is_never_recorded_twice(store: Store, sample) -> None:
    first = store.commit(sample.run(), [])
    assert store.commit(sample.run(), []) == first, "after an answer that was lost"
    with pytest.raises(LeaseLostError, match="already recorded as complete"):
        store.commit(sample.run(started=sample.first_night - timedelta(minutes=1)), sample.entries(1))
    assert len(list(store.runs(sample.portal))) == 1


def test_nothing_to_start_from_before_the_first_complete_run(store: Store, sample) -> None:
    assert store.previous(sample.portal) is None
    assert store.known(sample.portal) == {}
    store.commit(sample.run(0, V.PARTIAL), [sample.entry(1, detailed=True)])
    assert store.previous(sample.portal) is None
    assert store.known(sample.portal) == {"d1": sample.entry(1, detailed=True)}


def test_partial_runs_renew_what_is_known_but_are_not_trusted(store: Store, sample) -> None:
    store.commit(sample.run(0), [sample.entry(1), sample.entry(2)])
    store.commit(sample.run(1, V.PARTIAL), [sample.entry(1, detailed=True), sample.entry(3)])
    store.commit(sample.run(2, V.DRIFTED), [sample.entry(1, "空"), sample.entry(2, "空")])
    store.commit(sample.run(3, V.FAILED), [])
    reading = store.previous(sample.portal)
    assert reading is not None
    assert reading.run.seq == 1
    assert reading.entries == {"d1": sample.entry(1, detailed=True), "d2": sample.entry(2), "d3": sample.entry(3)}

    store.commit(sample.run(4), [sample.entry(2)])
    assert store.previous(sample.portal).entries == {"d2": sample.entry(2)}


def test_a_partial_run_that_takes_a_change_back_counts(store: Store, sample) -> None:
    store.commit(sample.run(0), [sample.entry(1)])
    store.commit(sample.run(1, V.PARTIAL), [sample.entry(1, "changed")])
    store.commit(sample.run(2, V.PARTIAL), [sample.entry(1)])
    assert store.previous(sample.portal).entries == {"d1": sample.entry(1)}


def test_counters_are_written_once_a_week_the_complete_ones_for_preference(store: Store, sample) -> None:
    def commit(number: int, verdict: Verdict, views: str) -> None:
        store.commit(sample.run(number, verdict), [], counters={"d1": {"views": views}})

    commit(0, V.PARTIAL, "1")  # a Monday
    commit(1, V.PARTIAL, "2")
    assert store.counters(sample.portal, "2026-W48") == {"d1": {"views": "1"}}
    commit(2, V.COMPLETE, "3")
    commit(3, V.COMPLETE, "4")
    assert store.counters(sample.portal, "2026-W48") == {"d1": {"views": "3"}}
    commit(7, V.COMPLETE, "5")
    assert store.counters(sample.portal, "2026-W49") == {"d1": {"views": "5"}}
    assert store.counters(sample.portal, "2026-W01") == {}
    assert store.db.counters.count_documents({}) == 2


def test_the_view_is_touched_only_where_told(store: Store, sample) -> None:
    def commit(number: int, *views: dict[str, str], missing: tuple[str, ...] = ()) -> Run:
        packed = PackedViews(sample.portal, sample.slug, views)
        return store.commit(sample.run(number), [], views=packed, missing=missing)

    first = commit(0, {"id": "d1", "title": "a\ud800"}, {"id": "d2", "title": "b"})
    second = commit(1, {"id": "d2", "title": "c"}, missing=("d1", "unknown"))
    views = {view["id"]: view for view in store.db.datasets.find()}
    assert views["d1"]["title"] == "a\ufffd"
    assert (views["d1"]["listed"], views["d1"]["missing_since"]) == (False, second.at)
    assert (views["d2"]["listed"], views["d2"]["title"], views["d2"]["changed_run"]) == (True, "c", second.id)
    assert views["d2"]["slug"] == sample.slug
    commit(2, {"id": "d1", "title": "a"})
    back = store.db.datasets.find_one({"id": "d1"})
    assert back["listed"]
    assert "missing_since" not in back
    assert first.id != back["changed_run"]


def test_a_transaction_is_whole_or_nothing(store: Store) -> None:
    events = store.db.events

    def work(session) -> str:
        events.insert_one({"_id": 1, "seq": 1}, session=session)
        return "done"

    assert store.transact(work) == "done"
    with pytest.raises(BulkWriteError):
        store.transact(
            lambda session: events.insert_many([{"_id": 2, "seq": 2}, {"_id": 1, "seq": 3}], session=session)
        )
    store.transact(lambda session: events.insert_one({"_id": 3, "seq": 3}, session=session))
    assert [event["_id"] for event in events.find(sort=[("_id", 1)])] == [1, 3]
