"""What commands print: one JSON document, or a table for people; never a portal's control characters."""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime, time, tzinfo
from typing import Any

import click
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from alerts.audience.remarks import last_moment
from opendata_spiders.normalise import text


def print_json(rows: Any) -> None:
    """Print one JSON document on stdout; times are ISO 8601 in UTC."""
    document = json.dumps(_jsonable(rows), ensure_ascii=False, indent=1)
    click.echo("\n".join(map(_shown, document.split("\n"))))


def _shown(line: str) -> str:
    """A line of JSON in which all that cannot be seen is escaped: JSON itself escapes only what lies below U+0020."""
    if line.isprintable():
        return line
    return "".join(char if char.isprintable() else json.dumps(char)[1:-1] for char in line)


def _jsonable(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        return {item.name: _jsonable(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _jsonable(one) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_jsonable(one) for one in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


_PIPED_WIDTH = 180


def print_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Print a table for people; every cell is shown as one clean line, none is read as markup."""
    table = Table(title=Text(title), title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell(value)) for value in row))
    console = Console()
    if not console.is_terminal:
        console = Console(width=_PIPED_WIDTH)  # a pipe has no width of its own, and eighty columns are too few
    console.print(table)


def until(moment: datetime, zone: tzinfo) -> str:
    """When something ends, in local time: a day that is meant whole by its date."""
    local = moment.astimezone(zone)
    if local.time() == time():
        return f"the end of {last_moment(moment).astimezone(zone):%Y-%m-%d} ({zone})"
    return f"{local:%Y-%m-%d %H:%M} ({zone})"


def cell(value: Any) -> str:
    """One value as one line: times to the minute, nothing as a dash."""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    return text(str(value)) or "–" if value not in (None, "") else "–"
