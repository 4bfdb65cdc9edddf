"""Handing out over a broker that loses what it was given, or is not there."""

import subprocess
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from alerts.cluster import dispatch
from alerts.cluster.broker import CeleryBroker
from alerts.cluster.dispatch import BrokerError, Dispatcher
from opendata_spiders.store import shared_work
from opendata_spiders.store.clock import real_now
from opendata_spiders.store.connect import Store
from tests.cluster.machines import Server
from tests.commands import run_module

pytestmark = pytest.mark.slow

BATCH = shared_work.batch_name("read", real_now())
NOWHERE = "redis://:geheim-4711@127.0.0.1:1/0"
"""A broker that does not answer, and its password."""


@pytest.fixture
def work(store: Store) -> Store:
    shared_work.put_batch(store, BATCH, {"small": {"size": 1}, "large": {"size": 9}}, begun=real_now())
    return store


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def held(broker: Server) -> str:
    """The messages that wait, the next one last."""
    command = ["redis-cli", "-p", str(broker.port), "lrange", "nightwatch.tests", "0", "-1"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_what_the_broker_lost_is_sent_again_and_what_is_held_is_not(
    work: Store, broker: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatch, "GRACE_SECONDS", 0.5)
    monkeypatch.setattr(dispatch, "POLL_SECONDS", 0.1)
    carrier = CeleryBroker(broker.address, "tests")
    dispatcher = Dispatcher(work, BATCH, carrier, size=lambda item: item.task["size"])
    with ThreadPoolExecutor() as pool:
        done = pool.submit(dispatcher.run, patience=timedelta(seconds=30))
        wait_for(lambda: carrier.waiting() == 2)
        messages = held(broker)
        assert messages.index(f"{BATCH} small") < messages.index(f"{BATCH} large"), "the larger one is received first"
        large = shared_work.claim(work, f"{BATCH} large")
        broker.kill()
        broker.start()
        wait_for(lambda: carrier.waiting() == 1)
        assert f"{BATCH} small" in held(broker)
        large.end()
        shared_work.claim(work, f"{BATCH} small").end()
        assert all(item.ended for item in done.result())


def test_without_workers_it_ends_after_a_while(work: Store, broker: Server) -> None:
    left = Dispatcher(work, BATCH, CeleryBroker(broker.address, "tests")).run(patience=timedelta(seconds=1))
    assert [item.ended for item in left] == [None, None]


def test_a_broker_that_is_not_there_is_named_without_its_password(store_config) -> None:
    broker = CeleryBroker(NOWHERE, "tests")
    for ask in (lambda: broker.send("read", "x"), broker.waiting, broker.workers):
        with pytest.raises(BrokerError, match=r"redis://:\*\*@127\.0\.0\.1:1/0 does not serve us") as caught:
            ask()
        assert "geheim" not in str(caught.value)
    env = {"MONGODB_URI": str(store_config.uri), "MONGODB_DATABASE": store_config.database, "CLUSTER_BROKER": NOWHERE}
    done = run_module("alerts", "cluster", "status", env=env)
    assert done.returncode == 1
    assert "correct CLUSTER_BROKER" in done.stderr
    assert "geheim" not in done.stdout + done.stderr
    done = run_module("alerts", "cluster", "status", env={**env, "CLUSTER_BROKER": ""})
    assert (done.returncode, "CLUSTER_BROKER is not set" in done.stderr) == (1, True)
