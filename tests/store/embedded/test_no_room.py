"""A disk that is full, or a limit that is reached: the sentence says so, at the start and on the way."""

import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.connect import open_store
from opendata_spiders.store.embedded.layout import Layout
from opendata_spiders.store.embedded.server import embedded_server
from opendata_spiders.store.errors import StoreUnavailableError
from tests.store.embedded.test_server import eventually, running

WRITE_MUCH = """
import os, sys
from pathlib import Path
from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.connect import open_store
from opendata_spiders.store.errors import StoreUnavailableError
from opendata_spiders.store import store as module
from datetime import timedelta
module.PATIENCE = timedelta(seconds=20)
try:
    with open_store(StoreConfig(data_dir=Path(sys.argv[1])), env={}) as store:
        print("open", flush=True)
        for number in range(400):
            store.persist(lambda: store.db.versions.insert_one({"content": os.urandom(1_000_000)}))
except StoreUnavailableError as error:
    print(error)
"""


@pytest.fixture
def data_dir(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "data"
    eventually(lambda: not running(tmp_path / "data"), 60)


def write_much(data_dir: Path, limit: int) -> str:
    """Write 400 MB where a file may not grow beyond the limit; return what is said."""
    done = subprocess.run(
        [sys.executable, "-c", WRITE_MUCH, str(data_dir)],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert "Traceback" not in done.stderr, done.stderr
    return done.stdout


def test_a_full_disk_is_called_one(data_dir: Path) -> None:
    layout = Layout(data_dir)
    layout.create()
    # /dev/full refuses what is written to it as a full disk does.
    layout.state.with_suffix(".new").symlink_to("/dev/full")
    with pytest.raises(StoreUnavailableError) as caught, embedded_server(StoreConfig(data_dir=data_dir)):
        pass
    said = str(caught.value)
    assert f"the disk of DATA_DIR ({data_dir}) is full; make room there" in said
    assert "libcurl" not in said
    layout.state.with_suffix(".new").unlink()
    with embedded_server(StoreConfig(data_dir=data_dir)) as server:
        assert server.uri


def test_a_full_disk_that_mongod_met_is_called_one(data_dir: Path, tmp_path: Path) -> None:
    full = tmp_path / "mongod"
    full.write_text(
        '#!/bin/sh\necho \'{"s":"E","msg":"WiredTiger error","attr":{"error":28,"message":"No space left on device"}}\'\nexit 14\n'
    )
    full.chmod(0o700)
    config = StoreConfig(data_dir=data_dir, mongod=full)
    with pytest.raises(StoreUnavailableError, match="is full; make room there"), open_store(config, env={}):
        pass


def test_a_folder_of_somebody_else(data_dir: Path) -> None:
    layout = Layout(data_dir)
    layout.create()
    layout.users_lock.mkdir()
    with pytest.raises(StoreUnavailableError, match=r"users\.lock"), embedded_server(StoreConfig(data_dir=data_dir)):
        pass


def test_a_limit_that_is_met_at_the_start(data_dir: Path) -> None:
    assert "files may not grow as large" in write_much(data_dir, 8192)


@pytest.mark.slow
def test_a_limit_that_is_met_on_the_way(data_dir: Path) -> None:
    said = write_much(data_dir, 40_000_000)
    assert said.startswith("open\n")
    assert "files may not grow as large" in said
    assert "ulimit -f" in said
    with open_store(StoreConfig(data_dir=data_dir), env={}) as store:
        assert store.db.versions.count_documents({}) > 10, "what was acknowledged is there"
