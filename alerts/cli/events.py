"""`python -m alerts events`: lists events; also the table of events that other commands show."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import click

from alerts.audience.filters import UnknownNameError, kind_pattern
from alerts.cli import options
from alerts.cli.output import FILE, Output, answers_rows, print_json_list, print_table, timed, usage, writable
from alerts.cli.session import Session, session
from alerts.exports.columns import Column, ColumnType, dictionary
from alerts.exports.formats import as_json, write_jsonl
from alerts.exports.source import Source
from alerts.exports.tables.events import rows_of
from alerts.model.events import Event
from alerts.records.queries import events_where
from alerts.text.labels import label
from alerts.text.links import site_url

_TABLE = "events"
_LABELLED = ("severity", "confidence")
"""Columns with codes that the table for Excel shows in words."""


@click.command("events")
@options.portals
@options.since
@options.until
@click.option("--kind", "kinds", multiple=True, metavar="KIND", help="Only this kind, or city.* (repeatable).")
@click.option("--jsonl", "lines", metavar="FILE", type=FILE, help="Write one JSON object a line, for programs.")
@answers_rows
def events(
    words: tuple[str, ...], kinds: tuple[str, ...], lines: Path | None, *, out: Output, **span: datetime | None
) -> None:
    """List events in the order they were stated."""
    with usage(UnknownNameError, of="--kind: "):
        patterns = [kind_pattern(kind) for kind in kinds]
    with session() as opened:
        portals = opened.ids(words)

        def wanted() -> Iterator[Event]:
            found = events_where(opened.store, portals=portals, **span)
            return (one for one in found if not patterns or any(fnmatchcase(one.kind, name) for name in patterns))

        if lines:
            click.echo(f"{_write_lines(opened, lines, wanted())} events written to {lines}", err=True)
        if not lines or out.file or out.as_json:
            show(opened, "Events", wanted(), out)


def _write_lines(opened: Session, path: Path, events: Iterable[Event]) -> int:
    """Write one JSON object a line; returns how many."""
    count = 0
    with writable(path), path.open("wb") as target:
        for count, row in enumerate(rows_of(_source(opened), events), start=1):  # noqa: B007 -- the last is returned
            write_jsonl(target, dictionary()[_TABLE], [row])
    return count


def show(opened: Session, title: str, events: Iterable[Event], out: Output, *, nothing: str = "") -> None:
    """Show events as a table, as JSON, or as the exported table of events, with headings in both languages.

    A file and JSON hold as many events as there are; a table, and both together, those that fit into memory.
    """
    if out.as_text or (out.file and out.as_json):
        events = list(events)
    if out.file:
        out.sheet(list(map(_heading, dictionary()[_TABLE])), _sheet(opened, events), "events", whole=True)
    if out.as_json:
        print_json_list(events)
    elif out.as_text and not events:
        click.echo(nothing or f"{title}: nothing.")
    elif out.as_text:
        columns = ("id", timed("at"), "portal", "event", "severity", "confidence", "dataset", "office")
        rows = [
            (one.id, one.at, one.slug, _kind(one), one.severity,
             one.confidence, one.title or one.dataset, one.office)
            for one in events
        ]  # fmt: skip
        print_table(title, columns, rows)


def _kind(event: Event) -> str:
    marks = [word for word, holds in (("imported", event.imported), ("retracted", event.retracted)) if holds]
    return f"{event.kind} ({', '.join(marks)})" if marks else event.kind


def _source(opened: Session) -> Source:
    return Source(opened.store, opened.register, opened.now, site_url())


def _heading(column: Column) -> str:
    named = f"{column.name} {column.zh}"
    return timed(named) if column.type is ColumnType.DATETIME else named


def _sheet(opened: Session, events: Iterable[Event]) -> Iterator[Sequence[object]]:
    for row in rows_of(_source(opened), events):
        yield [_cell(column, row) for column in dictionary()[_TABLE]]


def _cell(column: Column, row: Mapping[str, Any]) -> object:
    value = row.get(column.name)
    if column.name in _LABELLED:
        return str(label(f"{column.name}.{value}"))
    return as_json(value) if value and column.type in (ColumnType.ARRAY, ColumnType.JSON) else value or ""
