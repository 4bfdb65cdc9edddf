"""`python -m tests.bench site`: the site of the whole country, built, built again unchanged, and searched.

As in a night the scoreboard, which the site shows, is worked out and kept before; what that takes is told apart.
"""

import os
import resource
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Response

from alerts.publish.folder import Folder
from alerts.scoreboard.today import todays
from alerts.site.build import Site
from opendata_spiders.register import load
from opendata_spiders.store.store import Store
from tests.bench.figures import Figure
from tests.bench.site_store import NOW, Size, fill
from tests.serving import chromium, served

QUERIES = ("行政许可信息", "信息", "2019年 空气质量", "第7批学校名录", "停车场统计表", "贵阳 预算", "气象局")
UNCHANGED, MOST_MB, MOST_PAGE_KB, MOST_SEARCH_MS, MOST_SEARCH_KB = 0.05, 1_000, 150, 300, 300
_SEARCH = """async (query) => {
  const list = document.getElementById("search-results"), status = document.getElementById("search-status");
  const field = document.querySelector("#search input"), searching = document.querySelector("#search").dataset.searching;
  const began = performance.now();
  field.value = query;
  field.form.requestSubmit();
  while (!status.textContent || status.textContent === searching) await new Promise((done) => setTimeout(done, 1));
  return [performance.now() - began, list.children.length];
}"""


@dataclass(frozen=True, slots=True)
class Built:
    """What one build took and left."""

    wall_s: float
    cpu_s: float
    """Of this process; the database's own is left out."""
    peak_mb: float
    """The most memory of this process so far."""
    written: int
    files: int
    megabytes: float
    largest_page: str
    largest_kb: float


@dataclass(frozen=True, slots=True)
class Figured:
    """What the scoreboard took."""

    scoreboard_wall_s: float
    scoreboard_cpu_s: float


@dataclass(frozen=True, slots=True)
class Searched:
    """One search on a page opened for the first time."""

    query: str
    results: int
    ms: float
    """From pressing the button to the results."""
    kb: float
    """All that was fetched since, and the page with its files."""


def measure_site(store: Store, root: Path, size: Size) -> Iterator[Figure]:
    """Measure it; what is not in a figure is printed."""
    found = [*measure(store, root, size)]
    for one in found:
        print(one)
    first, again = (one for one in found if isinstance(one, Built))
    slowest, largest = (max(getattr(one, name) for one in found if isinstance(one, Searched)) for name in ("ms", "kb"))
    country = f"{size.portals} portals, {size.datasets:,} datasets"
    said = [f"{one.cpu_s:.1f} s" for one in (again, first)]
    yield Figure(f"site of {country}: unchanged ÷ first build, CPU", *said, again.cpu_s / first.cpu_s, UNCHANGED)
    yield _limit("memory of the first build", first.peak_mb, MOST_MB, "MB")
    yield _limit(f"largest page ({first.largest_page})", first.largest_kb, MOST_PAGE_KB, "KB")
    yield _limit("the slowest of the searches", slowest, MOST_SEARCH_MS, "ms")
    yield _limit("what the largest of the searches fetches", largest, MOST_SEARCH_KB, "KB")


def _limit(name: str, value: float, most: float, unit: str) -> Figure:
    return Figure(name, f"{value:,.0f} {unit}", f"{most:,} {unit}", value / most, 1)


def measure(store: Store, root: Path, size: Size) -> Iterator[Figured | Built | Searched]:
    """Fill the store, build the site twice, and search it."""
    register = load()
    fill(store, register, size)
    wall, cpu = time.perf_counter(), time.process_time()
    todays(store, register, NOW)
    yield Figured(time.perf_counter() - wall, time.process_time() - cpu)
    for _ in range(2):
        folder, wall, cpu = Folder(root), time.perf_counter(), time.process_time()
        Site(store, register, folder, NOW, "https://watch.example.cn").write()
        yield _built(folder, time.perf_counter() - wall, time.process_time() - cpu)
    with served(root) as address, chromium() as browser:
        for query in QUERIES:
            yield search(browser, address, query)


def _built(folder: Folder, wall: float, cpu: float) -> Built:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sizes = dict(_sizes(folder.root))
    pages: Mapping[str, int] = {path: size for path, size in sizes.items() if path.endswith(".html")}
    largest = max(pages, key=lambda path: pages[path])
    return Built(
        wall, cpu, peak, folder.written, len(sizes), sum(sizes.values()) / 1e6, largest, pages[largest] / 1e3
    )  # fmt: skip


def _sizes(root: Path) -> Iterator[tuple[str, int]]:
    for base, _, names in os.walk(root):
        for name in names:
            path = os.path.join(base, name)  # noqa: PTH118 -- hundreds of thousands of files
            yield os.path.relpath(path, root), os.stat(path).st_size  # noqa: PTH116


def search(browser: Browser, address: str, query: str) -> Searched:
    """Open the search page with an empty cache, and search once."""
    context = browser.new_context()
    page = context.new_page()
    fetched: list[Response] = []
    page.on("response", lambda response: fetched.append(response))  # noqa: PLW0108 -- it marks its handlers
    page.goto(f"{address}/zh/search.html")
    ms, results = page.evaluate(_SEARCH, query)
    kb = sum(len(one.body()) for one in fetched) / 1e3
    context.close()
    return Searched(query, results, ms, kb)
