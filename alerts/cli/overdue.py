"""`python -m alerts subscribe overdue`: what is late in the cities somebody follows, as a table for Excel."""

import os
from collections import Counter
from pathlib import Path

import click

from alerts.cli.session import session
from alerts.cli.subscribers import named, read
from alerts.digest.headstart import HeadStart
from alerts.digest.late import as_csv
from alerts.digest.shared import Shared
from opendata_spiders.store.clock import domain_now


@click.command("overdue")
@click.option("--subscriber", "name", required=True, metavar="NAME", help="Whose cities.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Default: stdout.")
def overdue_command(name: str, out: Path | None) -> None:
    """List every dataset past its promise, by department, as CSV for Excel."""
    with session() as opened:
        [subscriber] = named(read(opened.register) or [], [name])
        now = domain_now(os.environ)
        rows = Shared(opened.store, opened.register, "", HeadStart(), now).late(subscriber.scope, now)
    text = as_csv(rows)
    if out is None:
        click.echo(text, nl=False)
        return
    try:
        out.write_bytes(text.encode())
    except OSError as error:
        raise click.ClickException(f"{out} cannot be written ({type(error).__name__}); name another file") from None
    offices = Counter(row.office for row in rows)
    click.echo(f"{out}: {len(rows)} overdue in {len(offices)} department{'' if len(offices) == 1 else 's'}")
