"""`python -m alerts retract, regrade`: take an event back, or give a run another verdict, visibly."""

import click

from alerts.cli.events import show
from alerts.cli.output import Output, answers_rows
from alerts.cli.session import Session, session
from alerts.corrections.book import Word
from alerts.corrections.correct import CorrectionError, regrade_below, regrade_run, retract
from alerts.model.events import Event
from opendata_spiders.store.models import Verdict

_VERDICTS = click.Choice([verdict.value for verdict in Verdict])
_why = click.option("--why", required=True, metavar="TEXT", help="The reason, as readers will see it.")


@click.command("retract")
@click.argument("event", metavar="EVENT")
@_why
@answers_rows
def retract_command(event: str, why: str, *, out: Output) -> None:
    """Withdraw EVENT: whoever was told gets a correction, and what is believed of its portal is derived anew."""
    with session() as opened:
        found = opened.event(event)
        try:
            done = retract(opened.store, opened.place_of(found), event, _word(opened, why))
        except CorrectionError as error:
            raise click.UsageError(str(error)) from None
        _show(opened, done.events, out)


@click.command("regrade")
@click.argument("run", metavar="RUN")
@click.option("--verdict", type=_VERDICTS, required=True, help="The verdict the run should have had.")
@_why
@answers_rows
def regrade(run: str, verdict: str, why: str, *, out: Output) -> None:
    """Grade RUN anew: withdraw every event that no longer follows, state those that follow now."""
    with session() as opened:
        found = opened.run(run)
        below = [place for place in opened.read.values() if found.portal in place.parents]
        try:
            own = regrade_run(
                opened.store, opened.place(found.portal, found.slug), found, Verdict(verdict), _word(opened, why)
            )
            others = regrade_below(opened.store, below, found)
        except CorrectionError as error:
            raise click.UsageError(str(error)) from None
        _show(opened, (*own.events, *others.events), out)


def _word(opened: Session, why: str) -> Word:
    if not why.strip():
        raise click.UsageError("--why is empty: readers are told the reason, so give one")
    return Word(why.strip(), opened.now)


def _show(opened: Session, events: tuple[Event, ...], out: Output) -> None:
    if out.as_text and not events:
        click.echo("Nothing to correct: no statement changes, or it was corrected before.")
    else:
        show(opened, "Corrected", events, out)
