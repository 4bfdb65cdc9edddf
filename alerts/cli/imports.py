"""`python -m alerts import`: an old crawl by others, as claims about the past."""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import click

from alerts.cli.options import moment
from alerts.cli.output import Output, answers, usage
from alerts.cli.session import Session, selected, session
from alerts.imports.file_rows import FileRow, file_rows
from alerts.imports.limits import ImportRefusedError
from alerts.imports.old_crawl import OldCrawl, columns_of, import_name, portal_of_file, read_crawl, refuse_other
from opendata_spiders.pages.bodies import plain
from opendata_spiders.register import Portal
from opendata_spiders.store.clock import SHANGHAI
from opendata_spiders.store.imports import ImportedRun, keep_import


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("word", required=False, metavar="[PORTAL]")
@click.option("--as-of", "day", required=True, metavar="DATE", help="When it was crawled (China), or an ISO 8601 time.")
@click.option("--map", "mapped", multiple=True, metavar="COLUMN=FIELD", help="Read a column as a field (repeatable).")
@click.option("--moved", is_flag=True, help="The portal stood at another address then.")
@answers
def import_command(  # noqa: PLR0913 -- one parameter an option
    file: Path, day: str, word: str | None, mapped: tuple[str, ...], *, moved: bool, out: Output
) -> None:
    """Take in FILE, an old crawl by others (CSV, or JSON lines) of PORTAL, for the scoreboard's back-cast alone."""
    as_of = moment(day, "--as-of")
    with session() as opened, usage(ImportRefusedError):
        if as_of is None or as_of > opened.now:
            raise click.UsageError(f"--as-of {day!r} lies in the future; give the day on which the file was crawled")
        content = file.read_bytes()
        rows = file_rows(content)
        columns, unread = columns_of(rows, _pairs(mapped))
        portal = _portal(opened, word, rows, columns, moved=moved)
        crawl = read_crawl(rows, portal, as_of, columns, unread)
        kept = keep_import(
            opened.store, _document(crawl, portal, as_of, opened.now, file, content), crawl.entries, crawl.versions
        )
        out.say(kept, *_lines(kept, crawl))


def _pairs(mapped: Iterable[str]) -> dict[str, str]:
    found = {}
    for text in mapped:
        column, equals, name = text.rpartition("=")
        if not (equals and column and name):
            raise click.UsageError(f"--map {text!r} is no pair; write COLUMN=FIELD, such as 最后更新=updated")
        found[column] = name
    return found


def _portal(opened: Session, word: str | None, rows: list[FileRow], columns: dict[str, str], *, moved: bool) -> Portal:
    if word is None:
        return portal_of_file(opened.register, rows, columns)
    named = selected(opened.register, word)
    if len(named) != 1:
        raise click.UsageError(f"{word!r} names {len(named)} portals; give the slug of one")
    if not moved:
        refuse_other(named[0], rows, columns)
    return named[0]


def _document(  # noqa: PLR0913, PLR0917 -- all that is known of it
    crawl: OldCrawl, portal: Portal, as_of: datetime, now: datetime, file: Path, content: bytes
) -> ImportedRun:
    sha256 = hashlib.sha256(content).hexdigest()
    return ImportedRun(
        id=f"{import_name(portal, as_of)}-{sha256[:12]}",
        portal=portal.id,
        slug=portal.slug,
        as_of=as_of,
        imported_at=now,
        file=plain(file.name),
        sha256=sha256,
        rows=len(crawl.entries),
        bad=crawl.bad,
        odd=crawl.odd,
        keyed_by=crawl.keyed_by,
        faults=tuple(crawl.faults),
        columns=tuple(crawl.columns.items()),
        unread=crawl.unread,
    )


def _lines(kept: ImportedRun, crawl: OldCrawl) -> list[str]:
    read = ", ".join(f"{plain(column)} as {name}" for column, name in crawl.columns.items())
    day = f"{kept.as_of.astimezone(SHANGHAI):%Y-%m-%d}"
    lines = [
        f"{kept.slug}, as of {day}: {kept.rows:,} datasets taken in as claims, by {kept.keyed_by}",
        f"{kept.bad:,} bad rows left out, {kept.odd:,} taken without a date that cannot be read",
        f"Read: {read}",
    ]
    if kept.unread:
        lines.append(f"Not read (--map COLUMN=FIELD reads one): {', '.join(map(plain, kept.unread))}")
    return [*lines, *map(plain, kept.faults)]
