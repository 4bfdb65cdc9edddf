import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pymongo import MongoClient

from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.connect import Store, open_store
from opendata_spiders.store.embedded.binary import find_mongod
from opendata_spiders.store.embedded.supervisor import accepts, choose_port
from opendata_spiders.store.errors import ConfigError, StoreUnavailableError


def test_writes_are_durable(store: Store) -> None:
    assert store.db.write_concern.document == {"w": "majority", "j": True}
    assert store.db.read_concern.level == "majority"
    assert store.db.client.options.retry_writes
    assert store.db.codec_options.tz_aware


def test_a_uri_cannot_weaken_the_writes(store_config: StoreConfig) -> None:
    weak = replace(store_config, uri=f"{store_config.uri}&w=1&journal=false&retryWrites=false")
    with open_store(weak, env={}) as store:
        assert store.db.write_concern.document == {"w": "majority", "j": True}


def test_nobody_answers() -> None:
    config = StoreConfig(uri=f"mongodb://watch:hunter2@127.0.0.1:{choose_port(0)}/")
    started = time.monotonic()
    says = r"No MongoDB answered at mongodb://\*\*\*@127.* within 5 s"
    with pytest.raises(StoreUnavailableError, match=says) as caught, open_store(config, env={}):
        pass
    assert time.monotonic() - started < 10
    assert "hunter2" not in str(caught.value)


def test_an_option_that_makes_no_sense() -> None:
    config = StoreConfig(uri="mongodb://127.0.0.1/?directConnection=true&loadBalanced=true")
    with pytest.raises(ConfigError, match="MONGODB_URI"), open_store(config, env={}):
        pass


def eventually(condition: Callable[[], object], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.02)


@pytest.fixture
def lonely(tmp_path: Path) -> Iterator[str]:
    """A mongod without a replica set, that asks for a password."""
    port = choose_port(0)
    arguments = [
        str(find_mongod(None)),
        *("--dbpath", str(tmp_path), "--port", str(port), "--bind_ip", "127.0.0.1", "--nounixsocket", "--auth"),
        *("--wiredTigerCacheSizeGB", "0.25", "--wiredTigerEngineConfigString", "log=(file_max=16MB,prealloc=false)"),
    ]
    with subprocess.Popen(arguments, stdout=subprocess.DEVNULL) as server:
        try:
            eventually(lambda: accepts(port))
            with MongoClient("127.0.0.1", port) as client:
                client.admin.command("createUser", "boss", pwd="boss", roles=["root"])
            with MongoClient("127.0.0.1", port, username="boss", password="boss") as client:
                client.admin.command("createUser", "reader", pwd="right", roles=[{"role": "read", "db": "elsewhere"}])
            yield f"127.0.0.1:{port}"
        finally:
            server.terminate()


def test_a_foreign_mongod_is_refused_in_a_sentence(lonely: str) -> None:
    for uri, says in (
        (f"mongodb://reader:wrong@{lonely}/", "refused the user or password"),
        (f"mongodb://reader:right@{lonely}/", "does not let this user read and write database opendata"),
        (f"mongodb://{lonely}/", "does not let this user"),
    ):
        with pytest.raises(StoreUnavailableError, match=says) as caught, open_store(StoreConfig(uri=uri), env={}):
            pass
        assert "wrong" not in str(caught.value)
        assert "right" not in str(caught.value)


def test_a_lonely_mongod_is_refused_in_a_sentence(lonely: str) -> None:
    config = StoreConfig(uri=f"mongodb://reader:right@{lonely}/", database="elsewhere")
    with pytest.raises(StoreUnavailableError, match=r"stands alone.*--replSet"), open_store(config, env={}):
        pass


def test_settings_come_from_the_environment(mongo_uri: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MONGODB_URI", mongo_uri)
    monkeypatch.setenv("MONGODB_DATABASE", "from_the_environment")
    monkeypatch.delenv("WATCH_NOW", raising=False)
    with open_store() as store:
        assert store.db.name == "from_the_environment"
