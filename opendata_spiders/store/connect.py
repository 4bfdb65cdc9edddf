"""Opening the store: the MongoDB of MONGODB_URI, else the embedded one."""

import contextlib
import logging
import os
from collections.abc import Iterator, Mapping
from datetime import UTC
from functools import cache
from pathlib import Path
from typing import Any

import pymongo
from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from opendata_spiders.store.clock import VARIABLE, watch_now
from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.embedded.server import embedded_server
from opendata_spiders.store.environment import read_dotenv, readers_of_secrets
from opendata_spiders.store.errors import ConfigError, StoreUnavailableError
from opendata_spiders.store.schema import MIGRATIONS, prepare
from opendata_spiders.store.store import Store
from opendata_spiders.store.trouble import explain

__all__ = ["Store", "open_store"]

PING_SECONDS = 5.0
"""How long a server may take to answer at the start."""
RESTART_SECONDS = 60.0
"""The same for the embedded server, which answered a moment ago: if it was killed since, it is being restarted."""
SELECTION_MS = 30_000
"""How long a failover or a restart may take while we work."""
OLDEST = (6, 0)
"""The oldest supported version of MongoDB."""

log = logging.getLogger(__name__)


@contextlib.contextmanager
def open_store(config: StoreConfig | None = None, *, env: Mapping[str, str] | None = None) -> Iterator[Store]:
    """Open the store and make its database ready.

    `config` None: StoreConfig.from_env; `env` None: os.environ, where WATCH_NOW is looked up. Raises ConfigError,
    StoreUnavailableError, SchemaError or ClockError, each saying what to do; what the driver meets inside the block
    comes out as StoreUnavailableError.
    """
    env = os.environ if env is None else env
    config = config or StoreConfig.from_env(env)
    watch = watch_now(env)
    _warn_of(Path.cwd() / ".env")
    with contextlib.ExitStack() as stack:
        server = None if config.uri else stack.enter_context(embedded_server(config))
        client = stack.enter_context(connect(server.uri if server else str(config.uri), config))

        def why(error: PyMongoError) -> StoreUnavailableError:
            if server and server.trouble:
                return StoreUnavailableError(server.trouble)
            return explain(error, config.subject, config.database)

        try:
            _check(client, config, RESTART_SECONDS if server else PING_SECONDS)
            db = client[config.database]
            yield Store(db, prepare(db, watch, MIGRATIONS), why)
        except PyMongoError as error:
            raise why(error) from error


@cache
def _warn_of(dotenv: Path) -> None:
    """Log warnings about a .env file (WATCH_NOW in it, secrets that others can read), once."""
    if VARIABLE in read_dotenv(dotenv):
        log.warning("%s in .env is not used: set it in the environment, for one command at a time", VARIABLE)
    if warning := readers_of_secrets(dotenv):
        log.warning("%s", warning)


@contextlib.contextmanager
def connect(uri: str, config: StoreConfig) -> Iterator[MongoClient[dict[str, Any]]]:
    """Open a client whose writes are durable (majority, journal, retried) and whose reads are never rolled back."""
    try:
        client: MongoClient[dict[str, Any]] = MongoClient(
            uri,
            appname="opendata-nightwatch",
            tz_aware=True,
            tzinfo=UTC,
            w="majority",
            journal=True,
            retryWrites=True,
            readConcernLevel="majority",
            serverSelectionTimeoutMS=SELECTION_MS,
        )
    except (PyMongoError, OSError, ValueError):
        # Also for a file of certificates that is not there. The driver's own message may quote a piece of the password.
        raise ConfigError(
            f"MONGODB_URI (from {config.uri_origin}) cannot be used: {config.place}; check the host name and options"
        ) from None
    with client:
        yield client


def _check(client: MongoClient[dict[str, Any]], config: StoreConfig, seconds: float) -> None:
    """Raise StoreUnavailableError unless a server answers that has what is needed; OperationFailure if it refuses."""
    try:
        with pymongo.timeout(seconds):
            hello = client.admin.command("hello")
            version = client.server_info()["versionArray"]
            client[config.database].meta.find_one({}, {"_id": 1})
    except OperationFailure:
        raise
    except PyMongoError as error:
        raise StoreUnavailableError(
            f"No MongoDB answered at {config.place} within {seconds:.0f} s ({type(error).__name__}); start it, "
            "correct MONGODB_URI, or remove MONGODB_URI to use the embedded database"
        ) from None
    if "setName" not in hello and hello.get("msg") != "isdbgrid":
        raise StoreUnavailableError(
            f"{config.subject} stands alone, and transactions need a replica set: start it with --replSet "
            "and run rs.initiate() once, or remove MONGODB_URI to use the embedded database"
        )
    if tuple(version[:2]) < OLDEST:
        raise StoreUnavailableError(
            f"{config.subject} is version {version[0]}.{version[1]}, and 6.0 is needed; update it"
        )
