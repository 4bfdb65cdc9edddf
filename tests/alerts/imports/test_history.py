"""Folders of snapshots become marked runs: what is told of them, in what order, and what stays apart from our own."""

import gzip
import json
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from alerts.engine.repository import load
from alerts.imports.limits import ImportRefusedError
from alerts.model.events import Confidence, Event
from alerts.records.published import newest, newest_with_history
from alerts.records.queries import events_where, tellable
from alerts.records.state_source import StoredStates
from alerts.scoreboard.look_back import look_back
from alerts.scoreboard.origin import Origin
from alerts.scoreboard.quarters import last_complete
from alerts.scoreboard.seen_portals import SeenPortals
from opendata_spiders.crawl.previous import load_previous
from opendata_spiders.store.imports import imported_runs
from opendata_spiders.store.models import Run, Verdict
from opendata_spiders.store.store import Store
from tests.alerts.imports.recording import (
    CATALOGUE,
    GUIYANG,
    NOW,
    REGISTER,
    SOURCE,
    answer,
    diff,
    lines,
    night,
    package,
    put_files,
    take_in,
)

WITHOUT_D7 = CATALOGUE[:7] + CATALOGUE[8:]
MONTHS = [f"2023-{month:02}-01" for month in range(1, 9)]


def of_datasets(events: list[Event]) -> list[Event]:
    """Without what is said of the city, whose dates stand still in these snapshots."""
    return [event for event in events if not event.kind.startswith("city.")]


def kinds(events: list[Event]) -> Counter[str]:
    return Counter(event.kind for event in of_datasets(events))


def verdicts(runs: list[Run]) -> list[str]:
    return [run.verdict.value for run in runs]


def test_a_marked_run_names_its_source_and_keeps_the_row(store: Store, tmp_path: Path) -> None:
    folder = put_files(tmp_path, {"2023-01-01T0600Z.json": answer(CATALOGUE)})
    (run,) = take_in(store, folder).runs
    assert run.imported is not None
    assert (run.imported.recorded_by, run.imported.file) == ("an archive", "2023-01-01T0600Z.json")
    assert (len(run.imported.sha256), run.imported.imported_at) == (64, NOW)
    assert (run.at, run.seq) == (datetime.fromisoformat("2023-01-01T06:00:00+00:00"), 1)
    assert (run.verdict, run.declared, run.seen, run.look) == (Verdict.COMPLETE, 60, 60, {})
    entry = store.entries(run.manifest)["d7"]
    version = store.versions([entry.version])[entry.version]
    assert version.content["title"] == "第d7号线路时刻表"
    assert json.loads(version.list_body) == package("d7")
    assert entry.clocks["updated"] == "2022-12-01T08:00:00Z", "CKAN writes UTC without saying so"
    assert diff(store) == [], "the first snapshot is the baseline"


def test_a_dataset_gone_for_92_days_is_history_and_never_news(store: Store, tmp_path: Path) -> None:
    away = MONTHS[2:5]
    files = {f"{day}.json": answer(WITHOUT_D7 if day in away else CATALOGUE) for day in MONTHS}
    report = take_in(store, put_files(tmp_path, files))
    assert set(verdicts(report.runs)) == {"complete"}
    events = diff(store)
    assert kinds(events) == {"dataset.removed": 1, "dataset.reappeared": 1}
    assert all(event.imported for event in events)
    gone = of_datasets(events)[0]
    assert (gone.dataset, f"{gone.at:%Y-%m-%d}") == ("d7", "2023-05-01"), (
        "the third complete list decides: nobody looked"
    )
    assert gone.confidence is Confidence.PROBABLE
    assert gone.imported is not None
    assert gone.imported.file == "2023-05-01.json"
    assert tellable(events_where(store), 0) == [], "no digest tells it"
    assert newest(store, 10, [GUIYANG.id]) == [], "no feed tells it"
    assert {event.dataset for event in of_datasets(newest_with_history(store, 10, GUIYANG.id))} == {"d7"}


def test_a_month_without_a_snapshot_and_two_absences_remove_nothing(store: Store, tmp_path: Path) -> None:
    days = [MONTHS[0], MONTHS[2], MONTHS[5], MONTHS[6]]
    files = {f"{day}.json": answer(CATALOGUE if day != MONTHS[2] else WITHOUT_D7) for day in days}
    take_in(store, put_files(tmp_path, files))
    assert of_datasets(diff(store)) == []


