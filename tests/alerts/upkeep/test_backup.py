"""A backup taken while somebody writes, put into another database: the same answers; a damaged file is refused."""

import shutil
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from alerts.engine.checkpoints import keep_due_checkpoints
from alerts.engine.repository import prepare
from alerts.engine.runner import PortalRef, fold_new
from alerts.model.policy import policy
from alerts.upkeep.backup import BackupError, BackupFile, back_up
from alerts.upkeep.lock import upkeep
from alerts.upkeep.restore import restore
from alerts.upkeep.verify import verify
from opendata_spiders.store import collections, schema
from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.connect import open_store
from opendata_spiders.store.errors import LeaseHeldError, SchemaError
from opendata_spiders.store.store import Store
from tests.commands import run_module

pytestmark = pytest.mark.slow

PLACE = PortalRef("id-of-testcity", "testcity")
TOLD: dict[str, Any] = {
    "start": {"d1..d30": {"updated": "D-20", "frequency": "每月"}},
    "nights": [
        {"times": 3},
        {"hide": ["d5"], "look": {"d5": "gone"}},
        {"look": {"d5": "gone"}},
        {"set": {"d3": {"title": "新"}, "n1": {}}},
        {"verdict": "partial", "only": ["d1"]},
        {},
    ],
}
Backup = Callable[[], Path]


def quiet(_name: str, _count: int) -> None: ...


@pytest.fixture
def filled(store: Store, tell: Any, put: Any) -> Store:
    """A store with some nights, compared, and a checkpoint."""
    story = tell(TOLD)
    put(story)
    fold_new(store, PLACE, policy())
    keep_due_checkpoints(store, story.runs[-1].at + timedelta(hours=1))
    return store


@pytest.fixture
def other(fresh_config: StoreConfig) -> Iterator[Store]:
    """An empty database."""
    with open_store(fresh_config, env={}) as opened:
        yield opened


def content(store: Store) -> dict[str, Any]:
    names = set(store.db.list_collection_names()) - {"leases", *collections.DERIVED}
    return {name: found for name in sorted(names) if (found := list(store.db[name].find().sort("_id", 1)))}


def backup_of(store: Store, folder: Path) -> Path:
    target = folder / "backup"
    (run, *_) = store.runs(None)
    back_up(store, target, run.at, quiet)
    return target


def test_everything_comes_back_with_its_indexes(filled: Store, other: Store, tmp_path: Path) -> None:
    target = backup_of(filled, tmp_path)
    assert target.stat().st_mode & 0o777 == 0o600
    counts = restore(other, target, quiet)
    assert content(other) == content(filled)
    assert counts["runs"] == filled.db.runs.count_documents({}) == BackupFile(target).check()["runs"]
    assert {name: sorted(other.db[name].index_information()) for name in ("runs", "events", "checkpoints")} == {
        name: sorted(filled.db[name].index_information()) for name in ("runs", "events", "checkpoints")
    }
    assert [one for one in verify(other).defects if not one.where.startswith("versions")] == []
    assert list(tmp_path.iterdir()) == [target]


def test_a_backup_is_one_moment_whatever_is_written_meanwhile(
    filled: Store, other: Store, tmp_path: Path, tell: Any, put: Any
) -> None:
    begun, done = threading.Event(), threading.Event()
    more = tell({"start": {"x1..x9": {}}, "run": {"slug": "elsewhere"}, "nights": [{"times": 5, "slug": "elsewhere"}]})

    def write(name: str, _count: int) -> None:
        if name == "meta" and not begun.is_set():  # the first collection that is copied: all else is copied later
            begun.set()
            put(more)
            done.set()

    before = content(filled)
    back_up(filled, tmp_path / "b", next(filled.runs(None)).at, write)
    assert done.is_set()
    restore(other, tmp_path / "b", quiet)
    found = content(other)
    added = ("chunks", "manifests", "versions")
    assert {name: one for name, one in found.items() if name not in added} == {
        name: one for name, one in before.items() if name not in added
    }
    for name in added:
        assert {one["_id"] for one in found[name]} >= {one["_id"] for one in before[name]}


