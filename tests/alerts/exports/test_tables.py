"""Every table in every format gives back what the store holds."""

import csv
import gzip
import io
import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pandas as pd
import pytest

from alerts.exports.columns import ColumnType, dictionary
from alerts.exports.formats import FORMATS, stamp
from alerts.exports.snapshot import write_table
from alerts.exports.source import Source
from alerts.exports.tables import TABLES, datasets
from alerts.publish.folder import Folder
from alerts.scoreboard.board import board
from alerts.scoreboard.gather import gather
from alerts.scoreboard.history import keep
from alerts.text.jsonable import jsonable
from alerts.text.spreadsheets import BOM, LONGEST
from tests.alerts.audit.making import values
from tests.alerts.exports.conftest import LONG, ODD, Night

KINDS = {
    ColumnType.STRING: str, ColumnType.INTEGER: int, ColumnType.NUMBER: int | float, ColumnType.BOOLEAN: bool,
    ColumnType.DATETIME: datetime, ColumnType.ARRAY: list, ColumnType.JSON: dict | list,
}  # fmt: skip


def whole(table: str, row: Mapping[str, Any]) -> dict[str, Any]:
    return {one.name: jsonable(row.get(one.name), stamp) for one in dictionary()[table]}


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


@pytest.mark.parametrize("table", TABLES)
def test_rows_hold_the_columns_of_the_dictionary_and_their_types(source: Source, table: str) -> None:
    columns = {one.name: one for one in dictionary()[table]}
    rows = list(TABLES[table](source))
    assert bool(rows) == (table != "scoreboard")
    for row in rows:
        assert row.keys() <= columns.keys()
        for name, value in row.items():
            assert value is None or isinstance(value, KINDS[columns[name].type]), (name, value)


@pytest.mark.parametrize("table", TABLES)
def test_json_lines_and_parquet_hold_every_value_whole(source: Source, folder: Folder, table: str) -> None:
    write_table(source, folder, table, FORMATS)
    expected = [whole(table, row) for row in TABLES[table](source)]
    with gzip.open(folder.root / f"{table}.jsonl.gz", "rt", encoding="utf-8") as lines:
        text = lines.read()
    assert [json.loads(line) for line in text.splitlines()] == expected
    assert "\u202e" not in text
    assert len(pd.read_json(folder.root / f"{table}.jsonl.gz", lines=True, dtype=False)) == len(expected)
    if expected:
        assert duckdb.read_json(f"{folder.root}/{table}.jsonl.gz").count("*").fetchall() == [(len(expected),)]
    structured = [one.name for one in dictionary()[table] if one.type is ColumnType.JSON]
    frame = pd.read_parquet(folder.root / f"{table}.parquet", dtype_backend="pyarrow")
    rows = [
        {name: json.loads(value) if name in structured and value is not None else value for name, value in row.items()}
        for row in frame.to_dict("records")
    ]
    plain = [{name: None if _is_nothing(value) else _plain(value) for name, value in row.items()} for row in rows]
    assert plain == expected
    [(count,)] = duckdb.read_parquet(f"{folder.root}/{table}.parquet").count("*").fetchall()
    assert count == len(expected)


def _is_nothing(value: Any) -> bool:
    return value is None or value is pd.NA or value is pd.NaT


def _plain(value: Any) -> Any:
    if isinstance(value, pd.Timestamp):
        return stamp(value.to_pydatetime())
    return value.tolist() if hasattr(value, "tolist") else value


def test_csv_opens_everywhere_and_gives_back_the_text(source: Source, folder: Folder) -> None:
    write_table(source, folder, "datasets", ["csv"])
    path = folder.root / "datasets.csv"
    text = path.read_bytes().decode("utf-8")
    assert text.startswith(BOM)
    rows = {row["id"]: row for row in csv.DictReader(io.StringIO(text.removeprefix(BOM), newline=""))}
    assert list(rows) == ["y1", "a1", "a2", "a3", "a4", "a5"]
    held = {row["id"]: row for row in datasets.rows(source)}
    assert rows["a2"]["title"] == held["a2"]["title"]
    assert "👧 𠮷" in rows["a2"]["title"]
    assert rows["a2"]["description"] == held["a2"]["description"]
    assert rows["a3"]["title"] == "'" + ODD["a3"]["title"]
    assert rows["a3"]["office"] == "'-局"
    assert len(rows["a4"]["description"]) == LONGEST
    assert held["a4"]["description"] == LONG
    assert json.loads(rows["a1"]["theme"]) == held["a1"]["theme"]
    assert json.loads(rows["a1"]["resources"]) == [{"name": "站点表", "format": "csv", "id": "f1"}]
    assert rows["a1"]["updated"] == stamp(held["a1"]["updated"])
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    assert frame["title"].tolist() == [row["title"] for row in rows.values()]
    found = duckdb.read_csv(str(path), header=True, all_varchar=True).select("id", "title").fetchall()
    assert dict(found)["a1"] == "公交站点"
    assert dict(found)["a2"] == rows["a2"]["title"]
    # What Excel does with a csv file: each cell becomes a cell of a sheet, none of them a formula.
    book = openpyxl.Workbook()
    for row in csv.reader(io.StringIO(text.removeprefix(BOM), newline="")):
        book.active.append(row)
    sheet = folder.root / "datasets.xlsx"
    book.save(sheet)
    cells = [cell for row in openpyxl.load_workbook(sheet).active.iter_rows() for cell in row]
    assert "f" not in {cell.data_type for cell in cells}
    assert [row[3].value for row in openpyxl.load_workbook(sheet).active.iter_rows(min_row=2)].count("removed") == 1


