import threading

import pytest

from opendata_spiders.store import collections, schema
from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.connect import Store, open_store
from opendata_spiders.store.errors import SchemaError


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
    steps = {2: lambda db: done.append(2), 3: lambda db: done.append(3)}
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
