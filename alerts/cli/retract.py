"""`python -m alerts retract`: take an event back, visibly."""

import os

import click

from alerts.cli.events import print_events
from alerts.cli.output import print_json
from alerts.cli.session import json_option, session
from alerts.corrections.book import Word
from alerts.corrections.correct import Correction, CorrectionError, retract
from alerts.engine.runner import PortalRef
from alerts.records.queries import find_event
from opendata_spiders.store.clock import domain_now

why_option = click.option("--why", required=True, metavar="TEXT", help="The reason, as readers will see it.")


@click.command("retract")
@click.argument("event", metavar="EVENT")
@why_option
@json_option
def command(event: str, why: str, *, as_json: bool) -> None:
    """Withdraw EVENT: whoever was told gets a correction, and what is believed of its portal is derived anew."""
    with session() as opened:
        found = find_event(opened.store, event)
        place = opened.place(found.portal, found.slug) if found else PortalRef("", "")
        try:
            correction = retract(opened.store, place, event, Word(reason(why), domain_now(os.environ)))
        except CorrectionError as error:
            raise click.UsageError(str(error)) from None
    show(correction, as_json=as_json)


def reason(why: str) -> str:
    """The reason without the blanks around it; empty is a usage error."""
    if not why.strip():
        raise click.UsageError("--why is empty: readers are told the reason, so give one")
    return why.strip()


def show(correction: Correction, *, as_json: bool) -> None:
    """Print what was written."""
    if as_json:
        print_json(list(correction.events))
    elif correction.events:
        print_events("Corrected", correction.events)
    else:
        click.echo("Nothing to correct: no statement changes, or it was corrected before.")
