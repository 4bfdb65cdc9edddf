"""`python -m alerts import` as a person calls it: what it says, and that nothing of ours rests on it."""

import json
import os
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from alerts.scoreboard.board import board
from alerts.scoreboard.gather import gather
from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.imports import imports_of
from opendata_spiders.store.store import Store
from tests.alerts.audit.making import AT, REGISTER, put
from tests.commands import run_module

Alerts = Callable[..., "subprocess.CompletedProcess[str]"]
YINCHUAN = REGISTER.get("yinchuan")
ROWS = (
    "标题,来源部门,最后更新,发布时间,详情页网址,颜色\n"
    "学校名录,教育局,2023-02-03,2021-01-01,http://data.yinchuan.gov.cn/c?id=1,红\n"
    "医院名录,卫健委,2023-05-06,2021-01-01,http://data.yinchuan.gov.cn/c?id=2,红\n"
    ",卫健委,2023-05-06,2021-01-01,http://data.yinchuan.gov.cn/c?id=3,红\n"
)


@pytest.fixture
def alerts(store: Store, store_config: StoreConfig) -> Alerts:
    store.db["meta"].update_one({"_id": "store"}, {"$set": {"mode": "replay"}})
    environment = {**os.environ, "MONGODB_URI": str(store_config.uri), "MONGODB_DATABASE": store_config.database}
    environment |= {"WATCH_NOW": AT.isoformat(), "COLUMNS": "220"}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return run_module("alerts", *arguments, env=environment)

    return run


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "yinchuan-2023.csv"
    path.write_text(ROWS, "utf-8")
    return str(path)


def untouched(store: Store) -> dict[str, Any]:
    names = ("runs", "states", "events", "missing_datasets", "datasets")
    return {name: list(store.db[name].find().sort("_id", 1)) for name in names}


def test_an_old_crawl_becomes_claims_and_nothing_else(store: Store, alerts: Alerts, file: str) -> None:
    put(store, "yinchuan", {"a": {"updated": "2026-09-01", "published": "2024-03-01"}})
    before = untouched(store)
    done = alerts("import", file, "--as-of", "2023-07-01")
    assert (done.returncode, done.stderr) == (0, "")
    assert "yinchuan, as of 2023-07-01: 2 datasets" in done.stdout
    assert "line 4, title: empty" in done.stdout
    assert "Not read (--map COLUMN=FIELD reads one): 颜色" in done.stdout
    (kept,) = imports_of(store.db, YINCHUAN.id, datetime.max.replace(tzinfo=UTC))
    assert (kept.rows, kept.bad, kept.file, len(kept.sha256)) == (2, 1, "yinchuan-2023.csv", 64)
    assert alerts("diff").returncode == 0
    assert untouched(store) == before, "no run, state or event of ours rests on it"
    made = board(gather(store, REGISTER, AT))
    (row,) = made["backcast"]["rows"]
    claimed = [quarter for quarter, told in row["updated"].items() if told]
    assert claimed == ["2023Q1", "2023Q2", "2024Q1", "2026Q3"]
    assert row["imports"] == [{"as_of": "2023-07-01", "file": "yinchuan-2023.csv", "datasets": 2}]
    assert row["datasets"] == 1
    (told,) = made["perseverance"]["rows"]
    assert (told["quarters_updated"], told["claimed_quarters"]) == (0, 4)


def test_the_same_file_again_replaces_itself(store: Store, alerts: Alerts, file: str) -> None:
    for _ in range(2):
        done = alerts("import", file, "--as-of", "2023-07-01", "--map", "颜色=industry", "--json")
        assert done.returncode == 0, done.stderr
        assert ["颜色", "industry"] in json.loads(done.stdout)["columns"]
    assert len(imports_of(store.db, YINCHUAN.id, datetime.max.replace(tzinfo=UTC))) == 1


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--as-of", "2027-01-01"], "lies in the future"),
        (["--as-of", "soon"], "is no date"),
        (["--as-of", "2023-07-01", "guiyang"], "add --moved"),
        (["--as-of", "2023-07-01", "贵州"], "give the slug of one"),
        (["--as-of", "2023-07-01", "--map", "标题"], "COLUMN=FIELD"),
        (["--as-of", "2023-07-01", "--map", "标题=titel"], "no field"),
    ],
)
def test_what_makes_no_sense_is_refused_with_what_to_do(
    store: Store, alerts: Alerts, file: str, more: list[str], said: str
) -> None:
    done = alerts("import", file, *more)
    assert (done.returncode, "Traceback" in done.stderr) == (2, False), done.stderr
    assert said in " ".join(done.stderr.split())
    assert store.db["imports"].count_documents({}) == 0


def test_a_portal_that_stood_elsewhere_then_is_taken_by_name(store: Store, alerts: Alerts, file: str) -> None:
    done = alerts("import", file, "--as-of", "2023-07-01", "guiyang", "--moved")
    assert done.returncode == 0, done.stderr
    assert len(imports_of(store.db, REGISTER.get("guiyang").id, datetime.max.replace(tzinfo=UTC))) == 1
