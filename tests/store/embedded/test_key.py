"""Who may use the embedded database: the owner of its key file, and nobody else who can reach the port."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from pymongo import MongoClient
from pymongo.errors import OperationFailure

from opendata_spiders.store import processes
from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.connect import open_store
from opendata_spiders.store.embedded import key
from opendata_spiders.store.embedded.binary import find_mongod
from opendata_spiders.store.embedded.layout import REPLICA_SET, Layout, SupervisorState
from opendata_spiders.store.embedded.locks import FileLock
from opendata_spiders.store.embedded.server import embedded_server
from opendata_spiders.store.embedded.supervisor import choose_port, server_arguments
from opendata_spiders.store.errors import StoreUnavailableError
from tests.store.embedded.test_server import eventually, running


@pytest.fixture
def layout(tmp_path: Path) -> Iterator[Layout]:
    yield Layout(tmp_path / "data")
    eventually(lambda: not running(tmp_path / "data"))


def config(layout: Layout) -> StoreConfig:
    return StoreConfig(data_dir=layout.data_dir)


def stopped(layout: Layout) -> None:
    eventually(lambda: not running(layout.data_dir))


def keyless(layout: Layout, port: int) -> list[str]:
    """Command line of the server as it was before it had a key."""
    arguments = server_arguments(str(find_mongod(None)), layout, port)
    place = arguments.index("--keyFile")
    return arguments[:place] + arguments[place + 4 :]


def old_server(layout: Layout, port: int) -> "subprocess.Popen[bytes]":
    layout.create()
    return subprocess.Popen(keyless(layout, port), stdout=subprocess.DEVNULL)


def fill_as_before(layout: Layout, port: int) -> None:
    """Data, and an account that somebody made while anybody could."""
    with old_server(layout, port) as server, MongoClient("127.0.0.1", port, directConnection=True) as client:
        members = [{"_id": 0, "host": f"127.0.0.1:{port}"}]
        client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": members})
        eventually(lambda: client.admin.command("hello")["isWritablePrimary"])
        with MongoClient(f"mongodb://127.0.0.1:{port}/?replicaSet={REPLICA_SET}") as writer:
            writer.opendata.deliveries.insert_one({"_id": "kept"})
            writer.admin.command("createUser", "mole", pwd="mole", roles=["root"])
        server.terminate()
        server.wait(30)


def test_a_client_without_the_key_is_refused(layout: Layout) -> None:
    with embedded_server(config(layout)) as server, MongoClient(server.uri) as owner:
        owner.opendata.deliveries.insert_one({"_id": "mine"})
        port = SupervisorState.read(layout.state).port
        with MongoClient(f"mongodb://127.0.0.1:{port}/?replicaSet={REPLICA_SET}") as client:
            for attempt in (
                client.opendata.deliveries.find_one,
                lambda: client.opendata.deliveries.insert_one({"_id": "forged"}),
                lambda: client.opendata.deliveries.delete_many({}),
                lambda: client.admin.command("createUser", "me", pwd="me", roles=["root"]),
                lambda: client.admin.command("shutdown"),
                client.list_database_names,
            ):
                with pytest.raises(OperationFailure) as caught:
                    attempt()
                assert caught.value.code == 13
        with (
            MongoClient("127.0.0.1", port, directConnection=True, **key.credentials("0" * 64)) as client,
            pytest.raises(OperationFailure, match="Authentication failed"),
        ):
            client.opendata.deliveries.find_one()
        assert [one["_id"] for one in owner.opendata.deliveries.find()] == ["mine"]


def test_the_key_lies_in_its_file_and_nowhere_else(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_store(config(layout), env={}) as store:
        store.db.meta.find_one()
        secret = layout.key.read_text()
        assert layout.key.stat().st_mode & 0o777 == 0o600
        assert layout.folder.stat().st_mode & 0o777 == 0o700
        state = SupervisorState.read(layout.state)
        for pid in (state.supervisor, state.mongod):
            assert not any(secret in argument for argument in processes.arguments(pid))
            assert secret.encode() not in Path(f"/proc/{pid}/environ").read_bytes()
        assert secret not in repr(store.db.client)
        assert secret not in f"{config(layout)!r} {config(layout).place}"
    stopped(layout)
    holding = [path for path in layout.data_dir.rglob("*") if path.is_file() and secret.encode() in path.read_bytes()]
    assert holding == [layout.key]


def test_data_from_before_the_key_opens_and_is_secured(layout: Layout, caplog: pytest.LogCaptureFixture) -> None:
    port = choose_port(0)
    fill_as_before(layout, port)
    with embedded_server(config(layout)) as server, MongoClient(server.uri) as client:
        assert client.opendata.deliveries.find_one() == {"_id": "kept"}
        now = SupervisorState.read(layout.state).port
        for account in ("mole:mole@", ""):
            with (
                MongoClient(f"mongodb://{account}127.0.0.1:{now}/?directConnection=true") as other,
                pytest.raises(OperationFailure),
            ):
                other.opendata.deliveries.find_one()
    assert "removing account 'mole'" in caplog.text


def test_data_copied_elsewhere_opens_under_a_key_of_its_own(layout: Layout, tmp_path: Path) -> None:
    with embedded_server(config(layout)) as server, MongoClient(server.uri, w="majority", journal=True) as client:
        client.opendata.runs.insert_one({"_id": 1})
    stopped(layout)
    copied = Layout(tmp_path / "elsewhere")
    shutil.copytree(layout.dbpath, copied.dbpath)
    copied.dbpath.chmod(0o755)
    with embedded_server(config(copied)) as other, MongoClient(other.uri) as client:
        assert client.opendata.runs.find_one() == {"_id": 1}
        assert key.read(copied.key) != key.read(layout.key)
        assert copied.dbpath.stat().st_mode & 0o777 == 0o700, "a careless copy is closed again"
    stopped(copied)
    shutil.move(layout.data_dir, tmp_path / "moved")
    moved = Layout(tmp_path / "moved")
    with embedded_server(config(moved)) as later, MongoClient(later.uri) as client:
        assert client.opendata.runs.find_one() == {"_id": 1}
    stopped(moved)


@pytest.mark.parametrize("damage", ["gone", "cut", "open"])
def test_a_key_that_is_gone_cut_or_was_open_is_replaced(layout: Layout, damage: str) -> None:
    with embedded_server(config(layout)) as server, MongoClient(server.uri, w="majority", journal=True) as client:
        client.opendata.runs.insert_one({"_id": 1})
    stopped(layout)
    before = layout.key.read_text()
    if damage == "gone":
        layout.key.unlink()
    elif damage == "cut":
        layout.key.write_text(before[:30])
    else:
        layout.key.chmod(0o644)
    with embedded_server(config(layout)) as server, MongoClient(server.uri) as client:
        assert client.opendata.runs.find_one() == {"_id": 1}
    assert layout.key.read_text() != before
    assert layout.key.stat().st_mode & 0o777 == 0o600


def test_a_server_that_an_older_version_started_is_not_joined(layout: Layout) -> None:
    port = choose_port(0)
    with old_server(layout, port) as server, FileLock(layout.supervisor_lock) as supervisor:
        assert supervisor.exclusive()
        SupervisorState(supervisor=server.pid, mongod=server.pid, port=port, ready=True).write(layout.state)
        says = r"started by an older version.*then run again"
        with pytest.raises(StoreUnavailableError, match=says), embedded_server(config(layout)):
            pass
        server.terminate()


def test_a_folder_that_others_may_change_is_told(layout: Layout, caplog: pytest.LogCaptureFixture) -> None:
    layout.create()
    layout.data_dir.chmod(0o777)
    with embedded_server(config(layout)):
        pass
    assert "can be written by others" in caplog.text
