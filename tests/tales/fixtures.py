"""Fixtures over told nights: in memory, in the database, and the commands as a person calls them."""

import os
import subprocess
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from alerts.engine.repository import prepare
from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.connect import Store
from opendata_spiders.store.file_checks import insert
from tests.commands import run_module
from tests.tales.shelf import Shelf, make_run
from tests.tales.story import story
from tests.tales.world import DAY_ZERO, day_of

Alerts = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def tell() -> Any:
    """Turn a case (mapping or YAML text) into a story."""
    return lambda told: story(yaml.safe_load(told) if isinstance(told, str) else told)


@pytest.fixture(scope="session")
def tale() -> SimpleNamespace:
    """The parts of a story, for tests that put one into the database."""
    return SimpleNamespace(day_zero=DAY_ZERO, day_of=day_of, make_run=make_run, Shelf=Shelf)


@pytest.fixture
def put(store: Store) -> Callable[..., list[str]]:
    """Commit a story's runs and rounds of looks as the crawl would; the ids that the runs got."""

    def put_runs(story: Any, first: int = 0, last: int | None = None) -> list[str]:
        prepare(store)
        store.put_versions(story.shelf.known_versions.values())
        for looked in story.rounds[first:last]:
            insert(store.db, looked)
        return [
            store.commit(replace(run, manifest=None), story.shelf.entries(run.manifest).values()).id
            for run in story.runs[first:last]
        ]

    return put_runs


@pytest.fixture
def environment(store_config: StoreConfig) -> dict[str, str]:
    return {
        **os.environ, "MONGODB_URI": str(store_config.uri), "MONGODB_DATABASE": store_config.database, "COLUMNS": "200"
    }  # fmt: skip


@pytest.fixture
def alerts(environment: dict[str, str]) -> Alerts:
    def run(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        return run_module("alerts", *arguments, env={**environment, **more})

    return run
