"""`python -m alerts export`: everything as tables and as a DCAT catalogue, in a dated folder."""

import click

from alerts.cli.named_folder import NamedFolder, named_folder
from alerts.cli.output import Output, answers
from alerts.cli.session import session
from alerts.exports.formats import FORMATS, NO_PARQUET, has_parquet
from alerts.exports.snapshot import DCAT, PARTS, name_of, prune, write_snapshot
from alerts.exports.source import Source
from alerts.publish.folder import Folder
from alerts.text.links import site_url


@click.command("export")
@named_folder("EXPORT_DIR")
@click.option(
    "--only",
    "parts",
    multiple=True,
    type=click.Choice(PARTS),
    metavar="PART",
    help=f"Only this part (repeatable): {', '.join(PARTS)}.",
)
@click.option(
    "--format",
    "formats",
    multiple=True,
    type=click.Choice(tuple(FORMATS)),
    metavar="FORMAT",
    help=f"Only this format of the tables (repeatable): {', '.join(FORMATS)}.",
)
@answers
def export(where: NamedFolder, parts: tuple[str, ...], formats: tuple[str, ...], *, out: Output) -> None:
    """Write today's snapshot: tables for pandas, DuckDB and Excel, DCAT-AP, data dictionary, checksums."""
    if formats and set(parts) == {DCAT}:
        raise click.UsageError(f"--format is that of tables, and --only {DCAT} writes none: leave it out")
    forms = formats or tuple(FORMATS)
    if "parquet" in forms and not has_parquet():
        raise click.ClickException(NO_PARQUET)
    with session() as opened, opened.step("export", "the rest was written"), where.writable():
        folder = Folder(where.path / name_of(opened.now))
        write_snapshot(Source(opened.store, opened.register, opened.now, site_url()), folder, parts or PARTS, forms)
        removed = prune(where.path, opened.now)
        document = {"out": str(folder.root), "written": folder.written, "unchanged": folder.same, "removed": removed}
        older = f"; removed: {', '.join(removed)}" if removed else ""
        out.say(document, f"{folder.root}: {folder.written} files written, {folder.same} unchanged{older}")
