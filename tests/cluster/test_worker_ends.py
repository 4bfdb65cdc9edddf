"""Workers that end before their work does, each in its own way, while a night goes on."""

import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.connect import Store, open_store
from tests.cluster.machines import Machines, Server, machines
from tests.cluster.nights import SHARED, stand, world
from tests.replica import Replica

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

ONLY = (*SHARED, "jinan")


@pytest.fixture
def cluster(store_config: StoreConfig, broker: Server, tmp_path: Path) -> Iterator[Machines]:
    played = world(datasets=15, seconds=0.5)
    with Replica(played) as replica:
        env = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        env |= {
            "PYTHONUTF8": "1", "MONGODB_URI": str(store_config.uri), "MONGODB_DATABASE": store_config.database,
            "REGISTER_DIR": str(stand(replica, tmp_path / "register")), "CLUSTER_BROKER": broker.address,
            "WATCH_NOW": played.moment(0).isoformat(),
        }  # fmt: skip
        with machines(env, tmp_path) as made:
            yield made


@pytest.fixture
def store(cluster: Machines, store_config: StoreConfig) -> Iterator[Store]:
    with open_store(store_config, env=dict(cluster.env)) as opened:
        yield opened


def wait_for(found: Callable[[], Any], seconds: float = 120) -> Any:
    end = time.monotonic() + seconds
    while not (what := found()):
        assert time.monotonic() < end, "nothing goes on"
        time.sleep(0.05)
    return what


def night_of(cluster: Machines, store: Store, disturb: Callable[[], None]) -> None:
    """Have the night read, with a disturbance in it; every portal is read once and whole."""
    with cluster.running("alerts", "cluster", "night", "--only", ",".join(ONLY)) as night:
        disturb()
        said, _ = night.communicate(timeout=240)
        assert night.returncode == 0, said
    assert store.db.nights.find_one()["verdicts"] == dict.fromkeys(ONLY, "complete")
    assert Counter(run.slug for run in store.runs(None) if run.verdict == "complete") == Counter(ONLY)


def test_a_worker_that_is_stopped_ends_its_portal_and_gives_the_rest_back(cluster: Machines, store: Store) -> None:
    cluster.start("a", hosts=2)

    def stop() -> None:
        wait_for(lambda: store.db.leases.find_one({"slug": "guiyang"}))
        process = cluster.workers.pop("a")
        process.send_signal(signal.SIGTERM)
        assert process.wait(120) == 0
        assert [run.slug for run in store.runs(None) if run.slug in SHARED] == ["guiyang"]
        unit = store.db.shared_work.find_one({"task.slugs": "zunyi"})
        assert (unit["ended"], unit["claim"], unit["losses"]) == (None, None, 0)
        assert [result["verdict"] for result in unit["results"]] == ["complete"]
        cluster.start("b")

    night_of(cluster, store, stop)
    assert store.db.shared_work.find_one({"task.slugs": "zunyi"})["losses"] == 0


def test_a_process_that_dies_leaves_its_crawl_which_nobody_doubles(cluster: Machines, store: Store) -> None:
    cluster.start("a", hosts=2)

    def kill() -> None:
        wait_for(lambda: store.db.leases.find_one({"slug": "jinan"}))
        unit = store.db.shared_work.find_one({"task.slugs": "jinan"})
        os.kill(unit["claim"]["pid"], signal.SIGKILL)

    night_of(cluster, store, kill)
    assert [run.slug for run in store.runs(None)].count("jinan") == 1
    assert store.db.shared_work.find_one({"task.slugs": "jinan"})["results"][0]["log"].startswith("run jinan-")
