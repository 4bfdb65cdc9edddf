"""`make bench`: what a crawl costs, each figure beside its baseline."""

import os
import platform
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.connect import open_store
from opendata_spiders.store.embedded.server import embedded_server
from opendata_spiders.store.store import Store
from tests.bench.commands import ROOT
from tests.bench.crawls import Figure, measure_crawls
from tests.bench.diffs import SIZES, measure_diffs
from tests.bench.digests import measure as measure_digests
from tests.bench.site import measure as measure_site
from tests.bench.site_store import FULL, Size

PAGE = ROOT / "docs" / "performance.md"
_WRITTEN = re.compile(r"(?<=<!-- written by `python -m tests\.bench --write` -->\n).*(?=<!-- end -->)", re.DOTALL)
COLUMNS = ("", "product", "baseline", "ratio", "goal", "")


def cells(figure: Figure) -> tuple[str, ...]:
    """One row of the table."""
    goal = f"{'≥' if figure.at_least else '≤'} {figure.goal:g}"
    return figure.name, figure.product, figure.baseline, f"{figure.ratio:.2g}", goal, "met" if figure.met else "missed"


def crawl_table(figures: Sequence[Figure], title: str) -> Table:
    """Every figure beside its baseline and its goal."""
    found = Table(title=title)
    for number, column in enumerate(COLUMNS):
        found.add_column(column, justify="right" if 0 < number < 5 else "left")
    for figure in figures:
        found.add_row(*cells(figure))
    return found


def write_page(figures: Sequence[Figure], title: str) -> None:
    """Put the table into docs/performance.md, in place of the last one."""
    lines = ["| " + " | ".join(row) + " |" for row in (COLUMNS, ("---",) * len(COLUMNS), *map(cells, figures))]
    text = "\n".join(["", f"{title}.", "", *lines, "", ""])
    PAGE.write_text(_WRITTEN.sub(lambda _: text, PAGE.read_text("utf-8"), count=1), "utf-8")


def _machine() -> str:
    """The class of this machine."""
    return f"{os.cpu_count()} cores ({platform.machine()}), Python {platform.python_version()}"


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


def whole_site(size: Size) -> None:
    """Build the site of such a country on a fresh database, and print what it took."""
    with fresh_store() as store, tempfile.TemporaryDirectory() as folder:
        for one in measure_site(store, Path(folder), size):
            print(", ".join(f"{name} {value:,.1f}" if isinstance(value, float) else f"{name} {value}"
                            for name, value in asdict(one).items()), flush=True)  # fmt: skip


@click.command()
@click.option("--rows", default=20_000, show_default=True, help="Rows of the list whose reading is timed.")
@click.option("--rounds", default=3, show_default=True, help="Medians are of so many rounds.")
@click.option("--write", is_flag=True, help="Also write the table into docs/performance.md.")
@click.option(
    "--digests", is_flag=True, help="Instead: a night on which 10,000 datasets change, told to 1,000 readers."
)
@click.option("--site", is_flag=True, help="Instead: the site of 257 portals with 500,000 datasets.")
@click.option("--diffs", is_flag=True, help="Instead: what the diff of a night costs.")
@click.option(
    "--datasets", multiple=True, type=int, default=SIZES, show_default=True, help="Of these diffs; repeatable."
)
def main(
    rows: int, rounds: int, *, write: bool, digests: bool, diffs: bool, datasets: Sequence[int], site: bool
) -> None:
    """Measure what a crawl costs beside a bare Scrapy spider, a script without a framework, and a first night."""
    if site:
        whole_site(FULL)
        return
    if digests:
        mass_event()
        return
    figures = []
    for figure in measure_diffs(datasets) if diffs else measure_crawls(rows, rounds):
        figures.append(figure)
        click.echo(" · ".join(cells(figure)), err=True)
    if diffs:
        return
    said = f"medians of {rounds} rounds" if rounds > 1 else "one round"
    title = f"{datetime.now(UTC):%d %B %Y}, {_machine()}: {rows:,} rows, {said}"
    Console().print(crawl_table(figures, title))
    if write:
        write_page(figures, title)


if __name__ == "__main__":
    main()
