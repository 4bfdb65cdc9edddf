"""`python -m alerts kinds`: the kinds of events."""

import click

from alerts.cli.output import Output, answers_rows
from alerts.model.kinds import events_page, kinds


@click.command("kinds")
@click.option("--markdown", is_flag=True, help="Print docs/events.md as it should be.")
@answers_rows
def kinds_command(*, markdown: bool, out: Output) -> None:
    """List every kind of event, with when it is stated."""
    if markdown and not out.as_text:
        raise click.UsageError("--markdown, --json and --csv exclude each other: give one of them")
    if markdown:
        click.echo(events_page(), nl=False)
        return
    rows = [(kind.name, kind.severity, kind.stated, kind.criterion) for kind in kinds().values()]
    out.table("Events", ("event", "severity", "since version", "states when"), rows, list(kinds().values()))
