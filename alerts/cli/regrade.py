"""`python -m alerts regrade`: give a run another verdict, and correct what was derived from it."""

import os

import click

from alerts.cli.retract import reason, show, why_option
from alerts.cli.session import json_option, session
from alerts.corrections.book import Word
from alerts.corrections.correct import Correction, CorrectionError, regrade_below, regrade_run
from opendata_spiders.store.clock import domain_now
from opendata_spiders.store.models import Verdict

_VERDICTS = click.Choice([verdict.value for verdict in Verdict])


@click.command("regrade")
@click.argument("run", metavar="RUN")
@click.option("--verdict", type=_VERDICTS, required=True, help="The verdict the run should have had.")
@why_option
@json_option
def command(run: str, verdict: str, why: str, *, as_json: bool) -> None:
    """Grade RUN anew: withdraw every event that no longer follows, state those that follow now."""
    with session() as opened:
        found = opened.store.run(run)
        if found is None:
            raise click.UsageError(f"there is no run {run!r}; `python -m alerts runs` lists them")
        place = opened.place(found.portal, found.slug)
        try:
            word = Word(reason(why), domain_now(os.environ))
            below = [one for one in opened.read.values() if found.portal in one.parents]
            correction = regrade_run(opened.store, place, found, Verdict(verdict), word)
            others = regrade_below(opened.store, below, found)
        except CorrectionError as error:
            raise click.UsageError(str(error)) from None
    show(Correction((*correction.events, *others.events)), as_json=as_json)
