"""`python -m alerts states`: where every portal stands."""

import os
from collections.abc import Mapping
from dataclasses import fields
from datetime import timedelta

import click

from alerts.audience.remarks import Remark, RemarkKind, holding
from alerts.cli.output import cell, print_json, print_table, until
from alerts.cli.session import json_option, moment, portal_option, session, since_option
from alerts.comparison.run_view import SHANGHAI
from alerts.records.queries import CityView, ClockSet, portal_states
from opendata_spiders.store.clock import domain_now

Said = Mapping[RemarkKind, Mapping[str, Remark]]
"""Remarks that hold now, by kind and id of the portal."""

_COLUMNS = (
    "portal", "state", "since (UTC)", "silent days", "evidence", "as of (UTC)", "last run", "nights", "known",
    "overdue",
)  # fmt: skip


@click.command("states")
@portal_option
@since_option
@json_option
def command(portals: tuple[str, ...], since: str | None, *, as_json: bool) -> None:
    """Show the state of every portal that was read, or of those that are in theirs only since DATE."""
    start = moment(since)
    with session() as opened:
        ids = [place.id for place in opened.places(portals)] if portals else None
        views = portal_states(opened.store, ids)
        now = domain_now(os.environ)
        said = {kind: holding(opened.store, kind, now, ids) for kind in (RemarkKind.NOTE, RemarkKind.ACK)}
    shown = [view for view in views if start is None or (view.since is not None and view.since >= start)]
    if as_json:
        print_json([_row(view, said) for view in shown])
    else:
        print_table("States", _COLUMNS, [_line(view) for view in shown])
        for view in shown:
            for one in view.clock_set:
                click.echo(f"clock  {view.slug}: {_set(one)}")
            if view.flapping:
                click.echo(f"flapping  {view.slug}: {_record(view.flapping)}")
            for kind, remarks in said.items():
                if remark := remarks.get(view.portal):
                    click.echo(f"{kind}  {view.slug}: {_said(remark)}")


def _row(view: CityView, said: Said) -> dict[str, object]:
    """The state, and beside it what people say of it now: `note` and `ack`, each None where nobody does."""
    known = {one.name: getattr(view, one.name) for one in fields(view)}
    return known | {kind.value: remarks.get(view.portal) for kind, remarks in said.items()}


def _set(one: ClockSet) -> str:
    offset = f"{'-' if one.seconds < 0 else '+'}{timedelta(seconds=abs(one.seconds))}"
    return f"all dates moved by {offset} ({one.datasets} of {one.read} read), last seen {cell(one.at)} UTC: no updates"


def _record(flapping: Mapping[str, int]) -> str:
    days = flapping["longest_days"]
    counts = f"of {flapping['vanished']:,} that vanished within a year {flapping['back']:,} came back"
    return f"{counts}, the longest after {days} day{'s' * (days != 1)}"


def _said(remark: Remark) -> str:
    ends = f" until {until(remark.until, SHANGHAI)}" if remark.until else ""
    by = f", by {cell(remark.by)}" if remark.by else ""
    text = cell(remark.text) if remark.text else "known"
    return f"{text}{ends}{by}, said {cell(remark.at)} UTC"


def _line(view: CityView) -> tuple[object, ...]:
    evidence = f"{view.evidence.date:%Y-%m-%d} ({view.evidence.kind})" if view.evidence else None
    late = view.counts.get("overdue", 0) + view.counts.get("delinquent", 0)
    return (
        view.slug,
        view.state,
        view.since,
        view.days_silent,
        evidence,
        view.last_complete_at,
        view.last_verdict,
        view.nights_observed,
        view.counts.get("known", 0),
        late,
    )
