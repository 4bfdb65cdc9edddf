"""A name of a database that holds nothing is said, with the names that were perhaps meant."""

import os
import subprocess
from dataclasses import replace

import pytest

from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.connect import Store
from tests.commands import run_module
from tests.store.conftest import Sample


def alerts(config: StoreConfig, *words: str) -> "subprocess.CompletedProcess[str]":
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    env = {**kept, "MONGODB_URI": str(config.uri), "MONGODB_DATABASE": config.database}
    return run_module("alerts", *words, env=env)


@pytest.mark.parametrize("words", [("runs", "--json"), ("states",), ("events",), ("diff",)])
def test_an_empty_database_is_named(store: Store, store_config: StoreConfig, words: tuple[str, ...]) -> None:
    done = alerts(store_config, *words)
    assert done.returncode == 0
    assert f"Database {store_config.database} of mongodb://***@127.0.0.1" in done.stderr
    assert "holds no run: nothing was read into it yet" in done.stderr


def test_the_database_that_was_perhaps_meant_is_named(store: Store, store_config: StoreConfig) -> None:
    store.commit(Sample().run(), [])
    slip = replace(store_config, database=f"{store_config.database}x")
    done = alerts(slip, "runs")
    store.db.client.drop_database(slip.database)
    assert f"Database {slip.database} of " in done.stderr
    assert store_config.database in done.stderr.partition("runs lie in")[2]
    assert "set MONGODB_DATABASE" in done.stderr
    assert "holds no run" not in alerts(store_config, "runs").stderr
