"""Output of commands: one JSON document, a table for people or for Excel; without control characters of portal text.

Times are shown in the reader's local time zone, named in the column's heading; in JSON they are ISO 8601 in UTC.
"""

import errno
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, time, tzinfo
from functools import cache, wraps
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from alerts.audience.remarks import last_moment
from alerts.cli.row_paragraphs import fits, paragraphs
from alerts.text import spreadsheets
from alerts.text.jsonable import jsonable
from opendata_spiders.normalise import text
from opendata_spiders.safe_json import safe_json

Rows = Sequence[Sequence[Any]]
_PIPED_WIDTH = 180


@dataclass(frozen=True, slots=True)
class Output:
    """The output format of one command: JSON, a file for Excel, or text (neither)."""

    as_json: bool = False
    file: Path | None = None

    @property
    def as_text(self) -> bool:
        return not (self.as_json or self.file)

    def say(self, document: Any, *lines: str) -> None:
        """Print the JSON document if JSON was chosen, else the lines."""
        if self.as_json:
            print_json(document)
        else:
            for line in lines:
                click.echo(line)

    def table(self, title: str, columns: Sequence[str], rows: Rows, document: Any, *, nothing: str = "") -> None:
        """Show rows; `document` is the JSON output, `nothing` the text for an empty table."""
        if self.file:
            self.sheet(columns, rows)
        if self.as_json:
            print_json(document)
        elif self.as_text and nothing and not rows:
            click.echo(nothing)
        elif self.as_text:
            print_table(title, columns, rows)

    def sheet(
        self, columns: Sequence[str], rows: Iterable[Sequence[Any]], what: str = "rows", *, whole: bool = False
    ) -> None:
        """Write the file for Excel, cells as one short line or whole. Raises ClickException if it cannot be written."""
        path = self.file or Path()
        lines = ([cell(value) if isinstance(value, datetime) else value for value in row] for row in rows)
        with writable(path), path.open("w", encoding="utf-8", newline="") as target:
            count = spreadsheets.write(target, columns, lines, spreadsheets.whole if whole else spreadsheets.safe)
        click.echo(f"{count} {what} written to {path}", err=True)


@contextmanager
def writable(path: Path, other: str = "another file") -> Iterator[None]:
    """Convert an OSError of the block to a ClickException that names the path and what to do."""
    try:
        yield
    except OSError as error:
        why = error.strerror or type(error).__name__
        room = "make room there, or " if error.errno in {errno.ENOSPC, errno.EDQUOT} else ""
        raise click.ClickException(f"{path} cannot be written ({why}); {room}name {other}") from None


@contextmanager
def usage(*errors: type[Exception], of: str = "") -> Iterator[None]:
    """Convert these errors of the block, caused by wrong arguments, to a usage error with the prefix `of`."""
    try:
        yield
    except errors as error:
        raise click.UsageError(f"{of}{error}") from None


_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
FILE = click.Path(dir_okay=False, path_type=Path)
_csv = click.option("--csv", "table", metavar="FILE", type=FILE, help="Write a table for Excel.")


def answers(command: Callable[..., None]) -> Callable[..., None]:
    """Decorator for a command with --json, which gets its Output as `out`."""

    @_json
    @wraps(command)
    def wrapped(*args: Any, as_json: bool, table: Path | None = None, **given: Any) -> None:
        command(*args, out=Output(as_json, table), **given)

    return wrapped


def answers_rows(command: Callable[..., None]) -> Callable[..., None]:
    """Decorator for a command that shows rows, with --json and --csv."""
    return _csv(answers(command))


def print_json(rows: Any) -> None:
    """Print one JSON document on stdout; times are ISO 8601 in UTC."""
    click.echo(safe_json(jsonable(rows), indent=1))


def print_json_list(rows: Iterable[Any]) -> None:
    """Print one JSON list on stdout, each element on a line of its own, before the next is read.

    A year's events fit into no memory.
    """
    count = 0
    for count, row in enumerate(rows, start=1):
        click.echo(f"{',' if count > 1 else '['}\n {safe_json(jsonable(row))}", nl=False)
    click.echo("\n]" if count else "[]")


def print_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Print a table for people; every cell is shown as one clean line, none is read as markup.

    A terminal that is too narrow for it gets a paragraph a row; a pipe, which has no width of its own, always a table.
    """
    table = Table(title=Text(title), title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    shown = [[cell(value) for value in row] for row in rows]
    for row in shown:
        table.add_row(*map(Text, row))
    console = Console()
    if not console.is_terminal:
        Console(width=_PIPED_WIDTH).print(table)
    elif fits(table, console):
        console.print(table)
    else:
        console.print(Text(title, style="italic"), *paragraphs(columns, shown), sep="\n", end="\n\n")


@cache
def zone() -> tzinfo:
    """The reader's time zone: TZ, else the machine's; with its region name if known, else as an offset."""
    name = os.environ.get("TZ") or os.path.realpath("/etc/localtime").partition("/zoneinfo/")[2]
    try:
        return ZoneInfo(name.removeprefix(":"))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return datetime.now(UTC).astimezone().tzinfo or UTC


def timed(column: str) -> str:
    """The heading of a column of times: `at (Asia/Shanghai)`."""
    return f"{column} ({zone()})"


def when(moment: datetime) -> str:
    """One time within a sentence, with its time zone."""
    return f"{cell(moment)} {zone()}"


def until(moment: datetime, zone: tzinfo) -> str:
    """An end time in its own time zone; an end at midnight as "the end of" the day before."""
    local = moment.astimezone(zone)
    if local.time() == time():
        return f"the end of {last_moment(moment).astimezone(zone):%Y-%m-%d} ({zone})"
    return f"{local:%Y-%m-%d %H:%M} ({zone})"


def cell(value: Any) -> str:
    """One value as one line: times to the minute in the reader's time zone (naive ones are UTC), empty as a dash."""
    if isinstance(value, datetime):
        return f"{(value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(zone()):%Y-%m-%d %H:%M}"
    return text(str(value)) or "–" if value not in (None, "") else "–"
