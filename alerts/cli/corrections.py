"""`python -m alerts retract, regrade`: retract an event, or give a run another verdict, by visible events."""

import click

from alerts.cli.events import show
from alerts.cli.output import Output, answers_rows, usage
from alerts.cli.session import session
from alerts.corrections.correct import CorrectionError, regrade_below, regrade_run, retract
from alerts.corrections.event_log import ManualCorrection
from opendata_spiders.store.models import Verdict

_VERDICTS = click.Choice([verdict.value for verdict in Verdict])
_NOTHING = "Nothing to correct: no statement changes, or it was corrected before."


def _reason(_context: click.Context, _option: click.Parameter, value: str) -> str:
    if not value.strip():
        raise click.UsageError("--why is empty: readers are told the reason, so give one")
    return value.strip()


_why = click.option(
    "--why", required=True, metavar="TEXT", callback=_reason, help="The reason, as readers will see it."
)


@click.command("retract")
@click.argument("event", metavar="EVENT")
@_why
@answers_rows
def retract_command(event: str, why: str, *, out: Output) -> None:
    """Withdraw EVENT: whoever was told gets a correction, and what is believed of its portal is derived anew."""
    with session() as opened, usage(CorrectionError):
        found = opened.event(event)
        done = retract(opened.store, opened.place_of(found), event, ManualCorrection(why, opened.now))
        show(opened, "Corrected", done.events, out, nothing=_NOTHING)


@click.command("regrade")
@click.argument("run", metavar="RUN")
@click.option("--verdict", type=_VERDICTS, required=True, help="The verdict the run should have had.")
@_why
@answers_rows
def regrade(run: str, verdict: str, why: str, *, out: Output) -> None:
    """Grade RUN anew: withdraw every event that no longer follows, state those that follow now."""
    with session() as opened, usage(CorrectionError):
        found = opened.run(run)
        below = [place for place in opened.read.values() if found.portal in place.parents]
        place = opened.place(found.portal, found.slug)
        own = regrade_run(opened.store, place, found, Verdict(verdict), ManualCorrection(why, opened.now))
        others = regrade_below(opened.store, below, found)
        show(opened, "Corrected", (*own.events, *others.events), out, nothing=_NOTHING)
