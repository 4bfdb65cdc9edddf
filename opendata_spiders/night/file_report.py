"""What a night of file checks prints: a line for each portal, and a table at the end."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.markup import escape
from rich.table import Table

from opendata_spiders.files.failures import classes
from opendata_spiders.night.file_plan import FilePlan, title_of
from opendata_spiders.night.report import folding
from opendata_spiders.store.file_checks import PREVIEW, FileOutcome, FileRound

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
    table = folding("the files of watched datasets", ("portal", "dataset", "files", "outcome"), right="files")
    for one in datasets:
        lines = [f"[{_OUTCOMES[counted.outcome]}]{_words(counted)}[/]" for counted in one.outcomes]
        lines = lines or ["[yellow]lists no files[/]"]
        if one.preview:
            rows = "rows not shown" if one.preview.rows is None else f"{one.preview.rows:,} rows"
            lines.append(f"[green]preview: {one.preview.columns} columns, {rows}[/]")
        table.add_row(one.slug, escape(one.title), str(one.files), "\n".join(lines))
    return table


def _words(counted: OutcomeCount) -> str:
    reason = f": {counted.why} ({classes()[counted.why].en})" if counted.why else ""
    return f"{counted.count} {counted.outcome}{reason}"
