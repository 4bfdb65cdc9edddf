"""`python -m alerts subscribe overdue`: what is late in the cities somebody follows, as a table for Excel."""

import os
from collections import Counter
from pathlib import Path

import click

from alerts.cli.output import print_json
from alerts.cli.session import json_option, session
from alerts.cli.subscribers import named, read
from alerts.digest.cache import DigestCache
from alerts.digest.head_start import HeadStart
from alerts.digest.overdue import as_csv
from opendata_spiders.store.clock import domain_now


@click.command("overdue")
@click.option("--subscriber", "name", required=True, metavar="NAME", help="Whose cities.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Default: stdout.")
@json_option
def overdue_command(name: str, out: Path | None, *, as_json: bool) -> None:
    """List every dataset past its promise, by department, as CSV for Excel."""
    with session() as opened:
        [subscriber] = named(read(opened.register) or [], [name])
        now = domain_now(os.environ)
        rows = DigestCache(opened.store, opened.register, "", HeadStart(), now).overdue(subscriber.scope, now)
    if out is None:
        if as_json:
            print_json(rows)
        else:
            click.echo(as_csv(rows), nl=False)
        return
    try:
        out.write_bytes(as_csv(rows).encode())
    except OSError as error:
        raise click.ClickException(f"{out} cannot be written ({type(error).__name__}); name another file") from None
    offices = Counter(row.office for row in rows)
    if as_json:
        print_json({"file": str(out), "rows": len(rows), "departments": len(offices)})
        return
    click.echo(f"{out}: {len(rows)} overdue in {len(offices)} department{'' if len(offices) == 1 else 's'}")
