"""What a night prints: the plan, a line for each portal, and tables at the end, for people and as JSON."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from rich.markup import escape
from rich.table import Table

from opendata_spiders.files.failures import classes
from opendata_spiders.night.crawl_plan import NightPlan
from opendata_spiders.night.crawl_run import BrokenNight
from opendata_spiders.night.file_plan import FilePlan, title_of
from opendata_spiders.night.values import Result
from opendata_spiders.store.file_checks import PREVIEW, FileOutcome, FileRound
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
_OUTCOMES = {FileOutcome.OK: "green", FileOutcome.FAILED: "red", FileOutcome.UNSEEN: "yellow"}


@dataclass(frozen=True, slots=True)
class OutcomeCount:
    """How many files of a dataset had one outcome for one reason."""

    outcome: FileOutcome
    why: str
    count: int


@dataclass(frozen=True, slots=True)
class ShownTable:
    """What the portal shows of a dataset's table without a download."""

    columns: int
    rows: int | None


@dataclass(frozen=True, slots=True)
class LookedDataset:
    """The results of a night's checks of the files of one dataset."""

    slug: str
    dataset: str
    title: str
    files: int
    outcomes: Sequence[OutcomeCount]
    """The list of files is among them only if something is wrong with it."""
    preview: ShownTable | None = None


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
        f"{len(plan.portals)} portals: the others are read now (--again reads all)"
    )


def result_line(result: Result) -> str:
    """Say in one line how a crawl ended."""
    return f"[{_VERDICTS[result.verdict]}]{result.verdict:<12}[/] {result.slug} ({result.seconds:.0f} s)"


def verdict_table(results: Sequence[Result]) -> Table:
    """Make the table of results of a night of crawls: one row a portal."""
    table = _folding("the night's verdicts", ("portal", "verdict", "seconds", "log"), right="seconds")
    table.caption = "logs of single portals: see the last column"
    for result in results:
        verdict = f"[{_VERDICTS[result.verdict]}]{result.verdict}[/]"
        table.add_row(result.slug, verdict, f"{result.seconds:.0f}", str(result.log))
    return table


def round_line(looked: FileRound) -> str:
    """Say in one line how a portal's round of file checks went."""
    counts = Counter(check.outcome for check in looked.checks if check.is_file or check.outcome is not FileOutcome.OK)
    parts = [f"[{_OUTCOMES[outcome]}]{counts[outcome]} {outcome}[/]" for outcome in FileOutcome if counts[outcome]]
    return f"{looked.slug}: {', '.join(parts) or 'no files'}"


def looked_datasets(rounds: Iterable[FileRound], plan: FilePlan) -> list[LookedDataset]:
    """Sum up a night of file checks by dataset."""
    titles = {(due.portal.id, dataset.id): title_of(dataset) for due in plan.due for dataset in due.datasets}
    found = []
    for looked in rounds:
        for dataset in dict.fromkeys(check.dataset for check in looked.checks):
            checks = [check for check in looked.checks if check.dataset == dataset]
            counts = Counter((check.outcome, check.why) for check in checks if check.is_file or check.why)
            outcomes = [OutcomeCount(*reason, count) for reason, count in counts.items()]
            files = sum(check.is_file for check in checks)
            title = titles.get((looked.portal, dataset), dataset)
            shown = [
                ShownTable(len(check.columns), check.rows)
                for check in checks
                if check.file == PREVIEW and check.outcome is FileOutcome.OK
            ]
            found.append(LookedDataset(looked.slug, dataset, title, files, outcomes, shown[0] if shown else None))
    return found


def file_table(datasets: Iterable[LookedDataset]) -> Table:
    """Make the table of results of a night of file checks: one row a dataset."""
    table = _folding("the files of watched datasets", ("portal", "dataset", "files", "outcome"), right="files")
    for one in datasets:
        lines = [f"[{_OUTCOMES[counted.outcome]}]{_words(counted)}[/]" for counted in one.outcomes]
        lines = lines or ["[yellow]lists no files[/]"]
        if one.preview:
            rows = "rows not shown" if one.preview.rows is None else f"{one.preview.rows:,} rows"
            lines.append(f"[green]preview: {one.preview.columns} columns, {rows}[/]")
        table.add_row(one.slug, escape(one.title), str(one.files), "\n".join(lines))
    return table


def _folding(title: str, columns: Sequence[str], *, right: str) -> Table:
    """Make an empty table whose long cells are folded, never cut."""
    table = Table(title=title)
    for column in columns:
        table.add_column(column, justify="right" if column == right else "left", overflow="fold")
    return table


def _words(counted: OutcomeCount) -> str:
    reason = f": {counted.why} ({classes()[counted.why].en})" if counted.why else ""
    return f"{counted.count} {counted.outcome}{reason}"
