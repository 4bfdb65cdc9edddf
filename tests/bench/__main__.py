"""`make bench`: what the product costs, each figure beside its baseline of the same run."""

import os
import platform
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.connect import open_store
from opendata_spiders.store.embedded.server import embedded_server
from opendata_spiders.store.store import Store
from tests.bench.board import measure_board
from tests.bench.cluster import measure as measure_cluster
from tests.bench.commands import ROOT
from tests.bench.country import measure_country
from tests.bench.crawls import measure_crawls, measure_starts
from tests.bench.diffs import measure_diffs
from tests.bench.digests import measure_mass_event
from tests.bench.figures import COLUMNS, Figure, markdown
from tests.bench.nights import measure_nights
from tests.bench.site import measure_site
from tests.bench.site_store import FULL

PAGE = ROOT / "docs" / "performance.md"


@dataclass(frozen=True, slots=True)
class Wanted:
    """How much is measured."""

    rows: int
    rounds: int
    datasets: Sequence[int]


@contextmanager
def fresh_store() -> Iterator[Store]:
    """A store on an empty embedded database."""
    with (
        tempfile.TemporaryDirectory() as folder,
        embedded_server(StoreConfig(data_dir=Path(folder))) as server,
        open_store(StoreConfig(uri=server.uri, database="bench"), env={}) as store,
    ):
        yield store


def _mass_event(_: Wanted) -> Iterator[Figure]:
    with fresh_store() as store:
        yield from measure_mass_event(store)


def _site(_: Wanted) -> Iterator[Figure]:
    with fresh_store() as store, tempfile.TemporaryDirectory() as folder:
        yield from measure_site(store, Path(folder), FULL)


PARTS: Mapping[str, Callable[[Wanted], Iterator[Figure]]] = {
    "starts": lambda wanted: measure_starts(wanted.rounds),
    "crawls": lambda wanted: measure_crawls(wanted.rows, wanted.rounds),
    "nights": lambda wanted: measure_nights(wanted.rounds),
    "country": lambda _: measure_country(),
    "diffs": lambda wanted: measure_diffs(wanted.datasets),
    "digests": _mass_event,
    "board": lambda _: measure_board(),
    "site": _site,
    "cluster": lambda _: measure_cluster(),
}
"""Name of each part, which has a table of its own in docs/performance.md, to what measures it."""


def _machine() -> str:
    """The class of this machine."""
    return f"{os.cpu_count()} cores ({platform.machine()}), Python {platform.python_version()}"


def _table(figures: Sequence[Figure], title: str) -> Table:
    found = Table(title=title)
    for number, column in enumerate(COLUMNS):
        found.add_column(column, justify="right" if 0 < number < 5 else "left")
    for figure in figures:
        found.add_row(*figure.cells)
    return found


def write_part(part: str, figures: Sequence[Figure], title: str) -> None:
    """Put the table of a part into docs/performance.md, in place of the last one."""
    old = re.compile(rf"(?<=<!-- measured: {part} -->\n).*?(?=<!-- end -->)", re.DOTALL)
    text, found = old.subn(lambda _: f"\n{title}.\n\n{markdown(figures)}\n\n", PAGE.read_text("utf-8"), count=1)
    if found != 1:
        raise click.ClickException(f"{PAGE} has no place for {part}: put `<!-- measured: {part} -->` and an end there")
    PAGE.write_text(text, "utf-8")


@click.command()
@click.argument("parts", nargs=-1, type=click.Choice([*PARTS]))
@click.option("--rows", default=20_000, show_default=True, help="Rows of the list whose reading is timed.")
@click.option("--rounds", default=3, show_default=True, help="Crawls and nights are medians of so many rounds.")
@click.option(
    "--datasets", multiple=True, type=int, default=(100_000, 1_000_000, 3_000_000), show_default=True,
    help="Of the catalogues whose diff is measured.",
)  # fmt: skip
@click.option("--write", is_flag=True, help="Also write each table into docs/performance.md.")
def main(parts: tuple[str, ...], *, rows: int, rounds: int, datasets: tuple[int, ...], write: bool) -> None:
    """Measure all of it, which takes about an hour, or some PARTS."""
    said = f"medians of {rounds} rounds" if rounds > 1 else "one round"
    details = {"crawls": f", {rows:,} rows, {said}", "nights": f", {said}", "starts": f", {said}"}
    for part in parts or PARTS:
        figures = []
        for figure in PARTS[part](Wanted(rows, rounds, datasets)):
            figures.append(figure)
            click.echo(f"{part}: {' · '.join(figure.cells)}", err=True)
        title = f"{datetime.now(UTC):%d %B %Y}, {_machine()}{details.get(part, '')}"
        Console().print(_table(figures, f"{part}: {title}"))
        if write:
            write_part(part, figures, title)


if __name__ == "__main__":
    main()
