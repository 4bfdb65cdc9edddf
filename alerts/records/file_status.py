"""The last known state of the files of a watched dataset; a file never checked is "not observed", not "whole"."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from alerts.model.file_states import FileMemory, FileState
from opendata_spiders.store.file_checks import LIST, PREVIEW, FileOutcome

NOT_OBSERVED = "not observed"


@dataclass(frozen=True, slots=True)
class FileStatus:
    """The last known state of one file."""

    file: str
    """The portal's id of the file; empty: the list of files itself."""
    name: str
    state: str
    """whole, failed, broken (failed often enough to be stated), or not observed."""
    why: str
    """Class of the failure, or why the file was not checked."""
    since: datetime | None
    """Time of the first failure for that reason."""
    checked: datetime | None
    """Time of the last check."""


def file_statuses(memory: FileMemory, dataset: str) -> list[FileStatus]:
    """Every known file of the dataset, and its list of files only where that is not whole; never the preview."""
    bundle = memory.bundles.get(dataset)
    states = bundle.files.values() if bundle else ()
    found = [_status(state, memory) for state in states if state.file != PREVIEW]
    return [one for one in found if one.file != LIST or one.state != "whole"]


def _status(state: FileState, memory: FileMemory) -> FileStatus:
    last, failing = state.last, state.failing
    if last is None:
        return FileStatus(state.file, state.name, NOT_OBSERVED, state.unseen, None, None)
    if last.outcome is FileOutcome.OK:
        return FileStatus(state.file, state.name, "whole", "", None, last.at)
    broken = bool(failing and failing.stated) or bool(memory.down and memory.down.stated)
    return FileStatus(
        state.file, state.name, "broken" if broken else "failed", last.why, failing.at if failing else last.at, last.at
    )


def summary(files: Sequence[FileStatus]) -> str:
    """`2 whole, 1 broken (not_found since 2026-11-20), 1 not observed (login); checked 2026-11-23`; dates are UTC."""
    checked = [one.checked for one in files if one.checked]
    if not checked:
        reasons = sorted({one.why for one in files if one.why})
        return f"{NOT_OBSERVED} ({'; '.join(reasons)})" if reasons else NOT_OBSERVED
    parts = [_counted(files, state) for state in ("whole", "failed", "broken", NOT_OBSERVED)]
    return f"{', '.join(part for part in parts if part)}; checked {max(checked):%Y-%m-%d}"


def _counted(files: Sequence[FileStatus], state: str) -> str:
    same = [one for one in files if one.state == state]
    reasons = {f"{one.why} since {one.since:%Y-%m-%d}" if one.since else one.why for one in same if one.why}
    return f"{len(same)} {state}" + (f" ({'; '.join(sorted(reasons))})" if reasons else "") if same else ""
