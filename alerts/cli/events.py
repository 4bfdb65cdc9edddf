"""`python -m alerts events`: what was stated."""

from collections.abc import Iterable

import click

from alerts.cli.output import print_json, print_table
from alerts.cli.session import json_option, moment, portal_option, session, since_option
from alerts.events import Event
from alerts.read import events_where


@click.command("events")
@portal_option
@since_option
@json_option
def command(portals: tuple[str, ...], since: str | None, *, as_json: bool) -> None:
    """List events in the order they were stated."""
    with session() as opened:
        ids = [place.id for place in opened.places(portals)] if portals else None
        events = events_where(opened.store, portals=ids, since=moment(since))
    if as_json:
        print_json(events)
    else:
        print_events("Events", events)


def print_events(title: str, events: Iterable[Event]) -> None:
    """A table of events for people."""
    rows = [
        (
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
    print_table(title, ("at (UTC)", "portal", "event", "severity", "confidence", "dataset", "office"), rows)


def _kind(event: Event) -> str:
    return f"{event.kind} (retracted)" if event.retracted else event.kind
