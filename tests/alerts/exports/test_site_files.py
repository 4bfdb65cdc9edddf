"""What the site offers beside its pages: there, the same as the tables, and not touched where nothing changed."""

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

from alerts.exports.site_files import badge_path, portal_months_path, write_site_files
from alerts.exports.source import Source
from alerts.exports.tables import months
from alerts.publish.folder import Folder
from tests.alerts.digest.making import event
from tests.alerts.exports.conftest import FIRST
from tests.alerts.publish.filling import put_events

GUIYANG = "520100.1"


def write(source: Source, root: Path) -> Folder:
    folder = Folder(root)
    write_site_files(source, folder, lambda view: view.slug == "yangquan")
    return folder


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"), newline="")))


def test_badges_months_and_events_are_there_and_stay_untouched(source: Source, tmp_path: Path) -> None:
    write(source, tmp_path)
    assert "正常更新" in (tmp_path / badge_path("guiyang", "zh")).read_text("utf-8")
    assert "#57606a" in (tmp_path / badge_path("yangquan", "en")).read_text("utf-8"), "stale, so grey"
    mine = [row for row in months.rows(source) if row["slug"] == "guiyang"]
    assert json.loads((tmp_path / portal_months_path("guiyang", "json")).read_text("utf-8")) == mine
    told = rows(tmp_path / portal_months_path("guiyang", "csv"))
    assert [(one["month"], one["removed"]) for one in told] == [(one["month"], str(one["removed"])) for one in mine]
    removed = [one for one in rows(tmp_path / "data" / "events" / "2026-10.csv") if one["kind"] == "dataset.removed"]
    assert [one["dataset"] for one in removed] == ["a5"]
    assert write(source, tmp_path).written == 0


def test_an_old_month_is_written_again_only_where_an_event_of_it_was_withdrawn(source: Source, tmp_path: Path) -> None:
    late = replace(source, now=FIRST.replace(year=2027, month=3))
    write(late, tmp_path)
    october, september = (tmp_path / "data" / "events" / f"2026-{month}.csv" for month in ("10", "09"))
    for path in (october, september):
        path.write_text("of an earlier time", "utf-8")
    write(late, tmp_path)
    assert october.read_text("utf-8") == "of an earlier time"
    [gone] = late.store.db["events"].find({"kind": "dataset.removed"})
    evidence = {
        "retracted": gone["_id"],
        "of": "dataset.removed",
        "why": "a mistake",
        "by": "person",
        "of_seq": gone["seq"],
    }
    put_events(late.store, event("event.retracted", "guiyang", portal=GUIYANG, at=late.now, evidence=evidence))
    write(late, tmp_path)
    [row] = [one for one in rows(october) if one["id"] == gone["_id"]]
    assert row["retracted"]
    assert september.read_text("utf-8") == "of an earlier time"