@pytest.mark.parametrize("damage", ["cut", "cut much", "bit", "nothing", "text"])
def test_a_damaged_file_is_refused_before_anything_is_put_in(
    filled: Store, other: Store, tmp_path: Path, damage: str
) -> None:
    target = backup_of(filled, tmp_path)
    whole = target.read_bytes()
    middle = len(whole) // 2
    damaged = {
        "cut": whole[:-1],
        "cut much": whole[:middle],
        "bit": whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :],
        "nothing": b"",
        "text": b"name,value\n" * 20,
    }
    target.write_bytes(damaged[damage])
    before = content(other)
    with pytest.raises(BackupError, match=r"(another|a file of)"):
        restore(other, target, quiet)
    assert content(other) == before


def test_a_filled_database_and_a_second_file_are_refused(filled: Store, tmp_path: Path) -> None:
    target = backup_of(filled, tmp_path)
    with pytest.raises(BackupError, match="is not empty"):
        restore(filled, target, quiet)
    with pytest.raises(BackupError, match="exists already"):
        backup_of(filled, tmp_path)


def test_a_restore_that_did_not_end_is_noticed_and_begun_anew(
    filled: Store, fresh_config: StoreConfig, tmp_path: Path
) -> None:
    target = backup_of(filled, tmp_path)

    def end(name: str, _count: int) -> None:
        if name == "runs":
            raise KeyboardInterrupt

    with open_store(fresh_config, env={}) as store, pytest.raises(KeyboardInterrupt):
        restore(store, target, end)
    with pytest.raises(SchemaError, match="holds a part of a backup"), open_store(fresh_config, env={}):
        pass
    with open_store(fresh_config, env={}, half_restored=True) as store:
        restore(store, target, quiet)
    with open_store(fresh_config, env={}) as store:
        assert content(store) == content(filled)


def test_one_of_an_older_schema_is_brought_up_and_one_of_a_newer_refused(
    filled: Store, fresh_config: StoreConfig, tmp_path: Path
) -> None:
    filled.db.meta.update_one({}, {"$set": {"schema_version": 1}})
    old = backup_of(filled, tmp_path)
    with open_store(fresh_config, env={}) as store:
        restore(store, old, quiet)
    with open_store(fresh_config, env={}) as store:
        assert store.db.meta.find_one()["schema_version"] == schema.SCHEMA_VERSION
        assert store.db.catalogue_dates.count_documents({}) == 0
        store.db.meta.update_one({}, {"$set": {"schema_version": 99}})
        new = tmp_path / "new"
        back_up(store, new, next(store.runs(None)).at, quiet)
        for name in store.db.list_collection_names():
            store.db[name].delete_many({})
    with open_store(fresh_config, env={}) as store, pytest.raises(BackupError, match="newer version"):
        restore(store, new, quiet)


def test_nothing_is_thinned_out_meanwhile(filled: Store, tmp_path: Path) -> None:
    with upkeep(filled, "thinned out"), pytest.raises(LeaseHeldError, match="is being thinned out by process"):
        backup_of(filled, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_from_the_embedded_database_to_an_address_and_back(
    filled: Store, fresh_config: StoreConfig, environment: dict[str, str], tmp_path: Path
) -> None:
    """The commands, as a person gives them: answers are the same wherever the database lies."""
    prepare(filled)
    here = {name: one for name, one in environment.items() if name != "MONGODB_URI"} | {"DATA_DIR": str(tmp_path / "d")}
    there = {**environment, "MONGODB_DATABASE": fresh_config.database}
    moves = [(environment, tmp_path / "1", here), (here, tmp_path / "2", there)]
    for source, file, target in moves:
        assert run_module("alerts", "backup", str(file), env=source).returncode == 0
        done = run_module("alerts", "restore", str(file), env=target)
        assert "Restored" in done.stdout, done.stderr
    for words in (["events", "--json"], ["states", "--json"], ["runs", "--json"], ["diff", "--json"]):
        said = [run_module("alerts", *words, env=env).stdout for env in (environment, here, there)]
        assert said[0] == said[1] == said[2]
        assert said[0]
    shutil.rmtree(tmp_path / "d")
