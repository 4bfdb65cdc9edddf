"""`python -m alerts site`: the static site with event pages and feeds."""

import click

from alerts.cli.named_folder import NamedFolder, named_folder
from alerts.cli.output import Output, answers
from alerts.cli.session import session
from alerts.publish.folder import Folder
from alerts.site.build import Site
from alerts.text.links import site_url


@click.command("site")
@named_folder("SITE_DIR")
@answers
def site(where: NamedFolder, *, out: Output) -> None:
    """Write pages and feeds for any static web server; files that would stay the same are not touched."""
    folder = Folder(where.path)
    with session() as opened, opened.step("site", "the rest was written"):
        with where.writable():
            Site(opened.store, opened.register, folder, opened.now, site_url()).write()
        document = {"out": str(where.path), "written": folder.written, "unchanged": folder.same}
        out.say(document, f"{where.path}: {folder.written} files written, {folder.same} unchanged")
