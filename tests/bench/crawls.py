"""What a crawl costs, every figure a ratio to a baseline that is measured beside it in the same round.

Speed: one list of a portal without details, read by `scrapy crawl` into a real database, beside a bare Scrapy spider
that keeps nothing and a script without a framework that stores the rows; once with the start of each, which a night
shares among many portals, and once without it. Nights: a night without a change beside the
first night of the same portal, with details. Start: commands that do nothing, beside `import scrapy`.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.connect import open_store
from opendata_spiders.store.embedded.server import embedded_server
from opendata_spiders.store.store import Store
from tests.bench.catalogue_server import CatalogueServer, rows
from tests.bench.commands import measure
from tests.bench.figures import Figure
from tests.replica import PortalSpec, Replica, World
from tests.replica.incidents import Incident, Kind

SIZES = (10, 100, 500)
"""Rows a page."""
PORTALS = (200, 2000)
"""Datasets of the portals whose nights are compared."""
NIGHT_GOALS = {"requests": 0.125, "documents": 0.01, "bytes": 0.02, "CPU": 0.25}
"""Of a night without a change ÷ the first night, at most."""


@dataclass(frozen=True, slots=True)
class SpeedGoals:
    """Least ratios of items a CPU second at one size of page."""

    first: float
    unchanged: float
    unchanged_to_script: float


SPEED_GOALS = {10: SpeedGoals(0.8, 1.2, 0.3), 100: SpeedGoals(1.0, 1.5, 0.5), 500: SpeedGoals(1.0, 1.5, 0.5)}
START_GOALS = {"scrapy list": 1.3, "scrapy crawl --help": 1.3, "alerts --help": 1.3}
"""Of CPU seconds ÷ those of `import scrapy`, at most."""


def measure_crawls(count: int, rounds: int) -> Iterator[Figure]:
    """Measure lists and nights, medians of `rounds`; `count`: rows of the list whose reading is timed."""
    with _database() as (env, uri):
        listed = rows(count)
        for size in SIZES:
            whole = _speed(listed, size, uri, env, rounds)
            yield from _speed_figures(f"{size} rows a page", count, SPEED_GOALS[size], whole)
            start = _speed(listed[:size], size, uri, env, rounds)
            left = {name: cpu - start[name] for name, cpu in whole.items()}
            yield from _speed_figures(f"{size} rows a page, start left out", count - size, SPEED_GOALS[size], left)
        for datasets in PORTALS:
            yield from _night_figures(datasets, [_night_round(datasets, env, number) for number in range(rounds)])


@contextmanager
def _database() -> Iterator[tuple[Mapping[str, str], str]]:
    """The environment for commands on an embedded database of their own, and its address."""
    with (
        TemporaryDirectory() as folder,
        embedded_server(StoreConfig(data_dir=Path(folder))) as server,
        open_store(StoreConfig(uri=server.uri, database="bench"), env={}),
    ):
        yield {**os.environ, "MONGODB_URI": server.uri, "PYTHONUTF8": "1", "PYTHONPATH": "."}, server.uri


# --- speed ------------------------------------------------------------------------------------------------------------


def _speed(
    listed: Sequence[Mapping[str, Any]], size: int, uri: str, env: Mapping[str, str], rounds: int
) -> Mapping[str, float]:
    """CPU seconds of each contestant on this list: medians."""
    with CatalogueServer(listed, size).running() as catalogue:
        names = [f"speed{size}_{len(listed)}_{number}" for number in range(rounds)]
        played = [_speed_round(catalogue.url, size, uri, env, name) for name in names]
    return {name: median(one[name] for one in played) for name in played[0]}


def _speed_round(url: str, size: int, uri: str, env: Mapping[str, str], name: str) -> Mapping[str, float]:
    """CPU seconds of each contestant, one after the other on the same pages; `name`: of the databases."""
    crawl = ["tests/bench/list_crawl.py", str(size), "-a", f"base_url={url}", "-s", "LOG_LEVEL=ERROR"]

    def night(day: int) -> Mapping[str, str]:
        return {**env, "MONGODB_DATABASE": name, "WATCH_NOW": f"2026-11-{day}T02:00:00Z"}

    spider = ["-m", "scrapy", "runspider", "tests/bench/list_spider.py", "-a", f"base_url={url}"]
    return {
        "bare": measure(spider, {**env, "SCRAPY_SETTINGS_MODULE": ""}).cpu,
        "script": measure(["tests/bench/list_script.py", url, uri, f"script_{name}"], env).cpu,
        "first": measure(crawl, night(16)).cpu,
        "unchanged": measure(crawl, night(17)).cpu,
    }


def _speed_figures(kind: str, count: int, goals: SpeedGoals, cpu: Mapping[str, float]) -> Iterator[Figure]:
    said = {name: f"{count / seconds:,.0f} items/CPU s" for name, seconds in cpu.items()}

    def figure(night: str, beside: str, goal: float) -> Figure:
        name = f"{night} night ÷ {beside}, {kind}"
        return Figure(name, said[night], said[beside], cpu[beside] / cpu[night], goal, at_least=True)

    yield figure("first", "bare", goals.first)
    yield figure("unchanged", "bare", goals.unchanged)
    yield figure("unchanged", "script", goals.unchanged_to_script)


# --- nights -----------------------------------------------------------------------------------------------------------


def _night_round(datasets: int, env: Mapping[str, str], number: int) -> Sequence[Mapping[str, float]]:
    """What the first night and a night without a change cost."""
    spec = PortalSpec("guiyang", "guizhou_api", "贵阳", "520100", division="520100", datasets=datasets)
    world = World([spec], seed=3)
    world.script("guiyang", Incident(Kind.STOPS, 0))
    name = f"nights{datasets}_{number}"
    config = StoreConfig(uri=env["MONGODB_URI"], database=name)
    with Replica(world) as replica, open_store(config, env={"WATCH_NOW": world.moment(0).isoformat()}) as store:
        return [_night(replica, night, {**env, "MONGODB_DATABASE": name}, store) for night in (1, 2)]


def _night(replica: Replica, night: int, env: Mapping[str, str], store: Store) -> Mapping[str, float]:
    replica.night = night
    documents, size = _held(store)
    at = replica.world.moment(night).isoformat()
    words = ["-m", "scrapy", "crawl", "guiyang", "-a", f"base_url={replica.url('guiyang')}"]
    cost = measure([*words, "-s", "LOG_LEVEL=ERROR", "-s", "DETAIL_BUDGET=100000"], {**env, "WATCH_NOW": at})
    run = list(store.runs(None))[-1]
    now, grown = _held(store)
    return {"requests": run.requests, "documents": now - documents, "bytes": grown - size, "CPU": cost.cpu}


def _held(store: Store) -> tuple[int, int]:
    """Documents in the database, and their bytes before compression."""
    found = store.db.command("dbStats")
    return found["objects"], found["dataSize"]


def _night_figures(datasets: int, played: Sequence[Sequence[Mapping[str, float]]]) -> Iterator[Figure]:
    first, unchanged = ({name: median(one[n][name] for one in played) for name in NIGHT_GOALS} for n in (0, 1))
    for name, goal in NIGHT_GOALS.items():
        unit = " s" if name == "CPU" else ""
        said = [f"{one[name]:,.1f}{unit}" if unit else f"{one[name]:,.0f}" for one in (unchanged, first)]
        yield Figure(
            f"unchanged ÷ first night, {name}, {datasets:,} datasets", *said, unchanged[name] / first[name], goal
        )


# --- start ------------------------------------------------------------------------------------------------------------


def measure_starts(rounds: int) -> Iterator[Figure]:
    """Measure the start of commands beside `import scrapy`, and Scrapy's own in a project without anything."""
    empty = {**os.environ, "SCRAPY_SETTINGS_MODULE": "tests.bench.empty_settings", "PYTHONPATH": "."}
    runs = {
        "import scrapy": (["-c", "import scrapy"], os.environ),
        "scrapy list of an empty project": (["-m", "scrapy", "list"], empty),
        **{name: (["-m", *name.split()], os.environ) for name in START_GOALS},
    }
    played = [{name: measure(words, env).cpu for name, (words, env) in runs.items()} for _ in range(rounds)]
    cpu = {name: median(one[name] for one in played) for name in runs}
    base = cpu.pop("import scrapy")
    for name, seconds in cpu.items():
        goal = START_GOALS.get(name, START_GOALS["scrapy list"])
        yield Figure(f"start of {name} ÷ import scrapy", f"{seconds:.2f} s", f"{base:.2f} s", seconds / base, goal)
