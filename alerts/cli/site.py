"""`python -m alerts site`: the static site with event pages and feeds."""

import os
from pathlib import Path

import click

from alerts.cli.output import print_json
from alerts.cli.session import json_option, session
from alerts.publish.folder import Folder
from alerts.publish.site import Site
from alerts.records.isolation import attempts, record, told
from alerts.text.links import site_url
from opendata_spiders.store.clock import domain_now
from opendata_spiders.store.config import setting
from opendata_spiders.store.errors import StoreError

SETTING = "SITE_DIR"


@click.command("site")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help=f"Folder to write into, made if it is not there.  [default: {SETTING}]",
)
@click.option("--if-set", is_flag=True, help="Do nothing where no folder is named: for the night.")
@json_option
def command(out: Path | None, *, if_set: bool, as_json: bool) -> None:
    """Write pages and feeds for any static web server; files that would stay the same are not touched."""
    where = out or _named()
    if where is None:
        if if_set:
            return
        raise click.UsageError(f"name the folder with --out, or set {SETTING} in the environment or .env")
    folder = Folder(where)
    with session() as opened, attempts() as made:
        try:
            Site(opened.store, opened.register, folder, domain_now(os.environ), site_url()).write()
        except OSError as error:
            raise click.ClickException(
                f"{where} cannot be written ({error.strerror or type(error).__name__}); "
                f"name another folder with {'--out' if out else SETTING}"
            ) from None
        record(opened.store, "site", made, domain_now(os.environ))
    if as_json:
        print_json({"out": str(where), "written": folder.written, "unchanged": folder.same})
    else:
        click.echo(f"{where}: {folder.written} files written, {folder.same} unchanged")
    if made.failed:
        raise click.ClickException(f"{told(made)}; the rest was written")


def _named() -> Path | None:
    """The folder that SITE_DIR names."""
    try:
        named = setting(SETTING)
    except StoreError as error:
        raise click.ClickException(str(error)) from None
    return Path(named) if named else None
