"""Offices whose name disappears from the catalogue while their datasets are listed under another office.

Reported: `office.renamed`, when nearly all of an office's datasets (`office_share`, `office_floor`) have another office
in a complete run: under the same ids (confirmed) or under new ids (probable, once all are settled). The catalogue does
not show whether the office was renamed, merged or divided. Not reported: another notation of the same name, or a
change on only a part of an office's datasets.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from alerts.comparison.context import RunContext
from alerts.comparison.delta import Delta
from alerts.comparison.event_builder import Draft, label
from alerts.comparison.run_view import Entries
from alerts.model.events import Confidence
from alerts.model.states import DatasetState
from alerts.rules.dataset_changed import Change
from alerts.rules.field_meaning import FieldChange
from opendata_spiders import normalise

_FIELD = "office"


@dataclass(frozen=True, slots=True)
class Renamed:
    """One office, and the names under which its datasets are listed now."""

    name: str
    after: tuple[tuple[str, int], ...]
    """New name and number of datasets, largest number first."""
    joined: tuple[str, ...]
    """Those of the new names that other datasets have too: the office is not simply renamed."""

    @property
    def count(self) -> int:
        return sum(number for _, number in self.after)


def find_renamed(pairs: Iterable[tuple[str, str]], listed: Entries, step: RunContext) -> list[Renamed]:
    """The offices of which nearly all datasets have another office now; `pairs`: old and new office of a dataset.

    In `listed` the datasets that still have the old office are counted.
    """
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for old, new in pairs:
        if old and new and _key(old) != _key(new):
            found[old][new] += 1
    many = {name: after for name, after in found.items() if after.total() >= step.policy.office_floor}
    if not many:
        return []
    bearers = Counter(_key(label(version, _FIELD)) for version in step.versions_of(listed.values()))
    share, renamed = step.policy.office_share, list[Renamed]()
    for name, after in sorted(many.items()):
        if after.total() >= share * (after.total() + bearers[_key(name)]):
            ordered = sorted(after.items(), key=lambda pair: (-pair[1], pair[0]))
            joined = tuple(other for other, number in ordered if number < share * bearers[_key(other)])
            renamed.append(Renamed(name, tuple(ordered), joined))
    return renamed


def _key(office: str) -> str:
    return normalise.title_key(office)


def renamed_offices(changes: Iterable[Change], listed: Entries, step: RunContext) -> list[Renamed]:
    """The renamed offices of datasets that kept their ids."""
    words = (change.fields[_FIELD] for change in changes if _FIELD in change.fields)
    return find_renamed(((_text(one.before), _text(one.after)) for one in words), listed, step)


def _text(value: object) -> str:
    return normalise.text(value) or ""


def without_offices(changes: Iterable[Change], renamed: Iterable[Renamed]) -> list[Change]:
    """The changes without the new office where its old one is renamed: one event states that for all datasets."""
    gone, kept = {_key(one.name) for one in renamed}, list[Change]()
    for change in changes:
        office: FieldChange | None = change.fields.get(_FIELD)
        if office and _key(_text(office.before)) in gone:
            fields = {name: one for name, one in change.fields.items() if name != _FIELD}
            kept.append(replace(change, fields=fields))
        else:
            kept.append(change)
    return [change for change in kept if change.content_changed or change.advanced]


def draft_renamed_offices(renamed: Iterable[Renamed], step: RunContext) -> list[Draft]:
    """Events for offices whose datasets kept their ids: confirmed."""
    return [_draft(one, step, step.run.id, Confidence.CONFIRMED) for one in renamed]


def draft_renamed_with_ids(told: Mapping[str, DatasetState], found: Delta, step: RunContext) -> list[Draft]:
    """Events for offices whose datasets got other ids, once all that vanished together are settled: probable.

    `told` are the states after the run of the datasets that it found missing, by native id.
    """
    ended = [one for one in told.values() if one.twin and one.absences and one.ended == step.run.at]
    if not ended:
        return []
    every = {**found.unlisted_since(min(one.absences[0].at for one in ended), step), **told}
    moved = [one for one in every.values() if one.twin and one.absences]
    now = {(one.office, one.absences[0].run) for one in ended}
    settled = now - {(one.office, one.absences[0].run) for one in moved if one.ended is None}
    groups: dict[str, list[DatasetState]] = defaultdict(list)
    for one in moved:
        if (one.office, one.absences[0].run) in settled:
            groups[one.absences[0].run].append(one)
    drafts = []
    for episode, many in sorted(groups.items()):
        entries = [(one.office, found.listed[one.twin]) for one in many if one.twin and one.twin in found.listed]
        versions = step.view.reader.versions({entry.version for _, entry in entries}, evidence=False)
        pairs = [(office, label(versions.get(entry.version), _FIELD)) for office, entry in entries]
        renamed = find_renamed(pairs, found.listed, step)
        drafts += [_draft(one, step, episode, Confidence.PROBABLE) for one in renamed]
    return drafts


def _draft(one: Renamed, step: RunContext, episode: str, confidence: Confidence) -> Draft:
    evidence = {
        "before": one.name,
        "after": [list(pair) for pair in one.after],
        "joined": list(one.joined),
        "count": one.count,
        "runs": [episode, step.run.id] if episode != step.run.id else step.runs,
    }
    return Draft("office.renamed", subject=one.name, episode=episode, confidence=confidence, evidence=evidence)
