"""Tables whose fields changed: `dataset.schema_changed`, one event for all files that changed alike.

Reported when file checks on two different days show the same new header; with severity quiet if fields were only added.
If no file has shown a header, the columns that the portal shows without a download are used. Not reported: order, case,
width and blanks of names; a first row that is no header (cells blank, repeated or data); a file that holds another
table.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from rapidfuzz import fuzz

from alerts.comparison.event_builder import Draft
from alerts.comparison.file_context import Looks, RoundStep, file_draft
from alerts.model.events import Severity
from alerts.model.file_states import Bundle, FileState, Header
from alerts.model.policy import EventPolicy
from alerts.rules.title_matching import disjoint
from opendata_spiders import normalise
from opendata_spiders.store.file_checks import PREVIEW, FileCheck, FileOutcome

_NUMBER = re.compile(r"[-+±]?[\d,，]*\.?\d+(e[-+]?\d+)?[%％‰]?", re.IGNORECASE)
_YEAR = re.compile(r"(19|20)\d\d")
_DATE = re.compile(r"\d{4}[-/.年]\d{1,2}([-/.月]\d{1,2}日?)?([T ].*)?")
_ADDRESS = re.compile(r"(https?://|www\.)\S+|\S+@\S+\.\S+", re.IGNORECASE)
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class FieldsChange:
    """The differences between two headers, in the portal's own spelling; order and notation are ignored."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()
    """Old and new name."""

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.renamed)

    @property
    def breaking(self) -> bool:
        """Whether a program that reads the file by field names may fail."""
        return bool(self.removed or self.renamed)


def is_header(columns: Sequence[str], policy: EventPolicy) -> bool:
    """Whether a first row can be a header: no cell is blank, repeated, or looks like data."""
    keys = [normalise.title_key(one) for one in columns]
    return (
        bool(keys) and all(keys) and len(set(keys)) == len(keys) and not any(_is_data(one, policy) for one in columns)
    )


def _is_data(cell: str, policy: EventPolicy) -> bool:
    text = cell.strip()
    number = _NUMBER.fullmatch(text) and not _YEAR.fullmatch(text)
    return bool(number or _DATE.fullmatch(text) or _ADDRESS.fullmatch(text)) or len(text) > policy.schema_cell


def fields_change(before: Sequence[str], after: Sequence[str], policy: EventPolicy) -> FieldsChange:
    """Fields added, removed and renamed; names that differ only in width, case, blanks or brackets are the same."""
    old, new = ({normalise.title_key(one): one for one in columns} for columns in (before, after))
    gone, came = [old[key] for key in old if key not in new], [new[key] for key in new if key not in old]
    # Pairs of a removed and an added field, the most similar first.
    scored = sorted(
        (-fuzz.ratio(normalise.title_key(went), normalise.title_key(now)), went, now)
        for went in gone
        for now in came
        if _DIGITS.findall(went) == _DIGITS.findall(now)
    )
    renamed = tuple(disjoint((went, now) for score, went, now in scored if -score >= policy.schema_rename))
    was, now = {pair[0] for pair in renamed}, {pair[1] for pair in renamed}
    return FieldsChange(
        tuple(one for one in came if one not in now), tuple(one for one in gone if one not in was), renamed
    )


def is_same_table(before: Sequence[str], after: Sequence[str], change: FieldsChange, policy: EventPolicy) -> bool:
    """Whether enough of the shorter header is kept; if not, the file holds another table, or no header at all."""
    kept = len(after) - len(change.added)
    return kept >= policy.schema_kept * min(len(before), len(after))


@dataclass(frozen=True, slots=True)
class _Changed:
    """One file whose fields changed."""

    state: FileState
    """Its state after this round."""
    before: Header
    first: Header
    """The new header, as of the round that showed it first."""
    change: FieldsChange
    url: str


def draft_schema_changes(bundle: Bundle, looks: Looks, step: RoundStep) -> tuple[Bundle, list[Draft]]:
    """Add the headers of a round; one event for all files of the dataset that changed alike."""
    files, found = dict(bundle.files), list[_Changed]()
    for name, check in _tables(bundle, looks).items():
        if check.outcome is FileOutcome.OK and is_header(check.columns, step.policy):
            files[name], changed = _one_file(files[name], check, step)
            found += [changed] if changed else []
    alike: dict[FieldsChange, list[_Changed]] = defaultdict(list)
    for one in found:
        alike[one.change].append(one)
    return replace(bundle, files=files), [_draft(bundle, group, step) for group in alike.values()]


def _tables(bundle: Bundle, looks: Looks) -> Mapping[str, FileCheck]:
    """The checks whose columns are compared: those of the files, or the preview if no file has shown any columns."""
    known = any(state.header for name, state in bundle.files.items() if name != PREVIEW)
    if looks.preview is None or known or any(check.columns for check in looks.files.values()):
        return looks.files
    return {PREVIEW: looks.preview}


def _one_file(state: FileState, check: FileCheck, step: RoundStep) -> tuple[FileState, _Changed | None]:
    """The first header is the baseline; a different one counts once it is seen on a second day."""
    shown = Header(check.columns, step.round.id, step.round.at)
    known, other = state.header, state.other
    if known is None or not fields_change(known.columns, shown.columns, step.policy):
        return replace(state, header=known or shown, other=None), None
    if other is None or fields_change(other.columns, shown.columns, step.policy):
        return replace(state, other=shown), None
    if not step.another_day(other.at):
        return state, None
    now = replace(state, header=replace(other, columns=shown.columns), other=None)
    change = fields_change(known.columns, shown.columns, step.policy)
    if not is_same_table(known.columns, shown.columns, change, step.policy):
        return now, None
    return now, _Changed(now, known, other, change, check.url)


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
