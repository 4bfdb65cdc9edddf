"""`python -m alerts health`: the night report on this service itself, with a ping to a dead man's switch on request."""

import sys

import click

from alerts.cli.output import Output, answers_rows
from alerts.cli.session import session
from alerts.cli.subscribers import is_there
from alerts.health.check import check
from alerts.health.disk import disk_outlook
from alerts.health.health_data import load_health_data
from alerts.health.ping import SETTING, PingError, ping
from alerts.health.report import NightReport, report
from alerts.records.isolation import attempts, record, told
from opendata_spiders.exits import Exit
from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.environment import setting
from opendata_spiders.store.errors import StoreError
from opendata_spiders.store.space import disk_space

_SHOWN = 12


@click.command("health")
@click.option("--ping", "tell", is_flag=True, help=f"Tell the service at {SETTING} that the night is over.")
@click.option("--status", type=int, default=0, metavar="N", help="Exit status of the night; not 0: it failed.")
@answers_rows
def health(*, tell: bool, status: int, out: Output) -> None:
    """Print the night report; exit status 0, or 1 when there is none, a part of it failed, or the ping did not arrive.

    The report is printed and sent all the same.
    """
    if status and not tell:
        raise click.UsageError("--status belongs to --ping: it is what the service is told of the night")
    try:
        found, broken = _report()
    except click.ClickException as error:
        if tell:
            _tell(f"no night report: {error.message}", failed=True)
        raise
    if out.as_text:
        click.echo(found.line)
    rows = [
        (name, len(slugs), ", ".join(slugs[:_SHOWN]) + (f" +{len(slugs) - _SHOWN}" if len(slugs) > _SHOWN else ""))
        for name, slugs in found.portals.items()
    ]
    out.table("Portals by their last run", ("verdict", "portals", "which"), rows, found)
    if out.as_text:
        for trouble in found.open:
            click.echo(f"open: {trouble}")
    full = found.disk is not None and found.disk.warns
    told_them = not tell or _tell(found.line, failed=status != 0 or broken or full)
    sys.exit(Exit.DONE if told_them and not broken else Exit.FAILED)


def _report() -> tuple[NightReport, bool]:
    """The report, and whether a part of the check itself failed."""
    with session() as opened, attempts() as made:
        store, now = opened.store, opened.now
        check(store, opened.register, now)
        disk = disk_outlook(store, disk_space(store.db, StoreConfig.from_env()), now)
        found = report(store, load_health_data(store, opened.register, now), subscribed=is_there(), disk=disk)
        record(opened.store, "health", made, opened.now)
    if made.failed:
        click.echo(f"Error: {told(made)}", err=True)
    return found, bool(made.failed)


def _tell(line: str, *, failed: bool) -> bool:
    """Whether the ping succeeded; True as well if no address is set."""
    try:
        url = setting(SETTING)
        if url is None:
            click.echo(f"{SETTING} is not set: no service notices when the night stays away", err=True)
            return True
        ping(url, line, failed=failed)
    except (PingError, StoreError) as error:
        click.echo(f"Error: {error}", err=True)
        return False
    return True
