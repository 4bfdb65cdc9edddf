"""`python -m alerts scoreboard`: what the yearly studies publish, as of the last readings."""

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click

from alerts.cli.output import print_json, print_table
from alerts.cli.session import json_option, session
from alerts.comparison.run_view import SHANGHAI
from alerts.records.isolation import attempts, record, told
from alerts.scoreboard.board import board
from alerts.scoreboard.definitions import limit
from alerts.scoreboard.gather import gather
from alerts.scoreboard.history import keep, series
from alerts.scoreboard.measure import KINDS
from alerts.scoreboard.rank import CITIES, PROVINCES
from opendata_spiders.store.clock import domain_now

_FIGURES = ("figure", "指标", "value", "of", "unknown", "rests on", "version")
_PORTALS = ("portal", "read on", "claimed", "seen", "of them twice", "effective", "silent days", "themes (labels)",
            "themes (content)", "four quarters", "promises kept", *KINDS)  # fmt: skip
_RANK = ("place", "portal", "score")


@click.command("scoreboard")
@click.option("--keep", "kept", is_flag=True, help="Also keep today's figures for the daily series.")
@click.option("--history", is_flag=True, help="Show the daily series instead.")
@json_option
def command(*, kept: bool, history: bool, as_json: bool) -> None:
    """Show the national figures, portal by portal and ranked, from what was read in the last 31 days."""
    if kept and history:
        raise click.UsageError("--keep and --history exclude each other: give one of them")
    with session() as opened:
        if history:
            _history(list(series(opened.store)), as_json=as_json)
            return
        now = domain_now(os.environ)
        with attempts() as tried:
            made = board(gather(opened.store, opened.register, now))
        record(opened.store, "scoreboard", tried, now)
        if kept:
            click.echo(f"Kept under {keep(opened.store, made)}", err=True)
        if as_json:
            print_json(made)
        else:
            _print(made)
        if tried.failed:
            raise click.ClickException(f"{told(tried)}; they are in no figure")


def _print(made: Mapping[str, Any]) -> None:
    print_table(f"Scoreboard {made['date']}", _FIGURES, [_line(one) for one in made["figures"].values()])
    if made["portals"]:
        print_table("Portals read", _PORTALS, [_portal(one) for one in made["portals"]])
    elif (last := made["last_reading"]) is not None:
        click.echo(f"No portal was completely read in the last {limit('window_days')} days; the last complete reading "
                   f"is of {last.astimezone(SHANGHAI):%Y-%m-%d}.")  # fmt: skip
    _print_rank(made["rank"])
    if made["outside"]:
        click.echo(f"Read, but outside the {made['governments']} and in no figure: {', '.join(made['outside'])}")


def _line(one: Mapping[str, Any]) -> Sequence[object]:
    return f"{one['en']}{_aside(one)}", one["zh"], _value(one), _of(one), one["unknown"], one["basis"], one["version"]


def _aside(one: Mapping[str, Any]) -> str:
    if "observed_quarters" in one:
        return f" (observed {one['observed_quarters']} of {len(one['quarters'])})"
    if one.get("by_portals_own_dates_alone"):
        return f" ({one['by_portals_own_dates_alone']} by the portal's own dates alone)"
    return ""


def _value(one: Mapping[str, Any]) -> str:
    if one["value"] is None:
        return "unknown"
    return f"{one['value']:.1%}" if one["kind"] == "share" else f"{one['value']:,}"


def _of(one: Mapping[str, Any]) -> str:
    if one["kind"] == "share":
        return "" if one["numerator"] is None else f"{one['numerator']:,} of {one['denominator']:,}"
    return f"{one['denominator']} portals"


def _portal(one: Mapping[str, Any]) -> Sequence[object]:
    return (
        one["slug"],
        f"{one['read_at'].astimezone(SHANGHAI):%Y-%m-%d}",
        *(_known(one[name]) for name in ("claimed", "seen", "relisted", "effective", "days_silent")),
        _known(None if one["themes_label"] is None else len(one["themes_label"])),
        len(one["themes_content"]),
        _quarters(one["quarters"].values()),
        _promises(one["promises"]),
        *(one["key"][kind] for kind in KINDS),
    )


def _promises(told: Mapping[str, Any] | None) -> str:
    if told is None:
        return "unknown"
    return f"{told['kept']:,} of {told['judged']:,}" + ("" if told["share"] is None else f" ({told['share']:.0%})")


def _known(value: object) -> object:
    return "unknown" if value is None else value


def _quarters(told: Any) -> str:
    """`yes yes ? no`: oldest first."""
    return " ".join("?" if one is None else "yes" if one else "no" for one in told)


def _print_rank(ranked: Mapping[str, Any]) -> None:
    names = ranked["components"]
    for table in (PROVINCES, CITIES):
        if ranked[table]:
            title = f"Our own rank of {table}, version {ranked['version']} (not the rank of any published study)"
            print_table(title, (*_RANK, *(one["en"] for one in names.values())), list(_rows(ranked[table], names)))
    for one in ranked["unranked"]:
        click.echo(f"Not ranked: {one['slug']}, unknown: {', '.join(names[name]['en'] for name in one['unknown'])}")


def _rows(table: Sequence[Mapping[str, Any]], names: Mapping[str, Any]) -> Iterator[Sequence[object]]:
    for one in table:
        yield one["place"], one["slug"], f"{one['score']:.1f}", *(f"{one['parts'][name]:.0%}" for name in names)


def _history(days: Sequence[Mapping[str, Any]], *, as_json: bool) -> None:
    if as_json:
        print_json(days)
        return
    columns = ("datasets_claimed", "datasets_seen", "datasets_effective", "portals_read", "portals_silent")
    print_table("Daily series", ("date", *columns), [(day["date"], *_day(day, columns)) for day in days])


def _day(day: Mapping[str, Any], columns: Sequence[str]) -> Iterator[object]:
    for code in columns:
        figure = day["figures"].get(code, {})
        yield _known(figure.get("numerator") if code.startswith("portals") else figure.get("value"))
