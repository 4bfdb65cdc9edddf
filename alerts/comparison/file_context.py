"""What all rules about one round of file checks share."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from alerts.comparison.event_builder import Draft
from alerts.comparison.run_view import Entries, Lens, ManifestReader
from alerts.model.file_states import Bundle
from alerts.model.policy import EventPolicy
from opendata_spiders.store.file_checks import LIST, PREVIEW, FileCheck, FileOutcome, FileRound


@dataclass(frozen=True, slots=True)
class RoundView:
    """One round of file checks, with all that its fold may read."""

    run: FileRound
    reader: ManifestReader
    lens: Lens
    entries: Entries = field(default_factory=dict)
    """The checked datasets as the portal last listed them before the round, by native id."""
    excused: bool = False
    """Our own internet connection failed that night, or the whole portal was unreachable: no file counts as failed."""
    owner: str = ""

    @property
    def slug(self) -> str:
        return self.run.slug

    @property
    def part(self) -> str:
        return self.run.portal


@dataclass(frozen=True, slots=True)
class RoundStep:
    """One round and the thresholds."""

    view: RoundView
    policy: EventPolicy

    @property
    def round(self) -> FileRound:
        return self.view.run

    def another_day(self, since: Any) -> bool:
        """Whether this round was made on another day (in the portal's time zone) than the time `since`."""
        return self.view.lens.day(since) != self.view.lens.day(self.round.at)


@dataclass(frozen=True)
class Looks:
    """The checks of one round for one dataset."""

    checks: Mapping[str, FileCheck]
    """By file id; includes the list of files (LIST) and the preview if the round has checks of them."""

    @cached_property
    def files(self) -> Mapping[str, FileCheck]:
        """The checks of files only."""
        return {name: check for name, check in self.checks.items() if check.is_file}

    @property
    def preview(self) -> FileCheck | None:
        """The check of the table that the portal shows without a download."""
        return self.checks.get(PREVIEW)

    @cached_property
    def listed(self) -> bool:
        """Whether the list of files was read, so that a file that is not in it is missing."""
        told = self.checks.get(LIST)
        if told is not None:
            return told.outcome is FileOutcome.OK
        return any(one.outcome is not FileOutcome.UNSEEN for one in self.files.values())

    def of(self, bundle: Bundle) -> "Looks":
        """The checks without unknown files: named, but in no list that was read, and not checked."""
        if self.listed:
            return self
        seen = {
            name: check
            for name, check in self.checks.items()
            if name == LIST or name in bundle.files or check.outcome is not FileOutcome.UNSEEN
        }
        return Looks(seen)

    @cached_property
    def whole(self) -> bool:
        """Whether there are files and all of them, and their list, were found whole."""
        looked = [check for name, check in self.checks.items() if name != PREVIEW]
        return bool(self.files) and all(one.outcome is FileOutcome.OK for one in looked)


def by_dataset(checks: Iterable[FileCheck]) -> dict[str, Looks]:
    """The checks of a round by dataset; of two checks of one file the later one counts."""
    found: dict[str, dict[str, FileCheck]] = {}
    for check in checks:
        found.setdefault(check.dataset, {})[check.file] = check
    return {dataset: Looks(mine) for dataset, mine in found.items()}


def file_draft(kind: str, bundle: Bundle, evidence: Mapping[str, Any], **more: Any) -> Draft:
    """An event about a watched dataset or one of its files."""
    return Draft(kind, bundle.dataset, bundle.version or None, evidence=evidence, **more)