def test_a_removed_dataset_stays_with_its_last_content_and_its_event(source: Source) -> None:
    rows = {row["id"]: row for row in datasets.rows(source)}
    [event] = [row for row in TABLES["events"](source) if row["kind"] == "dataset.removed"]
    gone = rows["a5"]
    assert (gone["status"], gone["title"], gone["office"]) == ("removed", "医院名录", "卫健委")
    assert (gone["gone_event"], gone["gone_at"]) == (event["id"], event["at"])
    assert gone["last_seen"] < gone["missing_since"] < gone["gone_at"]
    assert {row["status"] for name, row in rows.items() if name != "a5"} == {"listed"}
    assert datasets.one(source, gone["portal"], "a5") == gone
    assert datasets.one(source, gone["portal"], "a1") == rows["a1"]
    assert datasets.one(source, gone["portal"], "nothing") is None


def test_an_event_has_what_its_statement_rests_on(source: Source) -> None:
    [event] = [row for row in TABLES["events"](source) if row["kind"] == "dataset.removed"]
    versions = {row["id"]: row for row in TABLES["versions"](source)}
    assert versions[event["version"]]["dataset"] == "a5"
    assert len(event["absent"]) == 2
    assert event["last_seen"] < event["absent"][0]
    runs = {run.id for run in source.store.runs(event["portal"])}
    assert set(event["runs"]) <= runs
    assert event["page_url"].startswith("http")
    for language in ("zh", "en"):
        assert event[f"event_page_{language}"] == f"https://watch.example.cn/{language}/events/{event['id']}.html"
    assert event["zh"]
    assert event["en"]
    assert event["zh"] != event["en"]


def test_no_export_holds_a_telephone_number(source: Source, folder: Folder) -> None:
    for table in TABLES:
        write_table(source, folder, table, ["csv", "jsonl"])
        assert "12345678" not in (folder.root / f"{table}.csv").read_text("utf-8")
        assert b"12345678" not in gzip.decompress((folder.root / f"{table}.jsonl.gz").read_bytes())
    assert source.store.db["datasets"].count_documents({"contact_phone": "0851-12345678"}) == 6


def test_contents_are_as_the_portal_wrote_them(source: Source, folder: Folder) -> None:
    write_table(source, folder, "versions", ["csv"])
    text = (folder.root / "versions.csv").read_bytes().decode("utf-8-sig")
    rows = csv.DictReader(io.StringIO(text, newline=""))
    contents = {row["dataset"]: row["content"] for row in rows if row["dataset"] != "a4"}
    for name, content in contents.items():
        assert json.loads(content)["title"] == values(name, ODD.get(name, {"title": "气象站"}))["title"]
    [long] = [row["content"] for row in TABLES["versions"](source) if row["dataset"] == "a4"]
    assert (long["title"], long["description"]) == (ODD["a4"]["title"], LONG)


def test_what_waits_and_what_moved_is_not_called_removed(source: Source, night: Night) -> None:
    left = {name: row for name, row in ODD.items() if name not in ("a5", "a1")}
    night("guiyang", {**left, "b1": ODD["a1"]}, 4)
    night("guiyang", {**left, "b1": ODD["a1"]}, 5)
    night("guiyang", {**left, "b1": ODD["a1"]}, 6)
    rows = {row["id"]: row for row in datasets.rows(source)}
    assert (rows["a1"]["status"], rows["b1"]["status"], rows["a5"]["status"]) == ("rekeyed", "listed", "removed")
    night("guiyang", {name: row for name, row in left.items() if name != "a3"} | {"b1": ODD["a1"]}, 7)
    rows = {row["id"]: row for row in datasets.rows(source)}
    assert rows["a3"]["status"] == "missing"
    assert rows["a3"]["gone_at"] is None


def test_one_bad_row_does_not_stop_the_others(source: Source, caplog: pytest.LogCaptureFixture) -> None:
    source.store.db["datasets"].update_one({"id": "a2"}, {"$unset": {"id": ""}})
    assert [row["id"] for row in datasets.rows(source)] == ["y1", "a1", "a3", "a4", "a5"]
    assert "failed alone" in caplog.text


def test_the_series_of_the_scoreboard_is_as_it_was_kept(source: Source, folder: Folder) -> None:
    made = board(gather(source.store, source.register, source.now))
    keep(source.store, made)
    rows = {row["figure"]: row for row in TABLES["scoreboard"](source)}
    assert rows.keys() == made["figures"].keys()
    for code, row in rows.items():
        assert (row["date"], row["value"], row["version"]) == (
            made["date"],
            made["figures"][code]["value"],
            made["figures"][code]["version"],
        )
        assert row["zh"]
    write_table(source, folder, "scoreboard", ["parquet"])
    assert len(pd.read_parquet(folder.root / "scoreboard.parquet")) == len(rows)


def test_months_count_readings_and_statements(source: Source, night: Night) -> None:
    rows = {(row["slug"], row["month"]): row for row in TABLES["months"](source)}
    assert [month for slug, month in rows if slug == "guiyang"] == ["2026-09", "2026-10", "2026-11"]
    september, october, november = (rows["guiyang", month] for month in ("2026-09", "2026-10", "2026-11"))
    assert (september["nights_read"], september["seen"], september["removed"]) == (1, 5, 0)
    assert (october["nights_read"], october["seen"], october["removed"], october["declared"]) == (3, 4, 1, 4)
    assert (november["nights_read"], november["seen"], november["state"]) == (0, None, "unread")
    assert (october["state"], rows["yangquan", "2026-09"]["seen"]) == ("not_stopped", 1)
