"""`python -m tests.year`: play a year of the country into a store, then print its size, its cost and the times of queries."""

import os
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.connect import open_store
from opendata_spiders.store.embedded.server import embedded_server
from tests.year.play import Plan, play
from tests.year.questions import answers, prune
from tests.year.report import WHOLE, measured, show


@click.command()
@click.option("--portals", default=WHOLE.portals, show_default=True, type=click.IntRange(min=1))
@click.option(
    "--datasets", default=WHOLE.datasets, show_default=True, type=click.IntRange(min=1), help="Of all portals."
)
@click.option("--nights", default=WHOLE.nights, show_default=True, type=click.IntRange(min=2))
@click.option("--readers", default=WHOLE.readers, show_default=True, help="Subscribers with digests.")
@click.option("--seed", default=1, show_default=True, help="Of what happens on the portals.")
@click.option("--processes", default=WHOLE.processes, show_default=True, type=click.IntRange(min=1))
@click.option("--minutes", type=click.IntRange(min=1), help="Begin no further night after so many; the report says it.")
@click.option(
    "--database",
    type=click.Path(file_okay=False, path_type=Path),
    help="An empty folder for the embedded database, which is kept; without it one that is removed at the end.",
)
def main(
    portals: int,
    datasets: int,
    nights: int,
    readers: int,
    seed: int,
    processes: int,
    minutes: int | None,
    database: Path | None,
) -> None:
    """Play the year and print what it cost; nothing is requested of any portal, and nothing is sent."""
    plan = Plan(portals, datasets, nights, seed, processes, readers, minutes)
    if database and database.exists() and any(database.iterdir()):
        raise click.ClickException(f"{database} is not empty; name a new folder")
    with ExitStack() as stack:
        folder = database or Path(stack.enter_context(TemporaryDirectory(prefix="year-")))
        folder.mkdir(exist_ok=True)
        server = stack.enter_context(embedded_server(StoreConfig(data_dir=folder / "data")))
        config = StoreConfig(uri=server.uri)
        played = play(plan, config, folder, lambda night, took: _tell(plan, night, took))
        plan = played.plan
        os.environ["WATCH_NOW"] = plan.end.isoformat()
        with open_store(config) as store:
            held = measured(store)
            asked = list(answers(plan, store, config, folder))
            pruned = list(prune(plan, config, folder))
            show(played, held, measured(store) if pruned else (), [*asked, *pruned])
        _kept(database, plan)


def _tell(plan: Plan, night: int, took: float) -> None:
    if night < 3 or night % 10 == 9 or night == plan.nights - 1:
        click.echo(f"night {night + 1} of {plan.nights}: {took:.1f} s", err=True)


def _kept(database: Path | None, plan: Plan) -> None:
    if database:
        click.echo(f"The database is in {database}: DATA_DIR={database / 'data'} WATCH_NOW={plan.end.isoformat()}")


if __name__ == "__main__":
    main()
