"""Tables whose fields changed, told when a look on another day shows the same fields."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from alerts.comparison.event_builder import Draft
from alerts.comparison.file_context import Looks, RoundStep, file_draft
from alerts.model.events import Severity
from alerts.model.file_states import Bundle, FileState, Header
from alerts.model.policy import EventPolicy
from alerts.rules.file_header import FieldsChange, fields_change, is_header, is_same_table
from opendata_spiders.store.file_checks import FileCheck, FileOutcome


@dataclass(frozen=True, slots=True)
class _Changed:
    """One file whose fields changed."""

    state: FileState
    """As it is now."""
    before: Header
    first: Header
    """The new header, as of the round that showed it first."""
    change: FieldsChange
    url: str


def tell_schema(bundle: Bundle, looks: Looks, step: RoundStep) -> tuple[Bundle, list[Draft]]:
    """Take in the headers; one event for all files of the dataset that changed alike."""
    files, found = dict(bundle.files), list[_Changed]()
    for name, check in looks.files.items():
        if check.outcome is FileOutcome.OK and is_header(check.columns, step.policy):
            files[name], changed = _one(files[name], check, step)
            found += [changed] if changed else []
    alike: dict[FieldsChange, list[_Changed]] = defaultdict(list)
    for one in found:
        alike[one.change].append(one)
    return replace(bundle, files=files), [_draft(bundle, group, step) for group in alike.values()]


def _one(state: FileState, check: FileCheck, step: RoundStep) -> tuple[FileState, _Changed | None]:
    """The first header is the baseline; another one counts from the second day on."""
    shown = Header(check.columns, step.round.id, step.round.at)
    known, other = state.header, state.other
    if known is None or not fields_change(known.columns, shown.columns, step.policy):
        return replace(state, header=known or shown, other=None), None
    if other is None or fields_change(other.columns, shown.columns, step.policy):
        return replace(state, other=shown), None
    if not step.another_day(other.at):
        return state, None
    now = replace(state, header=replace(other, columns=shown.columns), other=None)
    change = _told(known, shown, step.policy)
    return now, _Changed(now, known, other, change, check.url) if change else None


def _told(before: Header, after: Header, policy: EventPolicy) -> FieldsChange:
    """What is to be told of it; nothing where it is another table."""
    change = fields_change(before.columns, after.columns, policy)
    return change if is_same_table(before.columns, after.columns, change, policy) else FieldsChange()


def _draft(bundle: Bundle, alike: Sequence[_Changed], step: RoundStep) -> Draft:
    one, change = alike[0], alike[0].change
    evidence = {
        "added": change.added,
        "removed": change.removed,
        "renamed": [f"{old} → {new}" for old, new in change.renamed],
        "breaking": change.breaking,
        "files": [each.state.name or each.state.file for each in alike],
        "file_ids": [each.state.file for each in alike],
        "before": one.before.columns,
        "after": one.first.columns,
        "url": one.url,
        "rounds": [one.before.round, one.first.round, step.round.id],
    }
    return file_draft(
        "dataset.schema_changed",
        bundle,
        evidence,
        subject=f"{bundle.dataset}\n{one.state.file}",
        episode=one.first.round,
        since=one.first.at,
        severity=None if change.breaking else Severity.QUIET,
    )
