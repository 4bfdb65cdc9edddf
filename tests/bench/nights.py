"""What a night over many portals costs: sixty portals of two hundred datasets, read by `scrapy crawlall`.

A night without a change is measured beside the first one of the same portals, and a portal of such a night beside one
that is read by `scrapy crawl` in a process of its own. CPU seconds are those of the command with its worker processes,
without the database's and the portals'.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from opendata_spiders.register import Portal, packaged
from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.connect import open_store
from opendata_spiders.store.embedded.server import embedded_server
from tests.bench.commands import Cost, measure
from tests.bench.figures import Figure
from tests.crawl.conftest import lay_register
from tests.replica import Replica, World
from tests.replica.__main__ import spec_of
from tests.replica.incidents import Incident, Kind

PORTALS = 60
DATASETS = 200
SINGLY = 6
"""Portals that are also read in processes of their own."""
UNCHANGED_GOAL = 0.25
"""Of the CPU of a night without a change ÷ the first night's, at most."""
TOGETHER_GOAL = 0.25
"""Of the CPU of a portal in a night ÷ that of a process for it, at most."""


def measure_nights(rounds: int) -> Iterator[Figure]:
    """Measure medians of `rounds`."""
    played = [_round(number) for number in range(rounds)]
    first, unchanged, singly = (median(one[place] for one in played) for place in range(3))
    yield Figure(
        f"unchanged ÷ first night, CPU, {PORTALS} portals of {DATASETS} datasets",
        f"{unchanged:.1f} s",
        f"{first:.1f} s",
        unchanged / first,
        UNCHANGED_GOAL,
    )
    yield Figure(
        "CPU a portal ÷ a process a portal, unchanged night",
        f"{unchanged / PORTALS:.3f} s",
        f"{singly:.2f} s",
        unchanged / PORTALS / singly,
        TOGETHER_GOAL,
    )


def portals() -> list[Portal]:
    """Rows of the two families that the replica plays best: most have a host of their own, some share one.

    Without Guizhou's own portal, which lists its cities' datasets once more.
    """
    kinds = ("guizhou_api", "inspur_oportal")
    rows = [one for one in packaged().crawlable() if one.family in kinds and one.slug != "guizhou"]
    return sorted(rows, key=lambda one: one.family)[:PORTALS]


def _round(number: int) -> Sequence[float]:
    """CPU seconds of the first night, of one without a change, and of a process for one portal on a third."""
    rows = portals()
    world = World([spec_of(portal, packaged(), DATASETS) for portal in rows], seed=3)
    world.script("*", Incident(Kind.STOPS, 0))
    with TemporaryDirectory() as folder, embedded_server(StoreConfig(data_dir=Path(folder) / "db")) as server:
        config = StoreConfig(uri=server.uri, database=f"nights{number}")
        with Replica(world) as replica, open_store(config, env={"WATCH_NOW": world.moment(0).isoformat()}):
            register = lay_register(Path(folder) / "register", {one.slug: replica.url(one.slug) for one in rows})
            env = {
                **os.environ,
                "MONGODB_URI": server.uri,
                "MONGODB_DATABASE": config.database,
                "DATA_DIR": folder,
                "REGISTER_DIR": str(register),
                "PYTHONUTF8": "1",
                "PYTHONPATH": ".",
            }
            night = ["-m", "scrapy", "crawlall", "--only", ",".join(one.slug for one in rows)]
            first = _play(replica, 1, [*night, "-s", "DETAIL_BUDGET=100000"], env)
            unchanged = _play(replica, 2, [*night, "-s", "DETAIL_BUDGET=100000"], env)
            one = ["-m", "scrapy", "crawl"]
            singly = [_play(replica, 3, [*one, portal.slug], env).cpu for portal in rows[-SINGLY:]]
    return first.cpu, unchanged.cpu, median(singly)


def _play(replica: Replica, night: int, words: Sequence[str], env: Mapping[str, str]) -> Cost:
    replica.night = night
    return measure(words, {**env, "WATCH_NOW": replica.world.moment(night).isoformat()})
