"""What a night of crawls prints: the plan, a line for each portal, and tables at the end, for people and as JSON."""

from collections.abc import Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from opendata_spiders.night.crawl_plan import NightPlan
from opendata_spiders.night.crawl_run import BrokenNight
from opendata_spiders.night.values import Result
from opendata_spiders.store.models import Verdict

_VERDICTS = {
    Verdict.COMPLETE: "green",
    Verdict.PARTIAL: "yellow",
    Verdict.EMPTY: "cyan",
    Verdict.BLOCKED: "red",
    Verdict.DRIFTED: "magenta",
    Verdict.UNREACHABLE: "bright_black",
    Verdict.FAILED: "bold red",
}


def plan_rows(plan: NightPlan) -> list[dict[str, Any]]:
    """The plan as JSON: one object a host group."""
    return [
        {"host": group.host, "portals": [portal.slug for portal in group.portals], "requests": group.requests}
        | {"minutes": round(group.minutes, 1)}
        for group in plan.groups
    ]


def plan_table(plan: NightPlan, hosts: int) -> Table:
    """Make the table of a planned night of crawls: one row a host group."""
    title = f"{len(plan.portals)} portals on {len(plan.groups)} hosts"
    table = Table("host", "portals", title=title, caption=plan.caption(hosts))
    table.add_column("requests", justify="right")
    table.add_column("minutes", justify="right")
    for group in plan.groups:
        names = ", ".join(portal.slug for portal in group.portals[:4])
        more = f" +{len(group.portals) - 4}" if len(group.portals) > 4 else ""
        table.add_row(group.host, names + more, f"{group.requests:,}", f"{group.minutes:.0f}")
    return table


def goes_on(before: BrokenNight, plan: NightPlan) -> str:
    """Say in one line that a night is gone on with that was broken off."""
    return (
        f"the night of {before.started:%Y-%m-%d %H:%M} UTC was broken off after {len(before.verdicts)} of "
        f"{len(plan.portals)} portals: the others are left to be read (--again reads all)"
    )


def result_line(result: Result) -> str:
    """Say in one line how a crawl ended."""
    return f"[{_VERDICTS[result.verdict]}]{result.verdict:<12}[/] {result.slug} ({result.seconds:.0f} s)"


def verdict_table(results: Sequence[Result]) -> RenderableType:
    """Make the table of results of a night of crawls: one row a portal, below it where the logs are.

    Only a night of several machines has several folders of logs, and then a column that says which.
    """
    folders = sorted({str(result.log.parent) for result in results})
    columns = ("portal", "verdict", "seconds", *(("logs in",) if len(folders) > 1 else ()))
    table = folding("the night's verdicts", columns, right="seconds")
    for result in results:
        verdict = f"[{_VERDICTS[result.verdict]}]{result.verdict}[/]"
        cells = result.slug, verdict, f"{result.seconds:.0f}", str(result.log.parent)
        table.add_row(*cells[: len(columns)])
    if len(folders) == 1:
        return Group(table, Text(f"the log of each: {folders[0]}/PORTAL.log", no_wrap=True, overflow="ignore"))
    return table


def folding(title: str, columns: Sequence[str], *, right: str) -> Table:
    """Make an empty table whose long cells are folded, never cut."""
    table = Table(title=title)
    for column in columns:
        table.add_column(column, justify="right" if column == right else "left", overflow="fold")
    return table
