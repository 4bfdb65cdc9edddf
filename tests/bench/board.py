"""`python -m tests.bench board`: the scoreboard of a day on which one dataset in a hundred changed, beside the first one.

The portals are those of the year's country (tests/year), each with the same share of changes. Each scoreboard is worked
out in a process of its own, as every night.
"""

import os
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path

from alerts.engine.repository import prepare
from alerts.scoreboard.today import todays
from opendata_spiders.register import load
from opendata_spiders.store.clock import VARIABLE
from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.connect import open_store
from opendata_spiders.store.embedded.server import embedded_server
from opendata_spiders.store.store import Store
from tests.bench.figures import Figure
from tests.year.catalogue import Life
from tests.year.nights import Costs, at_night, portals
from tests.year.portals import country, sizes

PORTALS, DATASETS = 20, 40_000
EVERY_NIGHT = Life("even", 1, 1, redated=0.008, edited=0.001, added=0.0006, removed=0.0004)
"""On every portal one dataset in a hundred."""
MOST_CPU, MOST_MEMORY = 0.1, 1.1


@dataclass(frozen=True, slots=True)
class Figured:
    """What one scoreboard took."""

    cpu_s: float
    """Of the process, from the opened store to the kept scoreboard."""
    database_s: float
    peak_mb: float


def measure_board() -> Iterator[Figure]:
    """Play two nights, each followed by its scoreboard."""
    with (
        tempfile.TemporaryDirectory() as folder,
        embedded_server(StoreConfig(data_dir=Path(folder) / "data")) as server,
    ):
        config = StoreConfig(uri=server.uri)
        first, again = _nights(config, Path(folder) / "register")
    name = f"scoreboard of {DATASETS:,} datasets, 1 % changed ÷ first"
    said = (f"{one.cpu_s:.1f} s" for one in (again, first))
    yield Figure(f"{name}, CPU", *said, again.cpu_s / first.cpu_s, MOST_CPU)
    said = (f"{one.cpu_s + one.database_s:.1f} s" for one in (again, first))
    ratio = (again.cpu_s + again.database_s) / (first.cpu_s + first.database_s)
    yield Figure(f"{name}, CPU with mongod", *said, ratio, MOST_CPU)
    said = (f"{one.peak_mb:.0f} MB" for one in (again, first))
    yield Figure(f"{name}, memory", *said, again.peak_mb / first.peak_mb, MOST_MEMORY)


def _nights(config: StoreConfig, registered: Path) -> list[Figured]:
    register, found = country(PORTALS, registered), []
    with open_store(config, env={}) as store:
        prepare(store)
        played = portals(store, register, list(enumerate(sizes(PORTALS, DATASETS))), seed=1, nights=365)
        for one in played:
            one.catalogue.life = EVERY_NIGHT
        for night in range(2):
            os.environ[VARIABLE] = at_night(night).isoformat()
            for one in played:
                one.play(night, Costs())
            with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
                found.append(process.submit(_scoreboard, config, registered, night).result())
    return found


def _scoreboard(config: StoreConfig, registered: Path, night: int) -> Figured:
    register = load(registered)
    with open_store(config, env={}) as store:
        before, began = _database_cpu(store), time.process_time()
        todays(store, register, at_night(night) + timedelta(hours=6))
        took = time.process_time() - began
        return Figured(took, _database_cpu(store) - before, _peak_mb())


def _peak_mb() -> float:
    """The most memory of this process alone: getrusage counts that of the process which started it."""
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text("ascii").splitlines())
    return int(status["VmHWM"].split()[0]) / 1024


def _database_cpu(store: Store) -> float:
    """CPU seconds that the server has used."""
    used = store.db.command("serverStatus")["extra_info"]
    return float(used["user_time_us"] + used["system_time_us"]) / 1e6
