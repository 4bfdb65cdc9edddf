"""Shared by all tests: one real embedded mongod a session, one fresh database a test."""

import os
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from scrapy.http import TextResponse

from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.connect import Store, open_store
from opendata_spiders.store.embedded.server import embedded_server

# A busy machine makes single examples slow; the time limit of the whole test is enough. The gate draws nothing at random:
# the same code gives the same examples everywhere, and a counterexample found elsewhere is pinned with `@example`.
settings.register_profile("gate", deadline=None, derandomize=True, database=None)
settings.register_profile("search", deadline=None, max_examples=2_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "gate"))


@pytest.fixture(scope="session")
def mongo_uri(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URI of a running mongod (replica set of one); it stops by itself after the session."""
    data_dir: Path = tmp_path_factory.mktemp("embedded database")
    with embedded_server(StoreConfig(data_dir=data_dir)) as server:
        yield server.uri


@pytest.fixture
def store_config(mongo_uri: str) -> StoreConfig:
    """Configuration of a database of its own; MONGODB_URI and MONGODB_DATABASE for commands are in it."""
    return StoreConfig(uri=mongo_uri, database=f"test_{uuid.uuid4().hex[:16]}")


@pytest.fixture
def store(store_config: StoreConfig) -> Iterator[Store]:
    """An open store with a fresh database, in real time; dropped afterwards."""
    with open_store(store_config, env={}) as opened:
        yield opened
        opened.db.client.drop_database(opened.db.name)


@pytest.fixture(scope="session")
def answer() -> Callable[..., TextResponse]:
    """Make a response of a body, as text (utf-8) or bytes."""

    def make(body: str | bytes, url: str = "http://127.0.0.1/x", header: str | None = "text/html") -> TextResponse:
        raw = body.encode("utf-8") if isinstance(body, str) else body
        return TextResponse(url, headers={"Content-Type": header} if header else {}, body=raw)

    return make
