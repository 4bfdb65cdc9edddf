"""`python -m alerts events`: what was stated."""

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

import click

from alerts.audience.filters import UnknownNameError, kind_pattern, places
from alerts.cli.output import print_json, print_table
from alerts.cli.session import Session, end, json_option, moment, portal_option, session, since_option
from alerts.comparison.run_view import SHANGHAI
from alerts.model.events import Event
from alerts.records.queries import events_where
from alerts.text import spreadsheets as sheets
from alerts.text.labels import label
from alerts.text.statements import kind_name, place_name, told

_COLUMNS = (
    "id 编号", "stated (China) 陈述时间", "portal", "城市 city", "event", "事件", "severity 程度",
    "confidence 可信程度", "dataset id 数据集编号", "title 标题", "office 部门", "since 起于", "内容", "what",
    "page 页面", "withdrawn by 撤回",
)  # fmt: skip
_TIME = "%Y-%m-%d %H:%M"


@click.command("events")
@portal_option
@since_option
@click.option("--until", "ends", metavar="DATE", help="Only up to the end of this date.")
@click.option("--kind", "kinds", multiple=True, metavar="KIND", help="Only this kind, or city.* (repeatable).")
@click.option(
    "--csv", "file", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), help="Write a sheet for Excel."
)
@json_option
def command(  # noqa: PLR0913 -- one argument an option
    portals: tuple[str, ...], since: str | None, ends: str | None, kinds: tuple[str, ...], file: Path | None, *,
    as_json: bool,
) -> None:  # fmt: skip
    """List events in the order they were stated."""
    patterns = [_pattern(kind) for kind in kinds]
    with session() as opened:
        ids = [place.id for place in opened.places(portals)] if portals else None
        found = events_where(opened.store, portals=ids, since=moment(since), until=end(ends))
        events = [one for one in found if not patterns or any(fnmatchcase(one.kind, name) for name in patterns)]
        if file is not None:
            _write(opened, events, file)
    if as_json:
        print_json(events)
    elif file is None:
        print_events("Events", events)


def _pattern(kind: str) -> str:
    try:
        return kind_pattern(kind)
    except UnknownNameError as error:
        raise click.UsageError(f"--kind: {error}") from None


def _write(opened: Session, events: Sequence[Event], file: Path) -> None:
    try:
        with file.open("w", encoding="utf-8", newline="") as target:
            count = sheets.write(target, _COLUMNS, _sheet(opened, events))
    except OSError as error:
        raise click.ClickException(f"{file} cannot be written ({error.strerror}); name another file") from None
    click.echo(f"{count} events written to {file}", err=True)


def _sheet(opened: Session, events: Iterable[Event]) -> Iterable[Sequence[object]]:
    known = places(opened.register)
    for event in events:
        words, kind = told(event, known), kind_name(event.kind)
        yield (
            event.id, f"{event.at.astimezone(SHANGHAI):{_TIME}}", event.slug, place_name(event.slug, known),
            f"{event.kind}: {kind.en}", kind.zh, label(f"severity.{event.severity}"),
            label(f"confidence.{event.confidence}"), event.dataset, event.title, event.office,
            f"{event.since.astimezone(SHANGHAI):{_TIME}}" if event.since else "", words.what.zh, words.what.en,
            event.page_url, event.retracted,
        )  # fmt: skip


def print_events(title: str, events: Iterable[Event]) -> None:
    """A table of events for people."""
    rows = [
        (
            event.id,
            event.at,
            event.slug,
            _kind(event),
            event.severity,
            event.confidence,
            event.title or event.dataset,
            event.office,
        )
        for event in events
    ]
    if not rows:
        click.echo(f"{title}: nothing.")
        return
    print_table(title, ("id", "at (UTC)", "portal", "event", "severity", "confidence", "dataset", "office"), rows)


def _kind(event: Event) -> str:
    return f"{event.kind} (retracted)" if event.retracted else event.kind
