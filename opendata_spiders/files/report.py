"""The table a night of looks ends with."""

from collections import Counter
from collections.abc import Iterable, Mapping

from rich.markup import escape
from rich.table import Table

from opendata_spiders.files.failures import classes
from opendata_spiders.store.file_checks import FileCheck, FileOutcome, FileRound

_COLOURS = {FileOutcome.OK: "green", FileOutcome.FAILED: "red", FileOutcome.UNSEEN: "yellow"}


def line(looked: FileRound) -> str:
    """Say in one line how a portal's round went."""
    counts = Counter(check.outcome for check in looked.checks if check.file or check.outcome is not FileOutcome.OK)
    parts = [f"[{_COLOURS[outcome]}]{counts[outcome]} {outcome}[/]" for outcome in FileOutcome if counts[outcome]]
    return f"{looked.slug}: {', '.join(parts) or 'no files'}"


def table(rounds: Iterable[FileRound], titles: Mapping[tuple[str, str], str]) -> Table:
    """Make the table: one row a dataset; `titles` by portal and dataset."""
    made = Table(title="the files of watched datasets")
    for column in ("portal", "dataset", "files", "outcome"):
        made.add_column(column, justify="right" if column == "files" else "left", overflow="fold")
    for looked in rounds:
        for dataset, checks in _by_dataset(looked).items():
            title = titles.get((looked.portal, dataset), dataset)
            files = sum(bool(check.file) for check in checks)
            made.add_row(looked.slug, escape(title), str(files), _outcome(checks))
    return made


def _by_dataset(looked: FileRound) -> Mapping[str, list[FileCheck]]:
    found: dict[str, list[FileCheck]] = {}
    for check in looked.checks:
        found.setdefault(check.dataset, []).append(check)
    return found


def _outcome(checks: list[FileCheck]) -> str:
    """Count outcomes with their reasons; the list of files is mentioned only if something is wrong with it."""
    counts = Counter((check.outcome, check.why) for check in checks if check.file or check.why)
    if not counts:
        return "[yellow]lists no files[/]"
    return "\n".join(f"[{_COLOURS[outcome]}]{_words(outcome, why, n)}[/]" for (outcome, why), n in counts.items())


def _words(outcome: FileOutcome, why: str, count: int) -> str:
    return f"{count} {outcome}: {why} ({classes()[why].en})" if why else f"{count} {outcome}"
