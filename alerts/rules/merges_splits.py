"""Several datasets of one office that became one, or one that became several: inferred from their titles alone."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from rapidfuzz.distance import LCSseq

from alerts.comparison.context import RunContext
from alerts.comparison.event_builder import Draft, label
from alerts.comparison.run_view import Entries
from alerts.model.events import Confidence
from alerts.model.policy import EventPolicy
from alerts.model.states import DatasetState, DatasetStatus
from alerts.rules.rekey_matching import TitledDataset

_Group = tuple[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Regrouped:
    """One whole and the parts whose titles make up its title."""

    whole: str
    parts: tuple[str, ...]


def find_merged(gone: Iterable[TitledDataset], came: Iterable[TitledDataset], policy: EventPolicy) -> list[Regrouped]:
    """New datasets that cover the titles of two or more missing ones each."""
    return _unambiguous(_wholes(came, gone, policy))


def find_split(gone: Iterable[TitledDataset], came: Iterable[TitledDataset], policy: EventPolicy) -> list[Regrouped]:
    """Missing datasets whose titles are covered by two or more new ones together."""
    return _unambiguous(_wholes(gone, came, policy))


def _wholes(
    wholes: Iterable[TitledDataset], parts: Iterable[TitledDataset], policy: EventPolicy
) -> Iterator[Regrouped]:
    """Digits and office are to be equal: «2024年…» is no part of «2025年…»."""
    grouped, candidates = _grouped(wholes), _grouped(parts)
    for group in sorted(grouped.keys() & candidates.keys()):
        if len(grouped[group]) * len(candidates[group]) > policy.regroup_pairs:
            continue
        for whole in grouped[group]:
            found = _parts_of(whole, candidates[group], policy)
            if found:
                yield Regrouped(whole.dataset, tuple(sorted(one.dataset for one in found)))


def _grouped(many: Iterable[TitledDataset]) -> Mapping[_Group, list[TitledDataset]]:
    groups: dict[_Group, list[TitledDataset]] = defaultdict(list)
    for one in many:
        if one.key and one.office_key:
            groups[one.office_key, one.digits].append(one)
    return groups


def _parts_of(whole: TitledDataset, many: list[TitledDataset], policy: EventPolicy) -> list[TitledDataset]:
    """Those that stand in the whole's title, if each adds to it and together they explain it."""
    parts = [one for one in many if _stands_in(one.key, whole.key, policy)]
    if len(parts) < 2:
        return []
    filled = _filled(whole.key, [one.key for one in parts])
    alone = max(_filled(whole.key, [one.key]) for one in parts)
    return parts if filled >= policy.regroup_filled and filled > alone else []


def _stands_in(part: str, whole: str, policy: EventPolicy) -> bool:
    if not policy.regroup_title <= len(part) < len(whole):
        return False
    return LCSseq.similarity(part, whole) / len(part) >= policy.regroup_cover


def _filled(whole: str, parts: list[str]) -> float:
    """Share of the whole's characters that some part has."""
    known = set("".join(parts))
    return sum(character in known for character in whole) / len(whole)


def _unambiguous(found: Iterable[Regrouped]) -> list[Regrouped]:
    """A part that fits two wholes belongs to neither: nobody can tell."""
    many = list(found)
    owners: dict[str, set[str]] = defaultdict(set)
    for one in many:
        for part in one.parts:
            owners[part].add(one.whole)
    kept = (Regrouped(one.whole, tuple(p for p in one.parts if len(owners[p]) == 1)) for one in many)
    return [one for one in kept if len(one.parts) >= 2]


def marked(
    gone: Mapping[str, DatasetState], named: tuple[list[TitledDataset], list[TitledDataset]], policy: EventPolicy
) -> dict[str, DatasetState]:
    """The missing datasets with what they seem to have become; `named` are they and the new ones."""
    marks: dict[str, DatasetState] = {}
    for one in find_split(*named, policy):
        marks[one.whole] = replace(gone[one.whole], split_into=one.parts)
    for one in find_merged(*named, policy):
        free = [part for part in one.parts if part not in marks]
        if len(free) >= 2:
            marks |= {part: replace(gone[part], merged_into=one.whole) for part in free}
    return marks


def tell_regrouped(
    before: Mapping[str, DatasetState], now: Mapping[str, DatasetState], step: RunContext
) -> list[Draft]:
    """What became of datasets that this run states as removed, once every part of the group is settled.

    `before` are all exceptional datasets but those that came back, `now` their new states.
    """
    listed = step.view.reader.entries(step.run.manifest)
    every = {**before, **now}
    ended = [one for one in now.values() if one.status is DatasetStatus.REMOVED and one.ended == step.run.at]
    drafts = [_split(one, listed, step) for one in ended if one.split_into and set(one.split_into) <= listed.keys()]
    for name in sorted({one.merged_into for one in ended if one.merged_into in listed}):
        parts = [one for one in every.values() if one.merged_into == name]
        if len(parts) >= 2 and all(one.status is DatasetStatus.REMOVED for one in parts):
            drafts.append(_merged(name, parts, listed, step))
    return drafts


def _merged(name: str, parts: list[DatasetState], listed: Entries, step: RunContext) -> Draft:
    first = min(parts, key=lambda one: (one.absences[0].at, one.dataset))
    old = [{"id": one.dataset, "title": one.title} for one in sorted(parts, key=lambda one: one.dataset)]
    return Draft(
        "dataset.merged",
        name,
        listed[name].version,
        episode=first.absences[0].run,
        since=first.absences[0].at,
        confidence=Confidence.PROBABLE,
        evidence={"count": len(old), "old": old, "runs": [first.absences[0].run, step.run.id]},
    )


def _split(one: DatasetState, listed: Entries, step: RunContext) -> Draft:
    versions = step.view.reader.versions({listed[name].version for name in one.split_into}, evidence=False)
    new = [{"id": name, "title": label(versions.get(listed[name].version), "title")} for name in one.split_into]
    return Draft(
        "dataset.split",
        one.dataset,
        one.entry.version,
        episode=one.absences[0].run,
        since=one.absences[0].at,
        confidence=Confidence.PROBABLE,
        evidence={"count": len(new), "new": new, "runs": [one.absences[0].run, step.run.id]},
    )
