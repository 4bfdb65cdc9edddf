"""A snapshot is a dated folder that proves itself; old ones are removed by the policy and nothing else is."""

import json
import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner, Result

from alerts.cli import main
from alerts.exports import snapshot as snapshots
from alerts.exports.dictionary import PACKAGE, SUMS, page
from alerts.exports.policy import policy
from alerts.exports.snapshot import PARTS, prune, write_snapshot
from alerts.exports.source import Source
from alerts.exports.tables import TABLES
from alerts.publish.folder import Folder
from opendata_spiders.store.config import StoreConfig

ROOT = Path(__file__).parents[3]


@pytest.fixture
def alerts(source: Source, store_config: StoreConfig, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.setenv("MONGODB_URI", str(store_config.uri))
    monkeypatch.setenv("MONGODB_DATABASE", store_config.database)
    return lambda *words: CliRunner().invoke(main, list(words))


def check(folder: Path) -> int:
    return subprocess.run(["sha256sum", "--quiet", "-c", SUMS], cwd=folder, check=False).returncode


def test_a_snapshot_is_whole_proves_itself_and_says_what_is_in_it(source: Source, tmp_path: Path) -> None:
    folder = Folder(tmp_path / "2026-11-09")
    write_snapshot(source, folder)
    assert check(folder.root) == 0
    files = {path.relative_to(folder.root).as_posix() for path in folder.root.rglob("*") if path.is_file()}
    listed = {line.partition("  ")[2] for line in (folder.root / SUMS).read_text("utf-8").splitlines()}
    assert files == listed | {SUMS}
    package = json.loads((folder.root / PACKAGE).read_text("utf-8"))
    assert {one["path"] for one in package["resources"]} <= files
    assert {f"{table}.{end}" for table in TABLES for end in ("csv", "jsonl.gz", "parquet")} <= files
    assert {one for one in files if one.startswith("events/")} == {
        "events/2026-09.csv",
        "events/2026-10.csv",
        "events/2026-11.csv",
    } & files
    for one in package["resources"]:
        fields = json.loads((folder.root / one["schema"]).read_text("utf-8"))["fields"]
        if one["path"].endswith(".csv"):
            header = (folder.root / one["path"]).read_text("utf-8-sig").splitlines()[0]
            assert header.split(",") == [field["name"] for field in fields]
    held = duckdb.read_parquet(f"{folder.root}/datasets.parquet").filter("status = 'removed'")
    assert held.select("title", "office").fetchall() == [("医院名录", "卫健委")]
    monthly = duckdb.read_csv(f"{folder.root}/events/*.csv", all_varchar=True, header=True).count("*").fetchall()
    assert monthly == duckdb.read_parquet(f"{folder.root}/events.parquet").count("*").fetchall()


def test_a_second_snapshot_of_the_same_day_rewrites_nothing_but_what_changed(source: Source, tmp_path: Path) -> None:
    first = Folder(tmp_path)
    write_snapshot(source, first)
    again = Folder(tmp_path)
    write_snapshot(source, again)
    assert again.written == 1, "the checksums"
    assert again.same == first.written - 1
    (tmp_path / "datasets.csv").write_text("changed", "utf-8")
    assert check(tmp_path) == 1


def test_a_part_that_fails_leaves_the_others(
    source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_: Source) -> None:
        raise ValueError("on purpose")

    monkeypatch.setattr(snapshots, "TABLES", {**TABLES, "portals": broken})
    write_snapshot(source, Folder(tmp_path), formats=["csv"])
    assert "export portals failed alone" in caplog.text
    assert (tmp_path / "months.csv").exists()
    assert not (tmp_path / "portals.csv").exists()
    assert list(tmp_path.rglob(".part-*")) == []
    assert check(tmp_path) == 0


def test_old_snapshots_go_and_the_first_of_each_month_stays(source: Source, tmp_path: Path) -> None:
    known = policy()
    days = [timedelta(days=number) for number in (0, 1, known.keep_days, 30, 31, 60, 1900)]
    for day in days:
        folder = Folder(tmp_path / snapshots.name_of(source.now - day))
        write_snapshot(source, folder, ["governments"], ["csv"])
    (tmp_path / "2020-01-01").mkdir()
    (tmp_path / "2020-01-01" / "mine.txt").write_text("kept", "utf-8")
    (tmp_path / "notes").mkdir()
    oldest = tmp_path / snapshots.name_of(source.now - days[-1])
    (oldest / "mine.txt").write_text("kept", "utf-8")
    removed = prune(tmp_path, source.now)
    left = {path.name for path in tmp_path.iterdir()}
    assert removed == [oldest.name, "2026-10-10"]
    assert left == {
        "2026-11-09",
        "2026-11-08",
        "2026-10-26",
        "2026-10-09",
        "2026-09-10",
        "2020-01-01",
        "notes",
        oldest.name,
    }
    assert [path.name for path in oldest.iterdir()] == ["mine.txt"]
    assert prune(tmp_path, source.now) == []


def test_checksums_that_point_outside_remove_nothing(source: Source, tmp_path: Path) -> None:
    (tmp_path / "victim").write_text("kept", "utf-8")
    old = Folder(tmp_path / "2019-02-03")
    write_snapshot(source, old, ["governments"], ["csv"])
    with (old.root / SUMS).open("a") as sums:
        sums.write(f"0  ../victim\n0  {tmp_path / 'victim'}\n")
    assert prune(tmp_path, source.now) == ["2019-02-03"]
    assert [path.name for path in tmp_path.iterdir()] == ["victim"]


def test_the_command_writes_the_parts_and_formats_that_are_asked_for(
    alerts: Callable[..., Result], tmp_path: Path
) -> None:
    done = alerts(
        "export", "--out", str(tmp_path), "--only", "portals", "--only", "months", "--format", "csv", "--json"
    )
    assert done.exit_code == 0, done.output
    folder = Path(json.loads(done.stdout)["out"])
    assert {path.name for path in folder.glob("*.csv")} == {"portals.csv", "months.csv"}
    assert check(folder) == 0
    for words in (("--only", "nothing"), ("--format", "xls")):
        assert alerts("export", "--out", str(tmp_path), *words).exit_code == 2


def test_the_night_writes_it_where_a_folder_is_set_and_only_there(
    alerts: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("EXPORT_DIR", raising=False)
    monkeypatch.chdir(tmp_path)
    idle = alerts("export", "--if-set")
    assert (idle.exit_code, idle.output) == (0, "")
    refused = alerts("export")
    assert refused.exit_code == 2
    assert "name the folder with --out, or set EXPORT_DIR" in refused.output
    monkeypatch.setenv("EXPORT_DIR", str(tmp_path / "snapshots"))
    done = alerts("export", "--if-set", "--only", "governments", "--format", "csv")
    assert done.exit_code == 0, done.output
    [folder] = (tmp_path / "snapshots").iterdir()
    assert check(folder) == 0
    monkeypatch.setenv("EXPORT_DIR", str(folder / "README.md"))
    unwritable = alerts("export", "--only", "governments", "--format", "csv")
    assert unwritable.exit_code == 1
    assert "name another folder with EXPORT_DIR" in unwritable.output
    assert "export --if-set" in (ROOT / "scripts" / "nightly.sh").read_text("utf-8")


def test_without_the_package_for_parquet_it_says_what_to_install(
    alerts: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alerts.exports.formats.find_spec", lambda name: None)
    monkeypatch.setattr("alerts.cli.export.has_parquet", lambda: False)
    refused = alerts("export", "--out", str(tmp_path))
    assert refused.exit_code == 1
    assert "pip install pyarrow" in refused.output
    assert list(tmp_path.iterdir()) == []
    assert alerts("export", "--out", str(tmp_path), "--format", "csv").exit_code == 0


def test_the_document_lists_the_columns_as_they_are() -> None:
    assert page() in (ROOT / "docs" / "exports.md").read_text("utf-8")
    assert set(PARTS) >= set(TABLES)


if __name__ == "__main__":
    document = ROOT / "docs" / "exports.md"
    text = document.read_text("utf-8").partition("### ")[0]
    document.write_text(text + page(), "utf-8")
