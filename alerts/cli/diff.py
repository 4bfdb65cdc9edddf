"""`python -m alerts diff`: compare what was read since, state events; or compare any two runs on demand."""

import os

import click

from alerts.cli.events import print_events
from alerts.cli.output import print_json, print_table
from alerts.cli.session import Session, json_option, session
from alerts.comparison.run_view import RunView
from alerts.engine.between import NotComparableError, compare
from alerts.engine.runner import FoldReport, fold_new, fold_rounds
from alerts.health.check import check
from alerts.model.events import Event
from alerts.model.policy import policy
from alerts.records.isolation import apart, attempts, record, told
from opendata_spiders.store.clock import domain_now
from opendata_spiders.store.models import Run, Verdict

Folded = tuple[FoldReport, FoldReport]
"""What folding the runs of one portal did, and what folding the looks at its files did."""


@click.command("diff")
@click.argument("slugs", nargs=-1)
@click.option("--from", "first", metavar="RUN", help="Compare from this run; writes nothing.")
@click.option("--to", "second", metavar="RUN", help="Compare to this run; writes nothing.")
@json_option
def command(slugs: tuple[str, ...], first: str | None, second: str | None, *, as_json: bool) -> None:
    """Fold every run and round of looks at files since the last diff of the given portals (default: all)."""
    if (first is None) != (second is None):
        raise click.UsageError("--from and --to belong together: name a run for each (`python -m alerts runs`)")
    with session() as opened:
        if first is None or second is None:
            _fold(opened, slugs, as_json=as_json)
        else:
            _compare(opened, (first, second), as_json=as_json)


def _fold(opened: Session, slugs: tuple[str, ...], *, as_json: bool) -> None:
    """One portal's trouble must not silence the others; a database that is gone is everybody's."""
    ours, now, places = opened.store.our_failures(), domain_now(os.environ), opened.places(slugs)
    reports: list[Folded] = []
    found: list[Event] = []
    with attempts() as made:
        for place in places:
            with apart("portal", place.slug):
                runs = fold_new(opened.store, place, policy(), ours)
                reports.append((runs, fold_rounds(opened.store, place, policy(), ours)))
        with apart("watch", "health"):
            found = check(opened.store, opened.register, now)
    record(opened.store, "diff", made, now)
    _print(reports, found, as_json=as_json)
    if failed := len(places) - len(reports):
        raise click.ClickException(f"{failed} of {len(places)} portals could not be compared; the reasons stand above")
    if made.failed:
        raise click.ClickException(f"{told(made)}; every portal was compared")


def _print(reports: list[Folded], ours: list[Event], *, as_json: bool) -> None:
    events = [event for both in reports for one in both for event in one.events] + ours
    folded = [(runs, looks) for runs, looks in reports if runs.folded or looks.folded]
    if as_json:
        print_json(events)
    elif not folded:
        click.echo("No run since the last diff.")
        if ours:
            print_events("Our own watch", ours)
    else:
        print_table("Folded", ("portal", "runs", "looks at files", "events"), [_line(*both) for both in folded])
        print_events("Stated", events)


def _line(runs: FoldReport, looks: FoldReport) -> tuple[str, int, int, int]:
    return runs.place.slug, runs.folded, looks.folded, len(runs.events) + len(looks.events)


def _compare(opened: Session, names: tuple[str, str], *, as_json: bool) -> None:
    before, after = (_run(opened, name) for name in names)
    if after.verdict is not Verdict.COMPLETE:
        click.echo(f"{after.id} is {after.verdict}: what it does not list is not called gone.", err=True)
    events = _between(opened, before, after)
    if as_json:
        print_json(events)
    else:
        print_events(f"From {before.id} to {after.id} (nothing is written)", events)


def _between(opened: Session, before: Run, after: Run) -> list[Event]:
    view = RunView(after, opened.store, opened.place(after.portal, after.slug).tz)
    try:
        return list(compare(before, view, policy()))
    except NotComparableError as error:
        raise click.UsageError(str(error)) from None


def _run(opened: Session, name: str) -> Run:
    run = opened.store.run(name)
    if run is None:
        raise click.UsageError(f"there is no run {name!r}; `python -m alerts runs` lists them")
    return run
