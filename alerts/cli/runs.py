"""`python -m alerts runs`: what was read, and how far each reading may be believed."""

import click

from alerts.cli.output import print_json, print_table
from alerts.cli.session import json_option, moment, portal_option, session, since_option
from opendata_spiders.store.models import Run

_COLUMNS = ("run", "at (UTC)", "verdict", "seen", "declared", "details", "reason")


@click.command("runs")
@portal_option
@since_option
@json_option
def command(portals: tuple[str, ...], since: str | None, *, as_json: bool) -> None:
    """List runs by time."""
    with session() as opened:
        ids = {place.id for place in opened.places(portals)} if portals else None
        runs = [run for run in opened.store.graded_runs(None, since=moment(since)) if ids is None or run.portal in ids]
    if as_json:
        print_json(runs)
    else:
        print_table("Runs", _COLUMNS, [_line(run) for run in runs])


def _line(run: Run) -> tuple[object, ...]:
    return run.id, run.at, run.verdict, run.seen, run.declared, run.detailed, run.reason
