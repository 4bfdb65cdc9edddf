"""The fold of rounds: from the memory of a portal's files and one more round of file checks to the new memory.

Pure, like the fold of runs: the same memory and round always give the same events; a round folded before changes
nothing. If a dataset's files cause an exception, its state stays as it was, and the other datasets are folded.
"""

from dataclasses import dataclass, replace

from alerts.comparison.event_builder import Draft, state_events
from alerts.comparison.file_context import Looks, RoundStep, RoundView, by_dataset
from alerts.model.events import Event
from alerts.model.file_states import Bundle, FileMemory
from alerts.model.policy import EventPolicy
from alerts.records.isolation import apart
from alerts.rules.fake_updates import draft_fake_updates_of_files
from alerts.rules.replaced_files import succeeded
from alerts.rules.resource_broken import draft_broken_files, judge_host, only_noted
from alerts.rules.row_counts import draft_counted_rows
from alerts.rules.schema_changed import draft_schema_changes
from opendata_spiders.store.file_checks import FileOutcome

EXCUSED = "portal_out_of_reach"
"""Why a failed file counts as not checked if the whole portal, or our own internet connection, failed that night."""


@dataclass(frozen=True, slots=True)
class FilesFolded:
    """The result of folding a round."""

    memory: FileMemory
    events: tuple[Event, ...] = ()


def fold_round(memory: FileMemory, view: RoundView, policy: EventPolicy) -> FilesFolded:
    """Fold one round into the memory. A round not after the last folded one changes nothing."""
    if view.run.seq <= memory.last_seq:
        return FilesFolded(memory)
    view = _without_blame(view) if view.excused else view
    memory, drafts = _looked(memory, RoundStep(view, policy))
    return FilesFolded(_seen(memory, view), state_events(drafts, view))


def _without_blame(view: RoundView) -> RoundView:
    """The round with every failed check replaced by one that was not made."""
    checks = (
        replace(one, outcome=FileOutcome.UNSEEN, why=EXCUSED) if one.outcome is FileOutcome.FAILED else one
        for one in view.run.checks
    )
    return replace(view, run=replace(view.run, checks=tuple(checks)))


def _looked(memory: FileMemory, step: RoundStep) -> tuple[FileMemory, list[Draft]]:
    host = judge_host(memory, step)
    bundles, drafts = dict(memory.bundles), list(host.drafts)
    for dataset, shown in by_dataset(step.round.checks).items():
        with apart("files", f"{step.round.slug}:{dataset}"):
            bundle = succeeded(_named(bundles.get(dataset, Bundle(dataset)), step), shown)
            looks = shown.of(bundle)
            bundles[dataset], said = (
                (only_noted(bundle, looks, step), []) if host.whole_host else _told(bundle, looks, step)
            )
            drafts += said
    return replace(memory, bundles=bundles, down=host.down), drafts


def _named(bundle: Bundle, step: RoundStep) -> Bundle:
    entry = step.view.entries.get(bundle.dataset)
    return replace(bundle, version=entry.version) if entry else bundle


def _told(bundle: Bundle, looks: Looks, step: RoundStep) -> tuple[Bundle, list[Draft]]:
    drafts: list[Draft] = []
    for tell in (draft_broken_files, draft_schema_changes, draft_counted_rows, draft_fake_updates_of_files):
        bundle, said = tell(bundle, looks, step)
        drafts += said
    return bundle, drafts


def _seen(memory: FileMemory, view: RoundView) -> FileMemory:
    run = view.run
    return replace(memory, slug=run.slug, last_round=run.id, last_seq=run.seq, last_at=run.at)
