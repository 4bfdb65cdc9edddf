"""`python -m alerts kinds`: the vocabulary of events."""

import click

from alerts.cli.output import print_json, print_table
from alerts.cli.session import json_option
from alerts.model.kinds import events_page, kinds


@click.command("kinds")
@click.option("--markdown", is_flag=True, help="Print docs/events.md as it should be.")
@json_option
def command(*, markdown: bool, as_json: bool) -> None:
    """List every kind of event, with when it is stated."""
    if markdown:
        click.echo(events_page(), nl=False)
    elif as_json:
        print_json(list(kinds().values()))
    else:
        rows = [(kind.name, kind.severity, kind.stated, kind.criterion) for kind in kinds().values()]
        print_table("Events", ("event", "severity", "since version", "states when"), rows)
