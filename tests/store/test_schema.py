import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from typing import Any

import pytest

from opendata_spiders.store import collections, schema
from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.connect import Store, open_store
from opendata_spiders.store.errors import SchemaError


def at_version(store: Store, version: int) -> None:
    store.db.meta.update_one({"_id": "store"}, {"$set": {"schema_version": version}})


def test_a_database_says_what_it_is(store: Store, store_config: StoreConfig) -> None:
    assert store.db.meta.find_one({"_id": "store"})["schema_version"] == schema.SCHEMA_VERSION
    assert set(collections.OF_THE_CRAWL) <= set(store.db.list_collection_names())
    with open_store(store_config, env={}) as again:
        assert again.mode == "live"


def test_a_newer_schema_is_refused(store: Store, store_config: StoreConfig) -> None:
    store.db.meta.update_one({}, {"$set": {"schema_version": 99}})
    with (
        pytest.raises(SchemaError, match=r"newer version of this project \(schema 99.*update"),
        open_store(store_config, env={}),
    ):
        pass


def test_documents_of_unknown_origin_are_refused(store: Store, store_config: StoreConfig, sample) -> None:
    store.commit(sample.run(), [])
    store.db.meta.delete_many({})
    with pytest.raises(SchemaError, match="does not say which version"), open_store(store_config, env={}):
        pass


def test_migrations_run_once_in_order(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "SCHEMA_VERSION", 3)
    done: list[int] = []
    steps = {2: lambda _db, _report: done.append(2), 3: lambda _db, _report: done.append(3)}
    at_version(store, 1)
    for _ in range(2):
        schema.prepare(store.db, None, steps)
    assert done == [2, 3]
    assert store.db.meta.find_one()["schema_version"] == 3


def test_five_at_once_make_one_database(fresh_config: StoreConfig) -> None:
    failures: list[Exception] = []
    barrier = threading.Barrier(5)

    def use() -> None:
        barrier.wait()
        try:
            with open_store(fresh_config, env={}) as opened:
                opened.db.chunks.find_one()
        except Exception as error:  # noqa: BLE001 -- shown below
            failures.append(error)

    threads = [threading.Thread(target=use) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with open_store(fresh_config, env={}) as opened:
        assert opened.db.meta.count_documents({}) == 1


@pytest.fixture
def of_version_1(store: Store, sample: Any) -> Store:
    """A database as schema 1 left it: dates of a catalogue in a form that this version does not read."""
    run = store.commit(sample.run(), sample.entries(3))
    old = {"_id": run.portal, "packed": b"rows of another form", "manifest": run.manifest}
    store.db.catalogue_dates.insert_one(old)
    store.db.states.insert_one({"_id": run.portal, "last_seq": 1})
    store.db.meta.replace_one(
        {"_id": "store"},
        {"_id": "store", "schema_version": 1, "mode": "live", "created": datetime(2026, 11, 1, tzinfo=UTC)},
    )
    return store


def test_version_1_is_brought_to_the_present_one(
    of_version_1: Store, store_config: StoreConfig, caplog: pytest.LogCaptureFixture
) -> None:
    with open_store(store_config, env={}) as store:
        assert store.db.meta.find_one({"_id": "store"})["schema_version"] == schema.SCHEMA_VERSION
        assert store.db.catalogue_dates.count_documents({}) == 0
        assert store.db.states.count_documents({}) == store.db.runs.count_documents({}) == 1
        assert store.db.meta.count_documents({}) == 1
    assert "dropping the dates of 1 catalogues" in caplog.text


def test_indexes_of_all_events_make_room_for_smaller_ones(store: Store, store_config: StoreConfig) -> None:
    collections.create(store.db, collections.OF_ALERTS)
    declared = store.db.events.index_information()
    for name in declared.keys() - {"_id_"}:
        store.db.events.drop_index(name)
    store.db.events.create_index([("kind", 1), ("seq", 1)])
    store.db.events.create_index([("portal", 1), ("dataset", 1), ("seq", 1)])
    store.db.events.create_index([("title", 1)], name="made by a person")
    at_version(store, 2)
    with open_store(store_config, env={}) as opened:
        collections.create(opened.db, collections.OF_ALERTS)
        assert opened.db.events.index_information().keys() == {*declared, "made by a person"}
        assert opened.db.events.index_information()["kind_1_seq_1"] == declared["kind_1_seq_1"]
    store.db.events.drop_index("made by a person")


def test_older_code_refuses_it_then(
    of_version_1: Store, store_config: StoreConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_store(store_config, env={}):
        pass
    monkeypatch.setattr(schema, "SCHEMA_VERSION", 1)
    with (
        pytest.raises(SchemaError, match=r"newer version .*schema 3, this one knows 1.*update"),
        open_store(store_config, env={}),
    ):
        pass


def test_a_migration_that_failed_is_run_again(of_version_1: Store, store_config: StoreConfig) -> None:
    def broken(db: Any, report: Any) -> None:
        report("half of it is done")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        schema.prepare(of_version_1.db, None, {2: broken})
    assert of_version_1.db.meta.find_one({"_id": "store"})["schema_version"] == 1
    assert of_version_1.db.catalogue_dates.count_documents({}) == 1
    with open_store(store_config, env={}) as store:
        assert store.db.catalogue_dates.count_documents({}) == 0


SLOW = """
import sys, time
from opendata_spiders.store import schema
from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.connect import connect
config = StoreConfig(uri=sys.argv[1], database=sys.argv[2])
def forever(db, report):
    print("begun", flush=True)
    time.sleep(60)
with connect(config.uri, config) as client:
    schema.prepare(client[config.database], None, {2: forever})
"""


def test_a_killed_migration_is_taken_over_while_others_wait(of_version_1: Store, store_config: StoreConfig) -> None:
    command = [sys.executable, "-c", SLOW, str(store_config.uri), store_config.database]
    first = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert first.stdout is not None
    with first.stdout as said:
        assert said.readline() == "begun\n"
    done: list[int] = []

    def use() -> None:
        with open_store(store_config, env={}) as store:
            done.append(store.db.meta.find_one({"_id": "store"})["schema_version"])

    waiting = [threading.Thread(target=use) for _ in range(2)]
    for one in waiting:
        one.start()
    time.sleep(1)
    assert done == []  # they wait for the one that is at work
    first.send_signal(signal.SIGKILL)
    first.wait()
    for one in waiting:
        one.join(30)
    assert done == [schema.SCHEMA_VERSION] * 2
    assert of_version_1.db.meta.count_documents({}) == 1


def test_nothing_is_migrated_under_a_reading(of_version_1: Store, store_config: StoreConfig, sample: Any) -> None:
    with of_version_1.begin("p-1", "guiyang", at=datetime(2026, 12, 1, tzinfo=UTC)):
        with (
            pytest.raises(SchemaError, match=r"a command of before still uses it \(guiyang.*wait"),
            open_store(store_config, env={}),
        ):
            pass
        assert of_version_1.db.meta.count_documents({}) == 1
    with open_store(store_config, env={}) as store:
        assert store.db.meta.find_one({"_id": "store"})["schema_version"] == schema.SCHEMA_VERSION
