"""`python -m alerts site`: the static site with event pages and feeds."""

from pathlib import Path

import click

from alerts.cli.output import print_json
from alerts.cli.session import json_option, session
from alerts.pages.files import Folder
from alerts.pages.site import Site
from opendata_spiders.store.config import setting


@click.command("site")
@click.option(
    "--out",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder to write into; made if it is not there.",
)
@json_option
def command(out: Path, *, as_json: bool) -> None:
    """Write pages and feeds for any static web server; files that would stay the same are not touched."""
    folder = Folder(out)
    with session() as opened:
        try:
            Site(opened.store, opened.register, folder, setting("SITE_URL") or "").write()
        except OSError as error:
            raise click.ClickException(
                f"{out} cannot be written ({error.strerror or type(error).__name__}); name another folder with --out"
            ) from None
    if as_json:
        print_json({"out": str(out), "written": folder.written, "unchanged": folder.same})
    else:
        click.echo(f"{out}: {folder.written} files written, {folder.same} unchanged")
