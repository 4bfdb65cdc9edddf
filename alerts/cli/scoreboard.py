"""`python -m alerts scoreboard`: the figures that the yearly studies publish, as of the latest complete runs."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import click

from alerts.audience.remarks import last_moment
from alerts.cli import options
from alerts.cli.output import Output, answers_rows, cell, print_table
from alerts.cli.session import Session, session
from alerts.corrections.past import states_at
from alerts.scoreboard.board import board
from alerts.scoreboard.definitions import limits
from alerts.scoreboard.gather import gather
from alerts.scoreboard.history import differing, printed, series
from alerts.scoreboard.rank import CITIES, PROVINCES
from alerts.scoreboard.today import todays
from alerts.text.jsonable import jsonable
from opendata_spiders.store.clock import SHANGHAI

_FIGURES = ("figure", "指标", "value", "known", "unknown", "rests on", "studies, latest", "version")
_PORTALS = ("portal", "read on", "claimed", "seen", "of them twice", "effective", "silent days", "themes (labels)",
            "themes (content)", "four quarters", "promises kept", "never downloaded", "offices of one",
            "rows")  # fmt: skip
_NATIONAL = ("province", "platform", "registered as open", "seen by us", "on")
_SERIES = ("datasets_claimed", "datasets_seen", "datasets_effective", "portals_read", "portals_silent")


@click.command("scoreboard")
@click.option("--keep", "kept", is_flag=True, help="Also keep today's figures for the daily series.")
@click.option("--history", is_flag=True, help="Show the daily series instead.")
@click.option(
    "--as-of",
    "past",
    metavar="DATE",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Work out the figures of a past day again from the stored runs, and compare them with what was kept then.",
)
@options.since
@answers_rows
def scoreboard(since: datetime | None, *, kept: bool, history: bool, past: datetime | None, out: Output) -> None:
    """Show the national figures, portal by portal and ranked, from what was read in the last 31 days."""
    if kept + history + (past is not None) > 1:
        raise click.UsageError("--keep, --history and --as-of exclude each other: give one of them")
    if since and not history:
        raise click.UsageError("--since belongs to --history: today's figures are as of the last readings")
    with session() as opened:
        if past:
            _show_past(opened, f"{past:%Y-%m-%d}", out)
            return
        if history:
            days = list(series(opened.store, since=_day(since) if since else ""))
            rows = []
            for day in days:
                found = [(code, day["figures"].get(code, {})) for code in _SERIES]
                told = (one.get("numerator" if code.startswith("portals") else "value") for code, one in found)
                rows.append((day["date"], *map(_known, told)))
            out.table("Daily series", ("date", *_SERIES), rows, days)
            return
        with opened.step("scoreboard", "they are in no figure"):
            made = todays(opened.store, opened.register, opened.now, keeps=kept)
            if kept:
                click.echo(f"The figures of {made['date']} are kept; --history shows the daily series.", err=True)
            out.table(f"Scoreboard {made['date']}", _FIGURES, [_line(one) for one in made["figures"].values()], made)
            if out.as_text:
                _print_details(made)


def _show_past(opened: Session, day: str, out: Output) -> None:
    """The scoreboard of a past day by the formulas of that day, and whether it equals what was kept then."""
    end = options.end(day, "--as-of")
    if end is None or end > opened.now:
        raise click.UsageError(f"--as-of {day}: that day is not over; without --as-of you get today's figures")
    then = printed(opened.store, day)
    with opened.step("scoreboard", "they are in no figure"):
        at = then.at if then else last_moment(end)
        found = gather(opened.store, opened.register, at, states_at(opened.store, opened.register, at))
        made = jsonable(board(found, then.versions if then else {}))
        codes = differing(then, made) if then else []
        made["printed_then"] = {"kept": then is not None, "differing": codes}
        out.table(f"Scoreboard {made['date']}", _FIGURES, [_line(one) for one in made["figures"].values()], made)
        if out.as_text:
            _print_details(made)
            click.echo(
                f"Nothing was kept on {day} to compare this with."
                if then is None
                else f"Printed otherwise on {day}: {', '.join(codes)}"
                if codes
                else f"The same figures were kept on {day}."
            )


def _print_details(made: Mapping[str, Any]) -> None:
    """What the figures are made of: portals, places and provinces, then the rank."""
    if made["portals"]:
        print_table("Portals read", _PORTALS, [_portal(one) for one in made["portals"]])
        kinds = [one["code"] for one in made["kinds"]]
        places = [one for one in made["places"] if one["range"] is not None]
        rows = [(one["en"], *(one["range"][kind] or "" for kind in kinds)) for one in places]
        print_table("Key data, datasets by place and kind", ("place", *(one["en"] for one in made["kinds"])), rows)
    elif (last := made["last_reading"]) is not None:
        window = limits().window_days
        click.echo(
            f"No portal was completely read in the last {window} days; the last complete reading is of {_day(last)}."
        )
    if made["national"]:
        provinces = [_province(one) for one in made["national"]]
        print_table("Open data in the national register, beside ours", _NATIONAL, provinces)
    _print_rank(made["rank"])
    _print_perseverance(made["perseverance"], made["backcast"]["label"])
    if made["outside"]:
        outside = ", ".join(made["outside"])
        click.echo(f"Read, but outside the {made['governments']} and in no figure: {outside}")


def _day(at: datetime | str) -> str:
    """The day of a time, or of one in the JSON document, in China."""
    at = datetime.fromisoformat(at) if isinstance(at, str) else at
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d}"


def _known(value: object) -> object:
    return "unknown" if value is None else value


def _line(one: Mapping[str, Any]) -> Sequence[object]:
    aside = ""
    if "observed_quarters" in one:
        aside = f" (observed {one['observed_quarters']} of {len(one['quarters'])})"
    elif one.get("by_portals_own_dates_alone"):
        aside = f" ({one['by_portals_own_dates_alone']} by the portal's own dates alone)"
    count = one["denominator"] if one["numerator"] is None else one["numerator"]
    return (
        f"{one['en']}{aside}",
        one["zh"],
        _span(one),
        f"{count:,} of {one['total']:,}",
        one["unknown"],
        one["confidence"],
        _study(one["studies"][-1], one["kind"]) if one["studies"] else "",
        one["version"],
    )


def _span(one: Mapping[str, Any]) -> str:
    """The bounds of a figure as one value, or as two."""
    low, high = (None if one[end] is None else _number(one[end], one["kind"]) for end in ("low", "high"))
    if low is None or not one["denominator"]:
        return "unknown"
    if one["kind"] == "sum":
        return f"at least {low}" if one["unknown"] else low
    return low if low == high else f"{low} to {high}"


def _number(value: float, kind: str) -> str:
    return f"{value:.1%}" if kind == "share" else f"{value:,}"


def _study(one: Mapping[str, Any], kind: str) -> str:
    of = f" ({one['numerator']:,} of {one['denominator']:,})" if one["numerator"] is not None else ""
    return f"{'about ' if one['approximate'] else ''}{_number(one['value'], kind)}{of}, {one['date']}"


def _portal(one: Mapping[str, Any]) -> Sequence[object]:
    kept = one["promises"]
    share = f" ({kept['share']:.0%})" if kept and kept["share"] is not None else ""
    return (
        one["slug"],
        _day(one["read_at"]),
        *(_known(one[name]) for name in ("claimed", "seen", "relisted", "effective", "days_silent")),
        _known(None if one["themes_label"] is None else len(one["themes_label"])),
        len(one["themes_content"]),
        " ".join("?" if told is None else "yes" if told else "no" for told in one["quarters"].values()),
        f"{kept['kept']:,} of {kept['judged']:,}{share}" if kept else "unknown",
        _known(one["downloads"]["never"] if one["downloads"]["never"] or one["downloads"]["some"] else None),
        f"{one['offices']['one_dataset']:,} of {one['offices']['named']:,}",
        _known(one["rows"]["sum"] if one["rows"]["datasets"] else None),
    )


def _province(one: Mapping[str, Any]) -> Sequence[object]:
    return one["province"], one["platform"], _known(one["registered"]), _known(one["ours"]), _day(one["at"])


def _print_rank(ranked: Mapping[str, Any]) -> None:
    names = ranked["components"]
    for table in (PROVINCES, CITIES):
        if ranked[table]:
            title = f"Our own rank of {table}, version {ranked['version']} (not the rank of any published study)"
            columns = ("place", "portal", "score", *(one["en"] for one in names.values()))
            rows = [
                (one["place"], one["slug"], f"{one['score']:.1f}", *(f"{one['parts'][name]:.0%}" for name in names))
                for one in ranked[table]
            ]
            print_table(title, columns, rows)
    for one in ranked["unranked"]:
        click.echo(f"Not ranked: {one['slug']}, unknown: {', '.join(names[name]['en'] for name in one['unknown'])}")


def _print_perseverance(kept: Mapping[str, Any], claimed: str) -> None:
    if not kept["rows"]:
        return
    first, last = kept["quarters"][0], kept["quarters"][-1]
    parts = kept["weights"]
    columns = (
        *("portal", "score", "quarters observed", "with an update"),
        *(one["en"] for one in parts.values()),
        f"quarters {claimed}",
    )
    rows = [
        (
            one["slug"],
            "unknown" if one["score"] is None else f"{one['score']:.1f}",
            one["quarters_observed"],
            one["quarters_updated"],
            *("unknown" if one["parts"][name] is None else f"{one['parts'][name]:.0%}" for name in parts),
            one["claimed_quarters"],
        )
        for one in kept["rows"]
    ]
    print_table(f"Keeps at it, {first} to {last}, version {kept['version']}", columns, rows)
    for one in kept["rows"]:
        if one.get("recorded_by"):
            click.echo(f"{one['slug']}: observed before us by {cell(', '.join(one['recorded_by']))}")
