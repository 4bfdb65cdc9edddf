"""`python -m tests.score.overnight`: fourteen nights of sixty portals over HTTP, and how well they were told."""

import json
import sys
import time
import uuid

import click
from rich.console import Console

from opendata_spiders.store.config import StoreConfig
from tests.score.overnight.judge import as_json, judge, show
from tests.score.overnight.play import play
from tests.score.overnight.script import write
from tests.score.run import drawn, fresh_mongod


@click.command()
@click.option("--seed", type=int, help="The world to play; without it one is drawn and printed.")
@click.option("--portals", default=60, show_default=True, type=click.IntRange(2, 66))
@click.option("--nights", default=14, show_default=True, type=click.IntRange(2, 60))
@click.option("--json", "as_data", is_flag=True, help="Print JSON instead of tables.")
def main(seed: int | None, portals: int, nights: int, *, as_data: bool) -> None:
    """Exit status 1 if anything was stated falsely, missed, or graded otherwise than it deserves."""
    seed = drawn() if seed is None else seed
    began = time.monotonic()
    click.echo(f"seed {seed}: {portals} portals, {nights} nights over HTTP", err=True)
    with fresh_mongod() as uri:
        config = StoreConfig(uri=uri, database=f"overnight_{uuid.uuid4().hex[:12]}")
        played = play(write(seed, portals, nights), config, lambda text: click.echo(text, err=True))
    result = judge(played)
    title = (
        f"seed {seed}: {portals} portals, {nights} nights, {played.requests:,} requests, {len(played.events):,} events, "
        f"{time.monotonic() - began:.0f} s"
    )
    if as_data:
        click.echo(json.dumps({"title": title, **as_json(result)}, ensure_ascii=False, indent=1))
    else:
        show(result, title, Console(highlight=False, width=None if sys.stdout.isatty() else 150))
    sys.exit(1 if result.faults else 0)


if __name__ == "__main__":
    main()
