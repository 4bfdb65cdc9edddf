"""What more workers bring: one night of many hosts that answer slowly, read by one worker and by three."""

import os
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.connect import open_store
from opendata_spiders.store.embedded.server import embedded_server
from tests.bench.figures import Figure
from tests.cluster.machines import Machines, machines, redis
from tests.cluster.nights import SLUGS, stand, world
from tests.replica import Replica

WORKERS = 3
GOAL = 2.5
"""Least speed of three workers ÷ that of one."""
DATASETS = 60
SECONDS = 1.0
"""Each answer takes so long, so that a night waits and does not reckon: over the internet that is a request's delay."""
READ = SLUGS[:9]
"""As many portals for each of the three; the first two share a host."""
HOSTS = len(READ) - 1


def measure() -> Iterator[Figure]:
    """The night of one worker, then that of three, in two databases."""
    played = world(datasets=DATASETS, seconds=SECONDS)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        replica = stack.enter_context(Replica(played))
        server = stack.enter_context(embedded_server(StoreConfig(data_dir=folder)))
        broker = redis()
        broker.start()
        stack.callback(broker.kill)
        env = {
            **os.environ, "PYTHONUTF8": "1", "MONGODB_URI": server.uri,
            "REGISTER_DIR": str(stand(replica, folder / "register")), "WATCH_NOW": played.moment(0).isoformat(),
            "CLUSTER_BROKER": broker.address,
        }  # fmt: skip
        one, three = (_night(env, folder, count) for count in (1, WORKERS))
    said = f"{HOSTS} hosts, {len(READ)} portals, {SECONDS:g} s an answer"
    name = f"{WORKERS} workers ÷ 1 worker, hosts an hour ({said})"
    yield Figure(name, f"{_an_hour(three)} hosts/h", f"{_an_hour(one)} hosts/h", one / three, GOAL, at_least=True)


def _an_hour(seconds: float) -> str:
    return f"{HOSTS * 3600 / seconds:,.0f}"


def _night(env: Mapping[str, str], folder: Path, count: int) -> float:
    """Seconds from the first host that a worker takes to the last result."""
    database = f"cluster{count}"
    config = StoreConfig(uri=env["MONGODB_URI"], database=database)
    with (
        machines({**env, "MONGODB_DATABASE": database}, folder / database) as made,
        open_store(config, env=env) as store,
    ):
        for number in range(count):
            made.start(f"worker{number}")
        _wait_for_workers(made, count)
        with made.running("alerts", "cluster", "night", "--only", ",".join(READ)) as night:
            while store.db.shared_work.find_one({"claim.pid": {"$exists": True}}) is None:
                time.sleep(0.05)
            begun = time.monotonic()
            while store.db.shared_work.find_one({"ended": None}) is not None:
                time.sleep(0.05)
            ended = time.monotonic()
            said, _ = night.communicate()
        if night.returncode:
            raise RuntimeError(said)
    return ended - begun


def _wait_for_workers(made: Machines, count: int) -> None:
    answering = 0
    while answering < count:
        with made.running("alerts", "cluster", "status", "--json") as asked:
            said, _ = asked.communicate()
        answering = said.count(f"@{socket.gethostname()}")
