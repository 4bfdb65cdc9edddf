"""`python -m tests.score`: years of nights from seeded worlds, and how well the diff has told them."""

import json
import sys
import time

import click

from tests.score.play import Plan
from tests.score.report import as_json, shortcomings, show
from tests.score.run import PROCESSES, SEEDS, drawn, fresh_mongod, merge, play_all
from tests.score.watch.play import Year, play_watches


@click.command()
@click.option("--seed", "seeds", type=int, multiple=True, help="A world to play; without any 1, 2, 3 and one drawn.")
@click.option("--portals", default=60, show_default=True, help="Portals in each world.")
@click.option("--nights", default=365, show_default=True, help="Nights of each year.")
@click.option("--large", default=1, show_default=True, help="Portals with 2,000 datasets among them.")
@click.option("--most", default=120, show_default=True, help="Datasets of the others, at most.")
@click.option("--processes", default=PROCESSES, show_default=True)
@click.option("--examples", default=3, show_default=True, help="False and missing statements shown of each kind.")
@click.option("--json", "as_data", is_flag=True, help="Print JSON instead of a table.")
def main(
    seeds: tuple[int, ...],
    portals: int,
    nights: int,
    large: int,
    most: int,
    processes: int,
    examples: int,
    *,
    as_data: bool,
) -> None:
    """Exit status 1 if a goal is missed. True cases of every kind are asked for only in the full run of four worlds."""
    full = not seeds
    seeds = seeds or (*SEEDS, drawn())
    click.echo(f"seeds {', '.join(map(str, seeds))}: {portals} portals, {nights} nights each", err=True)
    began = time.monotonic()
    with fresh_mongod() as uri:
        plans = [Plan(seed, portals, nights, large, most) for seed in seeds]
        outcome = play_all(plans, uri, processes=processes, tell=_tell)
        click.echo("the watch as a whole …", err=True)
        merge(outcome, play_watches([Year.of(seed, portals, nights) for seed in seeds], uri, processes=processes))
    missed = shortcomings(outcome, enough=30 if full else 0)
    title = f"seeds {', '.join(map(str, seeds))}: {outcome.events:,} events in {time.monotonic() - began:.0f} s"
    if as_data:
        click.echo(json.dumps(as_json(outcome, missed), ensure_ascii=False, indent=1))
    else:
        show(outcome, missed, title, examples=examples)
    sys.exit(1 if missed else 0)


def _tell(done: int, every: int) -> None:
    if done % 10 == 0 or done == every:
        click.echo(f"{done} of {every} portals have been played", err=True)


if __name__ == "__main__":
    main()
