"""What a night prints: the plan, a line as each portal ends, and the tables it ends with."""

from collections import Counter
from collections.abc import Iterable, Sequence

from rich.markup import escape
from rich.table import Table

from opendata_spiders.files.failures import classes
from opendata_spiders.night.crawl_plan import NightPlan
from opendata_spiders.night.crawl_run import Result
from opendata_spiders.night.file_plan import FilePlan, title_of
from opendata_spiders.store.file_checks import PREVIEW, FileCheck, FileOutcome, FileRound
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


def plan_table(plan: NightPlan, hosts: int) -> Table:
    """Make the table of a night of crawls before it begins: one row a host group."""
    title = f"{len(plan.portals)} portals on {len(plan.groups)} hosts"
    table = Table("host", "portals", title=title, caption=plan.caption(hosts))
    table.add_column("requests", justify="right")
    table.add_column("minutes", justify="right")
    for group in plan.groups:
        names = ", ".join(portal.slug for portal in group.portals[:4])
        more = f" +{len(group.portals) - 4}" if len(group.portals) > 4 else ""
        table.add_row(group.host, names + more, f"{group.requests:,}", f"{group.minutes:.0f}")
    return table


def result_line(result: Result) -> str:
    """Say in one line how a crawl ended."""
    return f"[{_VERDICTS[result.verdict]}]{result.verdict:<12}[/] {result.slug} ({result.seconds:.0f} s)"


def verdict_table(results: Sequence[Result]) -> Table:
    """Make the table a night of crawls ends with: one row a portal, the best verdicts first."""
    table = _folding("the night's verdicts", ("portal", "verdict", "seconds", "log"), right="seconds")
    table.caption = "logs of single portals: see the last column"
    for result in sorted(results, key=lambda one: (one.verdict.exit_status, one.slug)):
        verdict = f"[{_VERDICTS[result.verdict]}]{result.verdict}[/]"
        table.add_row(result.slug, verdict, f"{result.seconds:.0f}", str(result.log))
    return table


def round_line(looked: FileRound) -> str:
    """Say in one line how a portal's round of looks went."""
    counts = Counter(check.outcome for check in looked.checks if check.is_file or check.outcome is not FileOutcome.OK)
    parts = [f"[{_OUTCOMES[outcome]}]{counts[outcome]} {outcome}[/]" for outcome in FileOutcome if counts[outcome]]
    return f"{looked.slug}: {', '.join(parts) or 'no files'}"


def file_table(rounds: Iterable[FileRound], plan: FilePlan) -> Table:
    """Make the table a night of looks ends with: one row a dataset."""
    titles = {(due.portal.id, dataset.id): title_of(dataset) for due in plan.due for dataset in due.datasets}
    table = _folding("the files of watched datasets", ("portal", "dataset", "files", "outcome"), right="files")
    for looked in rounds:
        for dataset in dict.fromkeys(check.dataset for check in looked.checks):
            checks = [check for check in looked.checks if check.dataset == dataset]
            title = escape(titles.get((looked.portal, dataset), dataset))
            table.add_row(looked.slug, title, str(sum(check.is_file for check in checks)), _outcome(checks))
    return table


def _folding(title: str, columns: Sequence[str], *, right: str) -> Table:
    """Make an empty table whose long cells are folded, never cut."""
    table = Table(title=title)
    for column in columns:
        table.add_column(column, justify="right" if column == right else "left", overflow="fold")
    return table


def _outcome(checks: Sequence[FileCheck]) -> str:
    """Count outcomes with their reasons; the list of files is mentioned only if something is wrong with it."""
    counts = Counter((check.outcome, check.why) for check in checks if check.is_file or check.why)
    lines = [f"[{_OUTCOMES[outcome]}]{_words(outcome, why, n)}[/]" for (outcome, why), n in counts.items()]
    return "\n".join([*(lines or ["[yellow]lists no files[/]"]), *map(_preview, filter(_is_shown, checks))])


def _is_shown(check: FileCheck) -> bool:
    return check.file == PREVIEW and check.outcome is FileOutcome.OK


def _preview(check: FileCheck) -> str:
    rows = "rows not shown" if check.rows is None else f"{check.rows:,} rows"
    return f"[green]preview: {len(check.columns)} columns, {rows}[/]"


def _words(outcome: FileOutcome, why: str, count: int) -> str:
    return f"{count} {outcome}: {why} ({classes()[why].en})" if why else f"{count} {outcome}"
