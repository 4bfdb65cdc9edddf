"""`python -m alerts evidence`: all evidence of one event, as a zip."""

from pathlib import Path

import click

from alerts.cli.output import FILE, Output, answers, writable
from alerts.cli.session import session
from alerts.publish.evidence.archive import archive
from alerts.publish.evidence.gather import gather


@click.command("evidence")
@click.argument("event", metavar="EVENT")
@click.option("--out", "file", type=FILE, metavar="FILE", help="Where to write the zip (default: evidence-EVENT.zip).")
@answers
def evidence(event: str, file: Path | None, *, out: Output) -> None:
    """Write a zip with EVENT, both runs, entries, versions, raw bodies, hashes and a page to print."""
    with session() as opened:
        found = opened.event(event)
        content = archive(gather(opened.store, found))
    path = file or Path(f"evidence-{found.id}.zip")
    with writable(path):
        path.write_bytes(content)
    document = {"file": str(path), "event": found.id, "kind": found.kind, "bytes": len(content)}
    out.say(document, f"{path}: {found.kind}, {len(content):,} bytes")
