"""`python -m alerts site`: the static site with event pages and feeds."""

from pathlib import Path

import click

from alerts.cli.output import Output, answers, writable
from alerts.cli.session import session
from alerts.exports.feeds import write_watch_feeds
from alerts.exports.source import Source
from alerts.publish.folder import Folder
from alerts.site.build import Site
from alerts.text.links import site_url
from opendata_spiders.store.config import setting
from opendata_spiders.store.errors import StoreError

SETTING = "SITE_DIR"


@click.command("site")
@click.option(
    "--out",
    "named",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help=f"Folder to write into, made if it is not there.  [default: {SETTING}]",
)
@click.option("--if-set", is_flag=True, help="Do nothing where no folder is named: for the night.")
@answers
def site(named: Path | None, *, if_set: bool, out: Output) -> None:
    """Write pages and feeds for any static web server; files that would stay the same are not touched."""
    try:
        found = setting(SETTING)
    except StoreError as error:
        raise click.ClickException(str(error)) from None
    where = named or (Path(found) if found else None)
    if where is None:
        if if_set:
            return
        raise click.UsageError(f"name the folder with --out, or set {SETTING} in the environment or .env")
    folder = Folder(where)
    with session() as opened, opened.step("site", "the rest was written"):
        with writable(where, f"another folder with {'--out' if named else SETTING}"):
            Site(opened.store, opened.register, folder, opened.now, site_url()).write()
            write_watch_feeds(Source(opened.store, opened.register, opened.now, site_url()), folder)
        document = {"out": str(where), "written": folder.written, "unchanged": folder.same}
        out.say(document, f"{where}: {folder.written} files written, {folder.same} unchanged")
