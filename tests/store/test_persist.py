"""A database that steps down, restarts or loses its answers at the moment of a commit: it is written, and once."""

import os
import signal
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.errors import ConnectionFailure, OperationFailure

from opendata_spiders.store import runs
from opendata_spiders.store import store as store_module
from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.connect import Store, open_store
from opendata_spiders.store.embedded import key
from opendata_spiders.store.embedded.binary import find_mongod
from opendata_spiders.store.embedded.layout import REPLICA_SET, Layout, SupervisorState
from opendata_spiders.store.embedded.server import embedded_server
from opendata_spiders.store.embedded.supervisor import choose_port, server_arguments
from opendata_spiders.store.errors import LeaseLostError
from opendata_spiders.store.models import Verdict
from tests.store.test_connect import eventually


@pytest.fixture(scope="module")
def faulty_uri(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A mongod that can be told to fail the next commands."""
    layout, port = Layout(tmp_path_factory.mktemp("faulty")), choose_port(0)
    layout.create()
    key.provide(layout.key)
    arguments = [*server_arguments(str(find_mongod(None)), layout, port), "--setParameter", "enableTestCommands=1"]
    secret = layout.key.read_text()
    with subprocess.Popen(arguments, stdout=subprocess.DEVNULL) as server:
        try:
            with MongoClient("127.0.0.1", port, directConnection=True, **key.credentials(secret)) as client:
                members = [{"_id": 0, "host": f"127.0.0.1:{port}"}]
                client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": members})
                eventually(lambda: client.admin.command("hello")["isWritablePrimary"])
            yield key.uri(port, secret)
        finally:
            server.terminate()


@pytest.fixture
def faulty(faulty_uri: str) -> Iterator[Store]:
    with open_store(StoreConfig(uri=faulty_uri, database="persist"), env={}) as store:
        yield store
        fail(store, 0)
        store.db.client.drop_database(store.db.name)


def fail(store: Store, times: int, **how: Any) -> None:
    """The next commands of that kind fail, `times` of them."""
    mode: Any = {"times": times} if times else "off"
    data = {"failCommands": ["insert"], **how}
    store.db.client.admin.command({"configureFailPoint": "failCommand", "mode": mode, "data": data})


PASSING: list[dict[str, Any]] = [
    {"errorCode": 10107},  # a primary that steps down
    {"errorCode": 189},
    {"closeConnection": True},
    {"writeConcernError": {"code": 64, "errmsg": "waiting for replication timed out"}},
    {"writeConcernError": {"code": 91, "errmsg": "shutting down"}},
]


@pytest.mark.parametrize("how", PASSING)
def test_a_run_is_committed_through_what_passes(faulty: Store, sample, how: dict[str, Any]) -> None:
    lease = faulty.begin(sample.portal, sample.slug, at=sample.first_night)
    fail(faulty, 3, **how)
    faulty.put_versions([sample.version(1)])
    fail(faulty, 3, **how)
    stored = faulty.commit(sample.run(0, id=lease.run_id), sample.entries(2))
    assert (stored.id, stored.seq) == (lease.run_id, 1)
    assert [run.id for run in faulty.runs(sample.portal)] == [lease.run_id]
    assert len(faulty.entries(stored.manifest)) == 2


def test_an_answer_that_is_lost_does_not_double_a_run(faulty: Store, sample) -> None:
    lease = faulty.begin(sample.portal, sample.slug, at=sample.first_night)
    run = sample.run(0, id=lease.run_id)
    first = faulty.commit(run, sample.entries(2))
    assert faulty.commit(run, sample.entries(2)) == first, "as after an answer that never came"
    assert len(list(faulty.runs(sample.portal))) == 1


def test_a_run_that_was_declared_abandoned_is_not_taken_for_ours(faulty: Store, sample) -> None:
    lease = faulty.begin(sample.portal, sample.slug, at=sample.first_night)
    ours = sample.run(0, id=lease.run_id)
    runs.insert(faulty.db, sample.run(0, Verdict.FAILED, id=lease.run_id, finish_reason=runs.ABANDONED))
    with pytest.raises(LeaseLostError):
        faulty.commit(ours, sample.entries(2))


def test_a_transaction_is_repeated_through_what_passes(faulty: Store) -> None:
    for how in ({"errorCode": 10107}, {"closeConnection": True}):
        for command in (["insert"], ["commitTransaction"]):
            name = f"{how}{command}"
            fail(faulty, 3, failCommands=command, **how)
            faulty.transact(lambda session, name=name: faulty.db.kept.insert_one({"_id": name}, session=session))
    assert faulty.db.kept.count_documents({}) == 4


def test_what_waiting_would_not_mend_is_raised_at_once(faulty: Store, sample) -> None:
    fail(faulty, 1, errorCode=13)
    with pytest.raises(OperationFailure):
        faulty.commit(sample.run(0), sample.entries(2))


def test_patience_has_an_end(faulty: Store, sample, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "PATIENCE", timedelta(seconds=1))
    fail(faulty, 1000, errorCode=10107)
    with pytest.raises(ConnectionFailure) as caught:
        faulty.commit(sample.run(0), sample.entries(2))
    assert "stopped answering" in str(faulty.why(caught.value))
    fail(faulty, 0)
    assert faulty.commit(sample.run(0), sample.entries(2)).seq == 1


def test_a_server_that_is_killed_again_and_again(tmp_path: Path, sample) -> None:
    config = StoreConfig(data_dir=tmp_path / "data")
    with embedded_server(config), open_store(config, env={}) as store:
        for night in range(6):
            os.kill(SupervisorState.read(Layout(config.data_dir).state).mongod, signal.SIGKILL)
            with store.begin(sample.portal, sample.slug, at=sample.first_night + timedelta(days=night)) as lease:
                store.put_versions(sample.version(number) for number in range(5))
                store.commit(sample.run(night, id=lease.run_id), sample.entries(5))
        assert [run.seq for run in store.runs(sample.portal)] == [1, 2, 3, 4, 5, 6]