@pytest.mark.parametrize("how", ["json", "gz", "lines"])
def test_a_snapshot_that_is_cut_off_is_never_complete(store: Store, tmp_path: Path, how: str) -> None:
    whole = {"json": answer(CATALOGUE), "gz": lines(CATALOGUE), "lines": lines(CATALOGUE)}[how].encode()
    cut = gzip.compress(whole)[:-300] if how == "gz" else whole[: len(whole) * 2 // 3]
    suffix = {"json": "json", "gz": "jsonl.gz", "lines": "jsonl"}[how]
    first = gzip.compress(whole) if how == "gz" else whole
    files = {f"{day}.{suffix}": cut if day in MONTHS[1:4] else first for day in MONTHS[:6]}
    report = take_in(store, put_files(tmp_path, files))
    assert verdicts(report.runs) == ["complete", "partial", "partial", "partial", "complete", "complete"]
    assert 0 < report.runs[1].seen < len(CATALOGUE)
    assert "datasets read; the " in report.runs[1].reason
    assert of_datasets(diff(store)) == []


def test_half_a_list_without_a_total_is_partial_and_one_that_lost_a_few_for_good_is_not(
    store: Store, tmp_path: Path
) -> None:
    fewer = CATALOGUE[:57]
    listed = [CATALOGUE, CATALOGUE[:30], CATALOGUE, fewer, fewer, fewer, fewer, fewer]
    files = {f"{day}.jsonl": lines(names) for day, names in zip(MONTHS, listed, strict=True)}
    runs = take_in(store, put_files(tmp_path, files)).runs
    assert verdicts(runs) == ["complete", "partial", "complete", *["complete"] * 5]
    assert runs[3].reason == "57 datasets; what it lacks (3) stays away from the later snapshots too"
    assert all(run.look == {} for run in runs), "no page was looked at"
    assert kinds(diff(store)) == {"dataset.removed": 3}


def test_a_shorter_list_at_the_end_of_the_folder_is_unproven(store: Store, tmp_path: Path) -> None:
    listed = [CATALOGUE, CATALOGUE[:57], CATALOGUE[:57], CATALOGUE[:57]]
    files = {f"{day}.jsonl": lines(names) for day, names in zip(MONTHS, listed, strict=False)}
    assert verdicts(take_in(store, put_files(tmp_path, files)).runs) == ["complete", "partial", "partial", "partial"]


def test_new_ids_between_two_snapshots_remove_nothing(store: Store, tmp_path: Path) -> None:
    again = {
        f"new-{name}": {"title": f"第{name}号线路时刻表", "organization": package(name)["organization"]}
        for name in CATALOGUE
    }
    files = {f"{day}.json": answer(CATALOGUE) if day < "2023-04" else answer(again, **again) for day in MONTHS}
    take_in(store, put_files(tmp_path, files))
    told = kinds(diff(store))
    assert told.keys() <= {"dataset.rekeyed", "bulk.rekeyed", "platform.incident"}
    assert told["bulk.rekeyed"] == 1


def test_importing_again_changes_nothing_and_more_of_it_goes_on(store: Store, tmp_path: Path) -> None:
    folder = put_files(tmp_path, {f"{day}.json": answer(CATALOGUE) for day in MONTHS[:2]})
    take_in(store, folder)
    before = list(store.db["runs"].find().sort("_id", 1))
    again = take_in(store, folder)
    assert (again.runs, again.known) == ([], 2)
    assert list(store.db["runs"].find().sort("_id", 1)) == before
    put_files(folder, {f"{MONTHS[2]}.json": answer(CATALOGUE)})
    more = take_in(store, folder)
    assert ([run.seq for run in more.runs], more.known) == ([3], 2)
    put_files(folder, {"2022-05-01.json": answer(CATALOGUE)})
    with pytest.raises(ImportRefusedError, match=r"2022-05-01\.json was taken before the last snapshot .*new database"):
        take_in(store, folder)


def test_after_a_reading_of_our_own_a_history_is_refused(store: Store, tmp_path: Path) -> None:
    night(store, "2026-11-28T18:00:00+00:00", CATALOGUE)
    with pytest.raises(ImportRefusedError, match="first read by ourselves on 2026-11-28"):
        take_in(store, put_files(tmp_path, {"2023-01-01.json": answer(CATALOGUE)}))
    assert imported_runs(store.db, GUIYANG.id) == []


def test_an_unreadable_file_is_named_and_the_others_are_taken(store: Store, tmp_path: Path) -> None:
    files = {
        "2023-01-01.json": answer(CATALOGUE),
        "2023-02-01.json": "<html>no catalogue</html>",
        "2023-03-01.json": '{"success": false, "error": {"message": "down"}}',
        "2023-04-01.json.gz": b"no gzip at all",
        "2023-05-01.json": answer(CATALOGUE),
    }
    report = take_in(store, put_files(tmp_path, files))
    assert [run.imported and run.imported.file for run in report.runs] == ["2023-01-01.json", "2023-05-01.json"]
    assert [fault[:10] for fault in report.faults] == ["2023-02-01", "2023-03-01", "2023-04-01"]
    again = take_in(store, tmp_path)
    assert (again.runs, again.known, again.faults) == ([], 2, report.faults)
    put_files(tmp_path, {"2023-02-01.json": answer(CATALOGUE)})
    with pytest.raises(ImportRefusedError, match=r"2023-02-01\.json was taken before"):
        take_in(store, tmp_path)


def test_the_first_reading_under_another_id_rule_begins_anew(store: Store, tmp_path: Path) -> None:
    take_in(
        store,
        put_files(
            tmp_path, {f"{day}.json": answer(WITHOUT_D7 if day > "2023-03" else CATALOGUE) for day in MONTHS[:4]}
        ),
    )
    diff(store)
    for at in ("2026-11-26", "2026-11-27", "2026-11-28", "2026-11-29"):
        night(store, f"{at}T18:00:00+00:00", [f"own-{number}" for number in range(40)])
    assert diff(store) == [], "nothing of the two is compared: nothing is new, moved or removed"
    memory = load(store, GUIYANG.id)
    assert (memory.state.size, memory.datasets, memory.state.nights) == (40, {}, 4)
    assert f"{memory.state.first_observed:%Y-%m-%d}" == "2026-11-26", "nights of others are none of ours"


def test_other_ids_under_the_same_rule_begin_anew_too(store: Store, tmp_path: Path) -> None:
    take_in(store, put_files(tmp_path, {f"{day}.json": answer(CATALOGUE) for day in MONTHS[:2]}))
    diff(store)
    for day in ("25", "26", "27", "28"):
        night(store, f"2026-11-{day}T18:00:00+00:00", [f"name-{name}" for name in CATALOGUE], family="ckan")
    assert diff(store) == []
    assert load(store, GUIYANG.id).datasets == {}


def test_under_the_same_rule_what_only_snapshots_show_is_history(store: Store, tmp_path: Path) -> None:
    """The family of a portal and its own exports have the same native ids."""
    folder = put_files(tmp_path, {f"{day}.json": answer(CATALOGUE) for day in MONTHS})
    take_in(store, folder)
    diff(store)
    state = load(store, GUIYANG.id).state
    here = (*WITHOUT_D7, "fresh")
    first = night(store, "2026-11-25T18:00:00+00:00", here, family="ckan")
    assert first.epoch == state.epoch
    assert (first.verdict, first.stats.get("against")) == (Verdict.COMPLETE, None), "judged by our own readings alone"
    across = diff(store)
    assert kinds(across)["dataset.new"] == 1
    assert all(event.imported for event in across)
    for day in ("26", "27"):
        night(store, f"2026-11-{day}T18:00:00+00:00", here, family="ckan")
    (gone,) = diff(store)
    assert (gone.kind, gone.dataset, gone.confidence) == ("dataset.removed", "d7", Confidence.PROBABLE)
    assert gone.imported is not None, "last seen by others: a claim across two sources"
    assert gone.imported.file == "2023-08-01.json"
    for day in ("28", "29", "30"):
        night(store, f"2026-11-{day}T18:00:00+00:00", here[1:], family="ckan")
    (own,) = [event for event in diff(store) if event.kind == "dataset.removed"]
    assert (own.dataset, own.imported) == ("d0", None), "what we saw ourselves is news"


def test_a_crawl_is_judged_by_our_own_readings_and_a_snapshot_by_snapshots(store: Store, tmp_path: Path) -> None:
    (run,) = take_in(store, put_files(tmp_path, {"2023-01-01.json": answer(CATALOGUE)})).runs
    assert load_previous(store, GUIYANG.id, run.epoch).run is None
    assert load_previous(store, GUIYANG.id, run.epoch, imported=True).run == run
    assert store.last_run(GUIYANG.id) is None


def test_nights_that_others_observed_count_as_observed_on_the_scoreboard(store: Store, tmp_path: Path) -> None:
    (first,) = take_in(store, put_files(tmp_path, {"2026-07-01.json": answer(CATALOGUE)})).runs
    diff(store)
    for days in range(1, 70):
        store.commit(replace(first, id=f"n{days}", at=first.at + timedelta(days=days)), ())
    quarters = last_complete(NOW.date(), 16)
    observed = SeenPortals(store, NOW, quarters[0].first).of(GUIYANG)
    record = look_back(Origin(store, REGISTER, NOW, StoredStates(store)), GUIYANG, (), observed, quarters)
    assert record.observed == 1


def test_a_flat_table_and_names_alone_are_read_too(store: Store, tmp_path: Path) -> None:
    names = '{"success": true, "result": ["a-road", "b-road", "c-road"]}'
    take_in(store, put_files(tmp_path / "names", {"2023-01-01.json": names, "2023-02-01.json": names}))
    table = "编号,标题,来源部门\n" + "".join(f"{number},线路{number},交通局\n" for number in range(20))
    more = put_files(tmp_path / "table", {"20230601.csv": table, "20230701.csv": table + "99,新线路,交通局\n"})
    runs = take_in(store, more, replace(SOURCE, recorded_by="another archive")).runs
    assert verdicts(runs) == ["complete", "complete"]
    assert kinds(diff(store)) == {"dataset.new": 1}, "another recorder's ids are not compared with the names before"


def test_a_snapshot_of_another_portal_is_named_unless_the_portal_has_moved(store: Store, tmp_path: Path) -> None:
    rows = "".join(f"{n},线路{n},https://data.elsewhere.example/{n}\n" for n in range(20))
    folder = put_files(tmp_path, {"2023-01-01.csv": f"编号,标题,详情页网址\n{rows}"})
    report = take_in(store, folder)
    assert report.runs == []
    assert "add --moved" in report.faults[0]
    (run,) = take_in(store, folder, replace(SOURCE, moved=True)).runs
    assert (run.verdict, run.seen) == (Verdict.COMPLETE, 20)
