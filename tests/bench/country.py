"""A country on loopback, read by `scrapy crawlall` through HTTP: the first night, one without a change, and their diffs.

Every portal is a host of its own that serves the same list without delay, so that what is measured is the product: a tenth of
the country, then all of it. Ten times the portals may cost eleven times as much, and hardly more memory.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from opendata_spiders.register import Level
from opendata_spiders.register.load import packaged
from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.connect import open_store
from opendata_spiders.store.embedded.server import embedded_server
from opendata_spiders.store.models import Verdict
from tests.bench.catalogue_server import CatalogueServer, rows
from tests.bench.commands import Cost, measure
from tests.bench.figures import Figure
from tests.bench.process_memory import memory_peak
from tests.bench.register_rows import lay, register_row

PORTALS, DATASETS = (26, 257), 500
"""A tenth of the country and all of it, and the datasets of each portal."""
_ROWS_A_PAGE = 12
"""Of the family that the portals are of."""
_GROWTH, _MEMORY, _UNCHANGED = 1.1, 1.5, 0.5
"""At most: CPU seconds a portal of the country ÷ of a tenth; its memory ÷ that of a tenth; an unchanged night ÷ the first."""
_NIGHTS = {"first night": "2026-11-16T02:00:00Z", "unchanged night": "2026-11-17T02:00:00Z"}


@dataclass(frozen=True, slots=True)
class NightCost:
    """What one night of so many portals took."""

    portals: int
    crawl: Cost
    diff: Cost
    memory_mb: float
    """The most that all processes of the crawl held together."""

    @property
    def crawl_cpu(self) -> float:
        """CPU seconds a portal."""
        return self.crawl.cpu / self.portals

    @property
    def diff_cpu(self) -> float:
        """CPU seconds a portal."""
        return self.diff.cpu / self.portals

    def told(self) -> str:
        """The figures as text."""
        return (
            f"{self.portals} portals: {self.crawl.wall / 60:.1f} min, {self.crawl_cpu:.2f} CPU s a portal, "
            f"{self.memory_mb:.0f} MB; diff {self.diff_cpu:.2f}"
        )


def measure_country(portals: tuple[int, int] = PORTALS, datasets: int = DATASETS) -> Iterator[Figure]:
    """Read both countries for two nights each, every one in a database of its own."""
    tenth, whole = (nights(count, datasets) for count in portals)
    for name in _NIGHTS:
        small, large = tenth[name], whole[name]
        cost, growth = large.crawl_cpu / small.crawl_cpu, large.memory_mb / small.memory_mb
        yield Figure(f"{name}, CPU a portal, country ÷ a tenth", large.told(), small.told(), cost, _GROWTH)
        yield Figure(
            f"{name}, memory, country ÷ a tenth",
            f"{large.memory_mb:.0f} MB",
            f"{small.memory_mb:.0f} MB",
            growth,
            _MEMORY,
        )
        diff = large.diff_cpu / small.diff_cpu
        yield Figure(
            f"{name}, diff, CPU a portal, country ÷ a tenth",
            f"{large.diff_cpu:.2f} s",
            f"{small.diff_cpu:.2f} s",
            diff,
            _GROWTH,
        )
    first, again = (whole[name] for name in _NIGHTS)
    cpu = [f"{one.crawl_cpu:.2f} s" for one in (again, first)]
    yield Figure(
        "unchanged ÷ first night of the country, CPU a portal", *cpu, again.crawl_cpu / first.crawl_cpu, _UNCHANGED
    )


def nights(portals: int, datasets: int) -> Mapping[str, NightCost]:
    """Read so many portals twice, in an empty database. Raises RuntimeError if one was not read completely."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        server = stack.enter_context(embedded_server(StoreConfig(data_dir=folder / "data")))
        env = {
            **os.environ, "MONGODB_URI": server.uri, "MONGODB_DATABASE": "country", "DATA_DIR": str(folder / "logs"),
            "REGISTER_DIR": str(folder / "register"), "PYTHONUTF8": "1",
        }  # fmt: skip
        slugs = stack.enter_context(_served(portals, datasets, folder / "register"))
        crawl = [
            "-m",
            "scrapy",
            "crawlall",
            "--only",
            ",".join(slugs),
            "-s",
            "DOWNLOAD_DELAY=0",
            "-s",
            "DETAIL_BUDGET=0",
        ]
        found = {}
        for name, at in _NIGHTS.items():
            with memory_peak() as peak:
                read = measure(crawl, {**env, "WATCH_NOW": at})
            diff = measure(["-m", "alerts", "diff", *slugs], {**env, "WATCH_NOW": at})
            found[name] = NightCost(portals, read, diff, peak.megabytes)
            _insist(server.uri, at, portals, datasets)
    return found


@contextmanager
def _served(portals: int, datasets: int, register: Path) -> Iterator[list[str]]:
    """Serve the portals, each at a port of its own, and lay their rows; yields their slugs."""
    catalogue = CatalogueServer(rows(datasets), _ROWS_A_PAGE)
    cities = [one for one in packaged().governments.values() if one.level is not Level.PROVINCE][:portals]
    with ExitStack() as stack:
        laid = []
        for city in cities:
            stack.enter_context(catalogue.running())
            laid.append(register_row(city, 9, "guizhou_api", catalogue.url))
        lay(register, laid)
        yield [row["slug"] for row in laid]


def _insist(uri: str, at: str, portals: int, datasets: int) -> None:
    with open_store(StoreConfig(uri=uri, database="country"), env={"WATCH_NOW": at}) as store:
        read = store.db.runs.count_documents({"verdict": Verdict.COMPLETE.value, "seen": datasets})
    if read % portals or not read:
        raise RuntimeError(
            f"{read} complete readings of {portals} portals: what was measured is no night of the country"
        )
