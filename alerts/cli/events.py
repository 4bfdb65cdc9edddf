"""`python -m alerts events`: lists events; also the table of events that other commands show."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from fnmatch import fnmatchcase

import click

from alerts.audience.filters import UnknownNameError, kind_pattern, places
from alerts.cli import options
from alerts.cli.output import Output, answers_rows, print_json, print_table, timed, usage
from alerts.cli.session import Session, session
from alerts.model.events import Event
from alerts.records.queries import events_where
from alerts.text.labels import kind_name, label
from alerts.text.statements import place_name, statement_of
from opendata_spiders.store.clock import SHANGHAI

_SHEET = (
    "id 编号", "stated (China) 陈述时间", "portal", "城市 city", "event", "事件", "severity 程度",
    "confidence 可信程度", "dataset id 数据集编号", "title 标题", "office 部门", "since 起于", "内容", "what",
    "page 页面", "withdrawn by 撤回",
)  # fmt: skip
_TIME = "%Y-%m-%d %H:%M"


@click.command("events")
@options.portals
@options.since
@options.until
@click.option("--kind", "kinds", multiple=True, metavar="KIND", help="Only this kind, or city.* (repeatable).")
@answers_rows
def events(
    words: tuple[str, ...], since: datetime | None, until: datetime | None, kinds: tuple[str, ...], *, out: Output
) -> None:
    """List events in the order they were stated."""
    with usage(UnknownNameError, of="--kind: "):
        patterns = [kind_pattern(kind) for kind in kinds]
    with session() as opened:
        found = events_where(opened.store, portals=opened.ids(words), since=since, until=until)
        wanted = [one for one in found if not patterns or any(fnmatchcase(one.kind, name) for name in patterns)]
        show(opened, "Events", wanted, out)


def show(opened: Session, title: str, events: Sequence[Event], out: Output, *, nothing: str = "") -> None:
    """Show events as a table, as JSON, or as a bilingual table for Excel with a sentence for each."""
    if out.file:
        out.sheet(_SHEET, _sheet(opened, events), "events")
    if out.as_json:
        print_json(events)
    elif out.as_text and not events:
        click.echo(nothing or f"{title}: nothing.")
    elif out.as_text:
        columns = ("id", timed("at"), "portal", "event", "severity", "confidence", "dataset", "office")
        rows = [
            (one.id, one.at, one.slug, f"{one.kind} (retracted)" if one.retracted else one.kind, one.severity,
             one.confidence, one.title or one.dataset, one.office)
            for one in events
        ]  # fmt: skip
        print_table(title, columns, rows)


def _sheet(opened: Session, events: Iterable[Event]) -> Iterable[Sequence[object]]:
    known = places(opened.register)
    for event in events:
        words, kind = statement_of(event, known), kind_name(event.kind)
        yield (
            event.id, f"{event.at.astimezone(SHANGHAI):{_TIME}}", event.slug, place_name(event.slug, known),
            f"{event.kind}: {kind.en}", kind.zh, label(f"severity.{event.severity}"),
            label(f"confidence.{event.confidence}"), event.dataset, event.title, event.office,
            f"{event.since.astimezone(SHANGHAI):{_TIME}}" if event.since else "", words.what.zh, words.what.en,
            event.page_url, event.retracted,
        )  # fmt: skip
