"""What the operator allows: nothing as shipped, and rows that make no sense are refused at the start, with file and column."""

from datetime import date
from pathlib import Path

import pytest

from opendata_spiders.exits import Exit
from opendata_spiders.fetching.permissions import PATHS, WALLS, Permission, allowed_passes, permitted_paths
from opendata_spiders.tables import TableError
from tests.commands import run_module

HEADER = "host_group,wall,reason,allowed_by,since\n"
GOOD = "www.hefei.gov.cn,加速乐,agreed by letter,the operator,2026-11-01\n"


def laid(tmp_path: Path, rows: str) -> Path:
    (tmp_path / WALLS).write_text(HEADER + rows, "utf-8")
    return tmp_path


def test_nothing_is_allowed_as_shipped(tmp_path: Path) -> None:
    assert (allowed_passes(tmp_path), permitted_paths(tmp_path)) == ({}, {})


def test_paths_are_read_by_host_group(tmp_path: Path) -> None:
    rows = "a,/api/3/action/,x,y,2026-11-01\na,/dataset/,x,y,2026-11-01\nb,/api/,x,y,2026-11-01\n"
    (tmp_path / PATHS).write_text(HEADER.replace("wall", "path") + rows, "utf-8")
    assert permitted_paths(tmp_path) == {"a": ["/api/3/action/", "/dataset/"], "b": ["/api/"]}


def test_a_path_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / PATHS).write_text(HEADER.replace("wall", "path") + "a,api,x,y,2026-11-01\n", "utf-8")
    with pytest.raises(TableError, match=rf"{PATHS}, line 2, column path: 'api' is no path"):
        permitted_paths(tmp_path)


def test_a_row_is_read(tmp_path: Path) -> None:
    one = Permission("www.hefei.gov.cn", "加速乐", "agreed by letter", "the operator", date(2026, 11, 1))
    assert allowed_passes(laid(tmp_path, GOOD)) == {"www.hefei.gov.cn": one}


@pytest.mark.parametrize(
    ("rows", "column"),
    [
        (",加速乐,x,y,2026-11-01", "host_group"),
        ("a,加速乐,,y,2026-11-01", "reason"),
        ("a,加速乐,x,,2026-11-01", "allowed_by"),
        ("a,腾讯云 WAF,x,y,2026-11-01", "wall"),
        ("a,加速乐,x,y,yesterday", "since"),
        (GOOD + GOOD, "host_group"),
    ],
)
def test_a_row_that_makes_no_sense_is_refused(tmp_path: Path, rows: str, column: str) -> None:
    with pytest.raises(TableError, match=rf"{WALLS}, line \d, column {column}"):
        allowed_passes(laid(tmp_path, rows))


def test_a_command_refuses_it_before_it_asks_anybody(tmp_path: Path) -> None:
    folder = laid(tmp_path, GOOD.replace("www.hefei.gov.cn", "nobody.example.cn"))
    done = run_module("scrapy", "crawl", "hefei", env={"REGISTER_DIR": str(folder), "PYTHONUTF8": "1"})
    assert done.returncode == Exit.WRONG_USE
    assert f"{WALLS}, column host_group" in done.stdout + done.stderr
    assert "nobody.example.cn" in done.stdout + done.stderr
