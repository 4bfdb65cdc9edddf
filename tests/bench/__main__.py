"""`make bench`: the first night, an unchanged night and the diff, each beside its baseline."""

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

import click
from rich.console import Console
from rich.table import Table

from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.connect import open_store
from opendata_spiders.store.embedded.server import embedded_server
from opendata_spiders.store.store import Store
from tests.bench.diffs import measure as measure_diffs
from tests.bench.digests import measure as measure_digests
from tests.bench.site import measure as measure_site
from tests.bench.site_store import FULL, Size
from tests.replica import PortalSpec, Replica, World
from tests.replica.incidents import Incident, Kind

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Cost:
    """What one command cost."""

    wall: float
    cpu: float
    peak_mb: float


def measure(command: Sequence[str], env: Mapping[str, str]) -> Cost:
    """Run a command to its end; its own CPU seconds and peak memory, without those of the replica."""
    began = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, env=dict(env), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    errors = process.stderr.read() if process.stderr else b""
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise click.ClickException(f"{' '.join(command)} ended with {status}:\n{errors.decode()[-2000:]}")
    return Cost(time.perf_counter() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


class Bench:
    """One replica, one database, several rounds."""

    def __init__(self, replica: Replica, env: Mapping[str, str]) -> None:
        self._replica = replica
        self._env = dict(env)
        self._night = 0
        self.rows: dict[str, list[Cost]] = {}

    def _keep(self, name: str, cost: Cost) -> Cost:
        self.rows.setdefault(name, []).append(cost)
        return cost

    def round(self, number: int) -> None:
        """One round: baseline, first night, two unchanged nights, and the diffs, on a fresh database."""
        self._env["MONGODB_DATABASE"] = f"bench{number}"
        url = self._replica.url("guiyang")
        self._keep("plain Scrapy spider", measure([sys.executable, "-m", "scrapy", "runspider", "tests/bench/plain.py",
                   "-a", f"base_url={url}"], {**self._env, "SCRAPY_SETTINGS_MODULE": ""}))  # fmt: skip
        self._crawl("first night", url)
        self._diff("diff of the first night")
        self._crawl("unchanged night", url)
        self._diff("diff of an unchanged night")

    def _at(self) -> dict[str, str]:
        return {**self._env, "WATCH_NOW": self._replica.world.moment(self._replica.night).isoformat()}

    def _crawl(self, name: str, url: str) -> None:
        self._replica.night += 1
        self._keep(name, measure([sys.executable, "-m", "scrapy", "crawl", "guiyang", "-a", f"base_url={url}", "-s",
                   "LOG_LEVEL=ERROR", "-s", "DETAIL_BUDGET=100000"], self._at()))  # fmt: skip

    def _diff(self, name: str) -> None:
        self._keep(name, measure([sys.executable, "-m", "alerts", "diff"], self._at()))


def table(rows: Mapping[str, Sequence[Cost]], datasets: int) -> Table:
    """Medians, and each as a multiple of the baseline's."""
    found = Table(title=f"{datasets:,} datasets, medians of {len(next(iter(rows.values())))} rounds")
    for column in ("", "wall s", "cpu s", "cpu ×plain", "peak MB", "datasets / cpu s"):
        found.add_column(column, justify="left" if not column else "right")
    base = median(one.cpu for one in rows["plain Scrapy spider"])
    for name, costs in rows.items():
        wall, cpu, peak = (median(getattr(one, what) for one in costs) for what in ("wall", "cpu", "peak_mb"))
        found.add_row(name, f"{wall:.2f}", f"{cpu:.2f}", f"{cpu / base:.2f}", f"{peak:.0f}", f"{datasets / cpu:,.0f}")
    return found


@contextmanager
def fresh_store() -> Iterator[Store]:
    """A store on an empty embedded database."""
    with (
        tempfile.TemporaryDirectory() as folder,
        embedded_server(StoreConfig(data_dir=Path(folder))) as server,
        open_store(StoreConfig(uri=server.uri, database="bench"), env={}) as store,
    ):
        yield store


def mass_event() -> None:
    """Build and freeze the digests of such a night on a fresh database, and print what it took."""
    with fresh_store() as store:
        found = measure_digests(store)
    for name, value in asdict(found).items():
        print(f"{name:>14}: {value:,.1f}" if isinstance(value, float) else f"{name:>14}: {value:,}")


def nightly_diffs() -> None:
    """Fold such nights on a fresh database, and print what each took."""
    with fresh_store() as store:
        for one in measure_diffs(store):
            print(f"{one.night:>20}: {one.events:6,} events, {one.diff_s:.2f} s, {one.ratio:.2f} × decoding both lists")


def whole_site(size: Size) -> None:
    """Build the site of such a country on a fresh database, and print what it took."""
    with fresh_store() as store, tempfile.TemporaryDirectory() as folder:
        for one in measure_site(store, Path(folder), size):
            print(", ".join(f"{name} {value:,.1f}" if isinstance(value, float) else f"{name} {value}"
                            for name, value in asdict(one).items()), flush=True)  # fmt: skip


@click.command()
@click.option("--datasets", default=2400, show_default=True)
@click.option("--rounds", default=3, show_default=True)
@click.option(
    "--digests", is_flag=True, help="Instead: a night on which 10,000 datasets change, told to 1,000 readers."
)
@click.option("--site", is_flag=True, help="Instead: the site of 257 portals with 500,000 datasets.")
@click.option("--diffs", is_flag=True, help="Instead: the diffs of a few nights of a portal with 20,000 datasets.")
def main(datasets: int, rounds: int, *, digests: bool, diffs: bool, site: bool) -> None:
    """Measure, beside the least a Scrapy spider can do with the same portal."""
    if site:
        whole_site(FULL)
        return
    if digests or diffs:
        (mass_event if digests else nightly_diffs)()
        return
    spec = PortalSpec("guiyang", "guizhou_api", "贵阳", "520100", division="520100", datasets=datasets)
    world = World([spec], seed=3)
    world.script("guiyang", Incident(Kind.STOPS, 0))
    with tempfile.TemporaryDirectory() as folder, Replica(world) as replica:
        config = StoreConfig(data_dir=Path(folder))
        with embedded_server(config) as server, open_store(StoreConfig(uri=server.uri, database="bench_warm"), env={}):
            env = {**os.environ, "MONGODB_URI": server.uri, "PYTHONUTF8": "1"}
            bench = Bench(replica, env)
            for number in range(rounds):
                bench.round(number)
                print(f"round {number + 1} of {rounds}", file=sys.stderr, flush=True)
    Console().print(table(bench.rows, datasets))
    print(f"this process (replica included): {resource.getrusage(resource.RUSAGE_SELF).ru_utime:.0f} s of CPU")


if __name__ == "__main__":
    main()
