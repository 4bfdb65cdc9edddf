"""`python -m opendata_spiders.normalise`: how much of a catalogue is understood, and what is odd."""

import json
import os
from collections.abc import Mapping, Sequence
from datetime import tzinfo
from itertools import islice
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from opendata_spiders.normalise.rates import (
    READINGS,
    FieldRate,
    UnreadableCatalogueError,
    as_fields,
    catalogue,
    rates,
)
from opendata_spiders.normalise.texts import text
from opendata_spiders.store.clock import domain_now
from opendata_spiders.store.errors import ConfigError
from opendata_spiders.store.fields import fields

_SHOWN = 20


@click.command()
@click.argument("file", type=click.File("rb"))
@click.argument("columns", nargs=-1, metavar="[COLUMN=FIELD]…")
@click.option("--family", help="Family, or family/slug, whose codes the catalogue uses.")
@click.option("--zone", default="Asia/Shanghai", show_default=True, help="Zone of dates that name none.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document with every string.")
def main(file: BinaryIO, columns: Sequence[str], family: str | None, zone: str, *, as_json: bool) -> None:
    """Print how much of a catalogue is understood, field by field, and the strings that are odd.

    FILE is csv, a JSON list or JSON lines (- for standard input). Each COLUMN=FIELD names the field of
    opendata_spiders/store/fields.csv that a column holds: `更新周期=frequency 开放条件=open_type`. A column that bears
    the name of a field needs none.
    """
    try:
        rows = list(catalogue(file.read()))
        names = _columns(rows, columns)
        now, tz = domain_now(os.environ), _zone(zone)
        count, found = rates((as_fields(row, names) for row in rows), family=family, tz=tz, now=now)
    except (UnreadableCatalogueError, ConfigError) as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(json.dumps(_document(count, found), ensure_ascii=False, indent=1))
    else:
        _show(count, found)


def _columns(rows: Sequence[Mapping[str, Any]], given: Sequence[str]) -> dict[str, str]:
    """Field by column. Raises UsageError for what names none, and where no column is left."""
    there = dict.fromkeys(str(name) for row in rows for name in row if name is not None)
    named = dict(_pair(one) for one in given)
    if strange := [column for column in named if column not in there]:
        raise click.UsageError(f"the file has no column {strange[0]!r}, only: {_listed(there)}")
    columns = named | {name: name for name in there if name in fields() and name not in named}
    if not any(fields()[name].reading in READINGS for name in columns.values()):
        raise click.UsageError(f"say what the columns hold, as COLUMN=FIELD; the file has: {_listed(there)}")
    return columns


def _pair(given: str) -> tuple[str, str]:
    column, _, name = given.rpartition("=")
    if not column or name not in fields():
        raise click.UsageError(f"{given!r} is not COLUMN=FIELD; fields are: {_listed(fields())}")
    return column, name


def _listed(names: Mapping[str, Any]) -> str:
    return ", ".join(text(name) or "?" for name in names)


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise click.UsageError(f"no zone is called {name!r}; write one such as Asia/Shanghai") from None


def _document(count: int, found: Mapping[str, FieldRate]) -> dict[str, Any]:
    return {
        "rows": count,
        "fields": {
            name: {
                "filled": rate.filled,
                "understood": rate.understood,
                "share": rate.share,
                "odd": [
                    {"text": raw, "finding": finding, "count": times}
                    for (finding, raw), times in rate.odd.most_common()
                ],
            }
            for name, rate in found.items()
        },
    }


def _show(count: int, found: Mapping[str, FieldRate]) -> None:
    table = Table("field", "filled", "understood", "share", "odd", title=f"{count} rows")
    for name, rate in found.items():
        share = "–" if rate.share is None else f"{rate.share:.1%}"
        table.add_row(name, str(rate.filled), str(rate.understood), share, str(rate.odd.total()))
    console = Console()
    console.print(table)
    for name, rate in found.items():
        if rate.odd:
            console.print(_strings(name, rate))


def _strings(name: str, rate: FieldRate) -> Table:
    title = f"{name}: {len(rate.odd)} odd strings"
    table = Table("times", "finding", "string", title=title + (f", {_SHOWN} shown" if len(rate.odd) > _SHOWN else ""))
    for (finding, raw), times in islice(rate.odd.most_common(), _SHOWN):
        table.add_row(str(times), finding, Text(text(raw) or repr(raw)))
    return table


if __name__ == "__main__":
    main(prog_name="python -m opendata_spiders.normalise")
