"""`python -m alerts diff`: fold new runs and state events; or compare any two runs on demand."""

from collections.abc import Iterable

import click

from alerts.cli import options
from alerts.cli.events import show
from alerts.cli.output import Output, answers_rows, print_table, usage
from alerts.cli.session import Session, session
from alerts.comparison.chunk_reader import ChunkReader
from alerts.comparison.run_view import RunView
from alerts.engine.between import NotComparableError, compare
from alerts.engine.checkpoints import keep_due_checkpoints
from alerts.engine.portal_fold import PortalFold, fold_portal
from alerts.engine.terms_fold import portals_changed
from alerts.health.check import check
from alerts.model.policy import policy
from alerts.records.isolation import apart
from opendata_spiders.store.models import Verdict


@click.command("diff")
@options.portals
@click.option("--from", "first", metavar="RUN", help="Compare from this run; writes nothing.")
@click.option("--to", "second", metavar="RUN", help="Compare to this run; writes nothing.")
@answers_rows
def diff(words: tuple[str, ...], first: str | None, second: str | None, *, out: Output) -> None:
    """Fold all runs and looks at files since the last diff of the given portals (default: all), and their terms."""
    if (first is None) != (second is None):
        raise click.UsageError("--from and --to belong together: name a run for each (`python -m alerts runs`)")
    if first and words:
        raise click.UsageError("two runs name their portals themselves: give PORTAL, or --from and --to")
    with session() as opened:
        if first is None or second is None:
            fold(opened, words, out)
            return
        before, after = opened.run(first), opened.run(second)
        if after.verdict is not Verdict.COMPLETE:
            click.echo(f"{after.id} is {after.verdict}: what it does not list is not called gone.", err=True)
        view = RunView(after, ChunkReader(opened.store), opened.place(after.portal, after.slug).tz)
        with usage(NotComparableError):
            found = list(compare(before, view, policy()))
        show(opened, f"From {first} to {second} (nothing is written)", found, out)


def fold(opened: Session, words: tuple[str, ...], out: Output, others: Iterable[PortalFold] = ()) -> None:
    """Fold portal by portal, so that a failure of one does not stop the others; show it after what `others` folded."""
    store, known, places = opened.store, policy(), opened.places(words)
    windows, changed = store.our_failures(), portals_changed(store)
    folded = [one for one in others if not one.is_empty]
    events = [event for one in folded for event in one.events]
    with opened.step("diff", "whatever else was read was compared"):
        for place in places:
            with apart("portal", place.slug):
                found = fold_portal(store, place, known, windows, changed)
                events += found.events
                if not found.is_empty:
                    folded.append(found)
        with apart("watch", "checkpoints"):
            keep_due_checkpoints(store, opened.now)
        with apart("watch", "health"):
            events += check(store, opened.register, opened.now)
        if out.as_text and folded:
            rows = [(one.slug, one.runs, one.looks, len(one.events)) for one in folded]
            print_table("Folded", ("portal", "runs", "looks at files", "events"), rows)
        elif out.as_text:
            click.echo("No run since the last diff.")
        if folded or events or not out.as_text:
            show(opened, "Stated" if folded else "Our own watch", events, out)
