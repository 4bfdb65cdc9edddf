"""Fields that are rewritten on a large part of the catalogue at once: `platform.rewritten`, no update of any dataset.

Reported once for the same edit on a large part of the rows read (`restamp_share`, `rewritten_floor`), and for a field
that changes in different ways on as many datasets as a restamp needs. Not reported: an edit that changes digits;
frequencies and open types (stated for each dataset); titles without a common edit; and an edit that was reported before
and shows on rows read later.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from alerts.comparison.context import RunContext
from alerts.comparison.event_builder import Draft
from alerts.comparison.run_view import trimmed
from alerts.model.states import PortalState, Rewriting
from alerts.rules.dataset_changed import Change
from alerts.rules.field_meaning import FieldChange
from alerts.rules.title_matching import DIGITS
from opendata_spiders import normalise

_OWN_EVENT = frozenset(("frequency", "open_type"))
"""Stated for each dataset even if all change: a promise or a condition of use is given for each dataset."""
_NAMES = frozenset(("title",))
"""Stated for each dataset unless the edit is the same on all: a count does not tell the new titles."""

Edit = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Rewritten:
    """One field that was rewritten in bulk."""

    field: str
    datasets: frozenset[str]
    edit: Edit | None = None
    """The removed and the inserted text, normalised, if they are the same on all datasets."""
    shown: Edit | None = None
    """The same edit as the portal writes it on most of the datasets."""
    known: bool = False
    """Whether the edit was reported in an earlier run."""

    @property
    def is_told(self) -> bool:
        """Whether one event is stated for all of them."""
        return self.field not in _OWN_EVENT and (self.edit is not None or self.field not in _NAMES)


def find_rewritten(changes: Iterable[Change], listed: int, rows: int, step: RunContext) -> list[Rewritten]:
    """Common edits on at least restamp_share of the `rows` read and rewritten_floor datasets; then whole fields.

    If the remaining changes of a field are still as many as a restamp needs, the field was rewritten in different ways.
    An edit that changes digits is no rewriting, because another year or number is another meaning.
    """
    fields: dict[str, dict[str, FieldChange]] = defaultdict(dict)
    for change in changes:
        for name, one in change.fields.items():
            fields[name][change.dataset] = one
    found: list[Rewritten] = []
    for name, changed in fields.items():
        equal = _equal(name, changed, rows, step)
        left = frozenset(changed).difference(*(one.datasets for one in equal))
        found += equal
        if len(left) >= step.policy.mass_limit(min(listed, step.state.size)):
            found.append(Rewritten(name, left))
    return found


def _equal(name: str, changed: Mapping[str, FieldChange], rows: int, step: RunContext) -> list[Rewritten]:
    least = max(step.policy.rewritten_floor, step.policy.restamp_share * rows)
    known = {(one.gone, one.came) for one in _recent(step) if one.field == name}
    if len(changed) < least and not known:
        return []
    edits: dict[Edit, set[str]] = defaultdict(set)
    for dataset, one in changed.items():
        if edit := edit_of(one):
            edits[edit].add(dataset)
    found = []
    for edit, datasets in edits.items():
        if edit in known or len(datasets) >= least:
            many = (changed[one] for one in sorted(datasets))
            written = Counter(trimmed(_text(one.before), _text(one.after)) for one in many).most_common(1)[0][0]
            found.append(Rewritten(name, frozenset(datasets), edit, written, known=edit in known))
    return found


def edit_of(change: FieldChange) -> Edit | None:
    """The removed and the inserted text, normalised; None where digits differ."""
    if isinstance(change.before, list) or isinstance(change.after, list):
        old, new = normalise.senses(change.before), normalise.senses(change.after)
        edit = ("、".join(sorted(old - new)), "、".join(sorted(new - old)))
    else:
        edit = trimmed(normalise.sense(change.before), normalise.sense(change.after))
    return edit if DIGITS.findall(edit[0]) == DIGITS.findall(edit[1]) else None


def _text(value: Any) -> str:
    return "、".join(value) if isinstance(value, list) else value or ""


def _recent(step: RunContext) -> tuple[Rewriting, ...]:
    oldest = step.run.at - 2 * normalise.detail_sweep()
    return tuple(one for one in step.state.rewritings if one.at > oldest)


def without_rewritten(changes: Iterable[Change], rewritten: Iterable[Rewritten]) -> list[Change]:
    """The changes without what one event states; a field rewritten in bulk is no content change of a single dataset."""
    by_dataset: dict[str, list[Rewritten]] = defaultdict(list)
    for one in rewritten:
        for dataset in one.datasets:
            by_dataset[dataset].append(one)
    left = []
    for change in changes:
        if own := by_dataset.get(change.dataset):
            told = {one.field for one in own if one.is_told}
            fields = {name: one for name, one in change.fields.items() if name not in told}
            left.append(replace(change, fields=fields, mass=change.mass | {one.field for one in own}))
        else:
            left.append(change)
    return [change for change in left if change.fields or change.measures or change.advanced]


def draft_rewritten(rewritten: Iterable[Rewritten], rows: int, step: RunContext) -> list[Draft]:
    """One event for all rewritings that this run is the first to show."""
    told = [one for one in rewritten if one.is_told and not one.known]
    if not told:
        return []
    datasets = sorted(frozenset[str]().union(*(one.datasets for one in told)))
    largest = max(told, key=lambda one: (len(one.datasets), one.field, one.edit or ()))
    evidence = {
        "count": len(datasets),
        "catalogue": step.state.size or rows,
        "field": largest.field,
        "gone": largest.shown[0] if largest.shown else None,
        "came": largest.shown[1] if largest.shown else None,
        "fields": [[one.field, len(one.datasets), *(one.shown or ())] for one in told],
        "datasets": [{"id": name} for name in datasets[: step.policy.evidence_listed]],
        "runs": step.runs,
    }
    return [Draft("platform.rewritten", since=step.run.at, evidence=evidence)]


def with_rewritten(rewritten: Iterable[Rewritten], step: RunContext) -> PortalState:
    """The state with the common edits remembered: datasets that are read later show them later."""
    seen = {(one.field, *one.edit): step.run.at for one in rewritten if one.edit and one.is_told}
    kept = {(one.field, one.gone, one.came): one.at for one in _recent(step)}
    every = tuple(Rewriting(*edit, at) for edit, at in (kept | seen).items())
    return replace(step.state, rewritings=every)
