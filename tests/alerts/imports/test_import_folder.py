"""`python -m alerts import FOLDER` as a person calls it, and who hears of what it tells: pages, and no reader."""

import json
import os
import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from alerts.audience.subscribers import load
from alerts.digest.compose import Composer
from alerts.publish.folder import Folder
from alerts.site.build import Site
from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.imports import imported_runs
from opendata_spiders.store.store import Store
from tests.alerts.imports.recording import CATALOGUE, GUIYANG, NOW, REGISTER, answer, diff, put_files, take_in
from tests.commands import run_module

Alerts = Callable[..., "subprocess.CompletedProcess[str]"]
MONTHS = [f"2023-{month:02}-01" for month in range(1, 9)]


@pytest.fixture
def alerts(store: Store, store_config: StoreConfig) -> Alerts:
    environment = {**os.environ, "MONGODB_URI": str(store_config.uri), "MONGODB_DATABASE": store_config.database}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return run_module("alerts", *arguments, env=environment | {"COLUMNS": "220"})

    return run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    away = CATALOGUE[:7] + CATALOGUE[8:]
    return put_files(
        tmp_path / "history", {f"{day}.json": answer(away if day > "2023-05" else CATALOGUE) for day in MONTHS}
    )


def test_a_folder_is_imported_folded_and_shown_as_history(store: Store, alerts: Alerts, folder: Path) -> None:
    put_files(folder, {"2023-09-01.json": "broken"})
    done = alerts("import", str(folder), "guiyang", "--recorded-by", "an archive", "--json")
    assert done.returncode == 1, done.stderr
    assert "Not read: 2023-09-01.json" in done.stderr
    assert len(json.loads(done.stdout)["runs"]) == len(MONTHS) == len(imported_runs(store.db, GUIYANG.id))
    assert alerts("diff").returncode == 0
    told = alerts("events", "guiyang", "--kind", "dataset.removed").stdout
    assert "dataset.removed (imported)" in told


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["guiyang"], "--recorded-by NAME"),
        (["--recorded-by", "x"], "a folder needs PORTAL"),
        (["guiyang", "--recorded-by", "x", "--as-of", "2023-01-01"], "no --as-of"),
        (["贵州", "--recorded-by", "x"], "give the slug of one"),
    ],
)
def test_what_makes_no_sense_is_refused(store: Store, alerts: Alerts, folder: Path, more: list[str], said: str) -> None:
    done = alerts("import", str(folder), *more)
    assert (done.returncode, "Traceback" in done.stderr) == (2, False), done.stderr
    assert said in " ".join(done.stderr.split())
    assert store.db["runs"].count_documents({}) == 0


def test_no_reader_hears_of_it_and_pages_name_who_recorded_it(store: Store, folder: Path, tmp_path: Path) -> None:
    take_in(store, folder)
    gone = next(event for event in diff(store) if event.kind == "dataset.removed")
    readers = tmp_path / "subscribers.yaml"
    readers.write_text("subscribers:\n  - {name: desk, urls: ['json://127.0.0.1:9/a'], language: en}\n", "utf-8")
    (reader,) = load(readers, REGISTER)
    composer = Composer(store, REGISTER, NOW)
    assert composer.replay(reader, NOW - timedelta(days=2000)) is None
    first, _ = composer.compose(reader, None)
    assert first is not None
    assert "d7" not in str(first)
    (standing,) = [one for one in composer.cache.situation(reader.scope, NOW).standings if one.slug == "guiyang"]
    assert (standing.state, standing.reliable) == ("none", False), "of a portal that we never read nothing is told"
    site = Folder(tmp_path / "site")
    Site(store, REGISTER, site, NOW, "").write()
    page = (tmp_path / "site" / "en" / "events" / f"{gone.id}.html").read_text("utf-8")
    assert "from snapshots recorded by an archive, imported on 30 November 2026" in page
    city = (tmp_path / "site" / "en" / "city" / "guiyang" / "index.html").read_text("utf-8")
    assert "rests on snapshots recorded by an archive" in city
    assert "(imported history)" in city
    assert "Never read in full yet" in city
    for path in (tmp_path / "site").rglob("feeds/*.json"):
        assert json.loads(path.read_text("utf-8"))["items"] == [], path
    overview = (tmp_path / "site" / "zh" / "index.html").read_text("utf-8")
    assert gone.id not in overview
