"""`python -m alerts import`: an old crawl by others as claims about the past, or a folder of snapshots as history."""

import hashlib
import sys
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import click

from alerts.cli.options import moment
from alerts.cli.output import Output, answers, timed, usage
from alerts.cli.session import Session, selected, session
from alerts.imports.file_rows import FileRow, file_rows
from alerts.imports.history import HistorySource, import_history
from alerts.imports.limits import ImportRefusedError
from alerts.imports.old_crawl import OldCrawl, columns_of, import_name, portal_of_file, read_crawl, refuse_other
from opendata_spiders.pages.bodies import plain
from opendata_spiders.register import Portal
from opendata_spiders.store.clock import SHANGHAI
from opendata_spiders.store.imports import ImportedRun, keep_import


@click.command("import")
@click.argument("path", type=click.Path(exists=True, path_type=Path), metavar="FILE|FOLDER")
@click.argument("word", required=False, metavar="[PORTAL]")
@click.option("--as-of", "day", metavar="DATE", help="When FILE was crawled (China), or an ISO 8601 time.")
@click.option(
    "--recorded-by", "who", metavar="NAME", help="Who recorded the snapshots in FOLDER: named wherever they are told."
)
@click.option("--map", "mapped", multiple=True, metavar="COLUMN=FIELD", help="Read a column as a field (repeatable).")
@click.option("--moved", is_flag=True, help="The portal stood at another address then.")
@answers
def import_command(  # noqa: PLR0913 -- one parameter an option
    path: Path, word: str | None, day: str | None, who: str | None, mapped: tuple[str, ...], *, moved: bool, out: Output
) -> None:
    """Take in what others recorded of PORTAL.

    FILE is one old crawl (CSV, or JSON lines), a claim for the scoreboard's back-cast alone.

    FOLDER holds dated snapshots of its catalogue (CKAN, Socrata, DCAT-US, our own exports, flat tables; plain, .gz, .xz
    or .zst), each dated by its name (2024-03-01, 20240301T0600Z) or in manifest.csv. They become marked runs, before
    the portal's first own run alone; `alerts diff` then tells them as history, and never as news.

    Exit status: 0 all taken, 1 a file of FOLDER could not be read, 2 refused.
    """
    if path.is_dir():
        _import_folder(path, word, day, who, mapped, moved=moved, out=out)
    elif day is None or who is not None:
        raise click.UsageError("a file needs --as-of DATE, the day on which it was crawled, and no --recorded-by")
    else:
        _import_file(path, word, day, mapped, moved=moved, out=out)


def _import_folder(  # noqa: PLR0913 -- one parameter an option
    folder: Path, word: str | None, day: str | None, who: str | None, mapped: Iterable[str], *, moved: bool, out: Output
) -> None:
    if day is not None or not word or not (who or "").strip():
        raise click.UsageError(
            "a folder needs PORTAL and --recorded-by NAME, and no --as-of: each file has its own date"
        )
    with session(may_be_empty=True) as opened, usage(ImportRefusedError):
        source = HistorySource(_named(opened, word), plain(who or ""), _pairs(mapped), moved)
        report = import_history(opened.store, opened.register, folder, source, opened.now)
    columns = ("file", timed("at"), "verdict", "seen", "declared", "reason")
    rows = [
        (run.imported.file if run.imported else "", run.at, run.verdict, run.seen, run.declared, run.reason)
        for run in report.runs
    ]
    out.table(f"{word}: {len(report.runs)} snapshots taken in, {report.known} were there", columns, rows, report)
    for fault in report.faults:
        click.echo(f"Not read: {fault}", err=True)
    if report.faults:
        sys.exit(1)


def _import_file(  # noqa: PLR0913 -- one parameter an option
    file: Path, word: str | None, day: str, mapped: Iterable[str], *, moved: bool, out: Output
) -> None:
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
    portal = _named(opened, word)
    if not moved:
        refuse_other(portal, rows, columns)
    return portal


def _named(opened: Session, word: str) -> Portal:
    named = selected(opened.register, word)
    if len(named) != 1:
        raise click.UsageError(f"{word!r} names {len(named)} portals; give the slug of one")
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
