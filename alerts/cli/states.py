"""`python -m alerts states, runs`: the state of every portal, and its runs."""

from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import datetime, timedelta

import click

from alerts.audience.remarks import Remark, RemarkKind, holding
from alerts.cli import options
from alerts.cli.output import Output, answers_rows, cell, timed, until, when
from alerts.cli.session import session
from alerts.publish.rows import reason_told
from alerts.records.parts import states_told
from alerts.records.queries import CityView, portal_states
from alerts.records.state_source import StoredStates
from opendata_spiders.store.clock import SHANGHAI

RemarksByKind = Mapping[RemarkKind, Mapping[str, Remark]]
"""Remarks that hold now, by kind and portal id."""


@click.command("states")
@options.portals
@options.since
@answers_rows
def states(words: tuple[str, ...], since: datetime | None, *, out: Output) -> None:
    """Show the state of every portal that was read, or of those that are in theirs only since DATE."""
    with session() as opened:
        ids = opened.ids(words)
        views = (
            portal_states(StoredStates(opened.store), ids)
            if ids
            else states_told(StoredStates(opened.store), opened.register)
        )
        held = {kind: holding(opened.store, kind, opened.now, ids) for kind in (RemarkKind.NOTE, RemarkKind.ACK)}
    shown = [view for view in views if since is None or (view.since is not None and view.since >= since)]
    rows = []
    for view in shown:
        evidence = f"{view.evidence.date:%Y-%m-%d} ({view.evidence.kind})" if view.evidence else None
        late = view.counts.get("overdue", 0) + view.counts.get("delinquent", 0)
        rows.append((
            view.slug, view.state, view.since, view.days_silent, evidence, view.last_complete_at, view.last_verdict,
            view.nights_observed, view.counts.get("known", 0), late,
        ))  # fmt: skip
    # Each state with the remarks that hold now: `note` and `ack`, None if there is none.
    document = [
        {one.name: getattr(view, one.name) for one in fields(view)}
        | {kind.value: remarks.get(view.portal) for kind, remarks in held.items()}
        for view in shown
    ]
    columns = (
        "portal", "state", timed("since"), "silent days", "evidence", timed("as of"), "last run", "nights", "known",
        "overdue",
    )  # fmt: skip
    out.table("States", columns, rows, document)
    if out.as_text:
        for line in (line for view in shown for line in _asides(view, held)):
            click.echo(line)


def _asides(view: CityView, held: RemarksByKind) -> Iterator[str]:
    for one in view.clock_set:
        offset = f"{'-' if one.seconds < 0 else '+'}{timedelta(seconds=abs(one.seconds))}"
        yield (
            f"clock  {view.slug}: all dates moved by {offset} ({one.datasets} of {one.read} read), "
            f"last seen {when(one.at)}: no updates"
        )
    if view.imported and view.imported_until:
        mine = "nothing was read by us yet, and " if view.only_imported else ""
        by = f"{cell(view.imported.recorded_by)}, imported {when(view.imported.imported_at)}"
        yield f"history  {view.slug}: {mine}what is told up to {when(view.imported_until)} rests on snapshots by {by}"
    if record := view.flapping:
        days = record["longest_days"]
        counts = f"of {record['vanished']:,} that vanished within a year {record['back']:,} came back"
        yield f"flapping  {view.slug}: {counts}, the longest after {days} day{'s' * (days != 1)}"
    for kind, remarks in held.items():
        if remark := remarks.get(view.portal):
            ends = f" until {until(remark.until, SHANGHAI)}" if remark.until else ""
            by = f", by {cell(remark.by)}" if remark.by else ""
            text = cell(remark.text) if remark.text else "known"
            yield f"{kind}  {view.slug}: {text}{ends}{by}, said {when(remark.at)}"


@click.command("runs")
@options.portals
@options.since
@options.until
@answers_rows
def runs(words: tuple[str, ...], since: datetime | None, until: datetime | None, *, out: Output) -> None:
    """List runs by time, with how far each may be believed."""
    with session() as opened:
        ids = opened.ids(words)
        found = [
            run
            for run in opened.store.graded_runs(None, since=since)
            if (ids is None or run.portal in ids) and (until is None or run.at < until)
        ]
    columns = ("run", timed("at"), "verdict", "seen", "declared", "details", "reason")
    rows = [(run.id, run.at, run.verdict, run.seen, run.declared, run.detailed, reason_told(run)) for run in found]
    out.table("Runs", columns, rows, found)
