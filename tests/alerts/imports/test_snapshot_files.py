"""Which files of a folder are snapshots, when each was taken, and what of a damaged one can be read."""

import gzip
import lzma
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import zstandard

from alerts.imports.limits import ImportRefusedError
from alerts.imports.snapshot_files import date_in, read_bytes, snapshot_files
from tests.alerts.imports.recording import NOW, put_files

CHINA = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("name", "at"),
    [
        ("2024-03-01.json", "2024-03-01T04:00"),
        ("catalogue_20240301.jsonl.gz", "2024-03-01T04:00"),
        ("2024-03-01T0000Z.json", "2024-03-01T00:00"),
        ("2024-03-01T0630.json", "2024-02-29T22:30"),
        ("20240301T063015+0800-list.json", "2024-02-29T22:30:15"),
        ("2024-03-01_18-05.json", "2024-03-01T10:05"),
        ("2024-03-01_123456789.json", "2024-03-01T04:00"),
        ("2024-03-01/datasets.jsonl.gz", "2024-03-01T04:00"),
        ("2024-03-01/2024-03-01.json", "2024-03-01T04:00"),
    ],
)
def test_a_name_tells_one_time(name: str, at: str) -> None:
    found = date_in(name, CHINA)
    assert found == datetime.fromisoformat(f"{at}+00:00")


@pytest.mark.parametrize(
    "name",
    ["01-03-2024.json", "2024-03.json", "2024-02-30.json", "2024-03-01_2024-03-31.json", "v1.json", "120240301.json"],
)
def test_what_is_no_single_date_is_refused_by_name(tmp_path: Path, name: str) -> None:
    put_files(tmp_path, {"2024-01-01.json": "[]", name: "[]"})
    with pytest.raises(ImportRefusedError, match=name):
        snapshot_files(tmp_path, CHINA, NOW)


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"README.md": "x"}, "holds no snapshot"),
        ({"2027-01-01.json": "[]"}, "2027-01-01.json lie in the future"),
        ({"a/2024-01-01.json": "[]", "b/2024-01-01.json": "[]"}, "b/2024-01-01.json were taken at the time of another"),
        ({"a.json": "[]", "manifest.csv": "file,at,total\na.json,2024-01-01,many\n"}, "needs the columns"),
        ({"a.json": "[]", "b.json": "[]", "manifest.csv": "file,at\na.json,2024-01-01\n"}, "the name of b.json"),
    ],
)
def test_a_folder_that_is_not_clear_is_refused(tmp_path: Path, files: dict[str, str], said: str) -> None:
    with pytest.raises(ImportRefusedError, match=said):
        snapshot_files(put_files(tmp_path, files), CHINA, NOW)


def test_a_manifest_tells_times_and_totals(tmp_path: Path) -> None:
    files = {
        "b.json": "[]",
        "a.json": "[]",
        "manifest.csv": "file,at,total\na.json,2024-02-01T00:00Z,12\nb.json,2024-01-01,\n",
    }
    found = snapshot_files(put_files(tmp_path, files), CHINA, NOW)
    assert [(one.name, f"{one.at:%m-%d %H}", one.total) for one in found] == [
        ("b.json", "01-01 04", None),
        ("a.json", "02-01 00", 12),
    ]


def test_of_an_export_of_ours_its_list_of_datasets_is_the_snapshot(tmp_path: Path) -> None:
    names = ("datapackage.json", "datasets.csv", "datasets.jsonl.gz", "events.jsonl.gz", "schemas/datasets.json")
    put_files(
        tmp_path,
        {f"2026-11-{day}/{name}": "x" for day in (1, 2) for name in names} | {"2026-11-03/datapackage.json": "x"},
    )
    with pytest.raises(ImportRefusedError):
        snapshot_files(tmp_path, CHINA, NOW)
    put_files(tmp_path / "dated", {f"2026-11-0{day}/{name}": "x" for day in (1, 2) for name in names})
    found = snapshot_files(tmp_path / "dated", CHINA, NOW)
    assert [one.name for one in found] == ["2026-11-01/datasets.jsonl.gz", "2026-11-02/datasets.jsonl.gz"]


CONTENT = "".join(f"line {number * number}\n" for number in range(40_000)).encode()
PACKED = {".gz": gzip.compress, ".xz": lzma.compress, ".zst": zstandard.compress, "": bytes}


@pytest.mark.parametrize("suffix", PACKED)
def test_packed_files_are_read_whole(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.jsonl{suffix}"
    path.write_bytes(PACKED[suffix](CONTENT))
    read = read_bytes(path)
    assert (read.content == CONTENT, read.cut) == (True, "")


@pytest.mark.parametrize("suffix", [".gz", ".xz", ".zst"])
def test_of_a_packed_file_that_ends_early_the_beginning_is_read(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.jsonl{suffix}"
    packed = PACKED[suffix](CONTENT)
    path.write_bytes(packed[: len(packed) * 9 // 10])
    read = read_bytes(path)
    assert CONTENT.startswith(read.content)
    assert read.content
    assert "early" in read.cut


def test_a_file_that_is_not_packed_as_its_name_says_is_refused(tmp_path: Path) -> None:
    for suffix in (".gz", ".xz", ".zst"):
        path = tmp_path / f"a.json{suffix}"
        path.write_bytes(b"{}")
        with pytest.raises(ImportRefusedError, match=r"broken|early"):
            read_bytes(path)
    (tmp_path / "a.json").touch()
    with pytest.raises(ImportRefusedError, match="empty"):
        read_bytes(tmp_path / "a.json")


def test_a_file_that_unpacks_to_more_than_a_catalogue_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = type("Small", (), {"file_mb": 1})
    monkeypatch.setattr("alerts.imports.snapshot_files.limits", small)
    for suffix, pack in PACKED.items():
        path = tmp_path / f"a.json{suffix}"
        path.write_bytes(pack(bytes(3 << 20)))
        with pytest.raises(ImportRefusedError, match="more than 1 MB"):
            read_bytes(path)
