"""Shared by all tests: one real embedded mongod a session, one fresh database a test."""

import os
import signal
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from pymongo import MongoClient
from scrapy.http import TextResponse

from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.connect import Store, open_store
from opendata_spiders.store.embedded.server import embedded_mongod
from tests.databases import empty

# A busy machine makes single examples slow; the time limit of the whole test is enough. The gate draws nothing at random:
# the same code gives the same examples everywhere, and a counterexample found elsewhere is pinned with `@example`.
settings.register_profile("gate", deadline=None, derandomize=True, database=None)
settings.register_profile("search", deadline=None, max_examples=2_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "gate"))

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # So a shell starts what it puts in the background; every command started by a test would then ignore Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def mongo_uri(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URI of a running mongod (replica set of one); it stops by itself after the session."""
    data_dir: Path = tmp_path_factory.mktemp("embedded database")
    with embedded_mongod(StoreConfig(data_dir=data_dir)) as uri:
        yield uri


@pytest.fixture(scope="session")
def client(mongo_uri: str) -> Iterator[MongoClient[dict[str, Any]]]:
    """A plain client of that mongod, for cleaning up."""
    with MongoClient(mongo_uri) as opened:
        yield opened


@pytest.fixture
def store_config(mongo_uri: str, client: MongoClient[dict[str, Any]]) -> Iterator[StoreConfig]:
    """Configuration of an empty database, the same for all tests of a process."""
    config = StoreConfig(uri=mongo_uri, database="tests")
    yield config
    empty(client[config.database])


@pytest.fixture
def fresh_config(mongo_uri: str, client: MongoClient[dict[str, Any]]) -> Iterator[StoreConfig]:
    """Configuration of a database of its own that nobody has opened, for tests of its making, and of killed processes.

    Of those mongod may keep a transaction open for a while, which would hold up the next test.
    """
    config = StoreConfig(uri=mongo_uri, database=f"test_{uuid.uuid4().hex[:16]}")
    yield config
    client.drop_database(config.database)


@pytest.fixture
def store(store_config: StoreConfig) -> Iterator[Store]:
    """An open store with an empty database, in real time."""
    with open_store(store_config, env={}) as opened:
        yield opened


@pytest.fixture(scope="session")
def answer() -> Callable[..., TextResponse]:
    """Make a response of a body, as text (utf-8) or bytes."""

    def make(body: str | bytes, url: str = "http://127.0.0.1/x", header: str | None = "text/html") -> TextResponse:
        raw = body.encode("utf-8") if isinstance(body, str) else body
        return TextResponse(url, headers={"Content-Type": header} if header else {}, body=raw)

    return make
