"""`python -m alerts evidence`: everything one event rests on, as a zip."""

from pathlib import Path

import click

from alerts.cli.output import print_json
from alerts.cli.session import json_option, session
from alerts.publish.evidence.archive import archive
from alerts.publish.evidence.gather import gather
from alerts.records.queries import find_event


@click.command("evidence")
@click.argument("event", metavar="EVENT")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE.zip",
    help="Where to write it (default: evidence-EVENT.zip).",
)
@json_option
def command(event: str, out: Path | None, *, as_json: bool) -> None:
    """Write a zip with EVENT, both runs, entries, versions, raw bodies, hashes and a page to print."""
    with session() as opened:
        found = find_event(opened.store, event)
        if found is None:
            raise click.UsageError(f"there is no event {event!r}; `python -m alerts events` shows their ids")
        content = archive(gather(opened.store, found))
    path = out or Path(f"evidence-{found.id}.zip")
    try:
        path.write_bytes(content)
    except OSError as error:
        raise click.ClickException(f"{path} cannot be written ({error.strerror}): name another file") from None
    if as_json:
        print_json({"file": str(path), "event": found.id, "kind": found.kind, "bytes": len(content)})
    else:
        click.echo(f"{path}: {found.kind}, {len(content):,} bytes")
