"""Datasets that are listed for the first time: new, another's twin, or part of an import; and those that came back."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from alerts.diff.delta import Delta
from alerts.diff.drafts import Draft, label, named_in
from alerts.diff.epoch import address
from alerts.diff.match import Named, find_twins
from alerts.diff.regroup import marked
from alerts.diff.state import DatasetState
from alerts.diff.step import Step
from alerts.diff.view import Entries
from alerts.events import Confidence, Severity
from opendata_spiders import normalise
from opendata_spiders.store.models import Entry

_RUNS_APART = 2
"""A whole or parts appear in the run that first misses the others, or in the next one; a twin may have been hidden."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """What a run's first sightings lead to."""

    drafts: list[Draft]
    certain: tuple[str, ...]
    """Ids of the new ones that were not there before for certain: evidence of life."""
    became: Mapping[str, DatasetState]
    """Missing datasets with what they seem to have become: the new id of a look-alike, of a whole or of parts."""


def tell_appeared(delta: Delta, missing: Mapping[str, DatasetState], step: Step) -> Arrived:
    """State what is new; a look-alike of a missing dataset waits until that one is stated as gone or comes back."""
    became = _became(delta.appeared, missing, step)
    kept = {one.twin for one in became.values()}
    new = {name: entry for name, entry in delta.appeared.items() if name not in kept}
    new |= _released(delta)
    new = {name: entry for name, entry in new.items() if not _was_hidden(entry, len(new), step)}
    bulk = len(new) > step.policy.import_limit(step.state.size)
    sure = _certain(len(new), step)
    certain = frozenset(new).difference(delta.reused) if sure else frozenset()
    replaced = _replaced(delta, new, step)
    drafts = [_new(name, new[name], step, bulk=bulk, sure=name in certain) for name in sorted(new)]
    drafts = [_instead(draft, replaced) for draft in drafts]
    if bulk:
        drafts.append(_import(len(new), step))
    return Arrived(drafts, tuple(sorted(certain)), became)


def _became(appeared: Entries, missing: Mapping[str, DatasetState], step: Step) -> dict[str, DatasetState]:
    """Twins first; of what is left, wholes and parts."""
    open_ends = {name: one for name, one in missing.items() if _is_open(one)}
    if not appeared or not open_ends:
        return {}
    versions = step.view.reader.versions({entry.version for entry in appeared.values()}, evidence=False)
    came = [
        Named(name, label(versions.get(entry.version), "title"), label(versions.get(entry.version), "office"))
        for name, entry in appeared.items()
    ]
    gone = [Named(name, one.title, one.office) for name, one in open_ends.items()]
    found = find_twins(gone, came, step.policy.rekey_score)
    taken = {name for twin in found for name in (twin.old, twin.new)}
    taken |= {name for name, one in open_ends.items() if len(one.absences) > _RUNS_APART}
    left = [[one for one in many if one.dataset not in taken] for many in (gone, came)]
    twins = {twin.old: replace(open_ends[twin.old], twin=twin.new, twin_score=twin.score) for twin in found}
    return twins | marked(open_ends, (left[0], left[1]), step.policy)


def _is_open(one: DatasetState) -> bool:
    return not (one.twin or one.merged_into or one.split_into)


def _released(delta: Delta) -> dict[str, Entry]:
    """Look-alikes of datasets that came back: new after all."""
    twins = (one.twin for one in delta.returned.values() if one.twin)
    return {name: delta.listed[name] for name in twins if name in delta.listed}


def _certain(count: int, step: Step) -> bool:
    """Rows hidden from an earlier run may look new now, unless the printed total grew with them.

    A printed total that was smaller than the list could not tell how many were hidden.
    """
    state = step.state
    undershot = state.declared is not None and state.declared < state.size
    grown = (step.run.declared or 0) - (state.declared or 0)
    return (state.gap == 0 and not undershot) or grown >= count


def _was_hidden(entry: Entry, count: int, step: Step) -> bool:
    """Whether it was there before: the last reading left room for it, and all its dates are older than that reading."""
    last = step.state.last_complete_at
    if last is None or _certain(count, step):
        return False
    dates = [normalise.date(raw, tz=step.lens.tz, now=step.lens.now) for raw in entry.clocks.values()]
    known = [one.value for one in dates if one.value and one.finding != "field.date_vague"]
    return bool(known) and max(known) < last - timedelta(days=step.policy.hidden_days)


def _new(name: str, entry: Entry, step: Step, *, bulk: bool, sure: bool) -> Draft:
    evidence = {
        "runs": step.runs,
        "declared": step.run.declared,
        "seen": step.run.seen,
        "published": step.lens.claimed(entry.clocks),
        "bulk": bulk,
    }
    return Draft(
        "dataset.new",
        name,
        entry.version,
        since=step.run.at,
        severity=Severity.QUIET if bulk else None,
        confidence=Confidence.CONFIRMED if sure else Confidence.PROBABLE,
        evidence=evidence,
    )


def _replaced(delta: Delta, new: Entries, step: Step) -> dict[str, dict[str, str]]:
    """Title and office of what an id meant before it was used again, by that id."""
    old = {name: delta.vanished[key] for name, key in delta.reused.items() if name in new and key in delta.vanished}
    versions = step.view.reader.versions({entry.version for entry in old.values()}, evidence=False)
    return {name: named_in(versions.get(entry.version)) for name, entry in old.items()}


def _instead(draft: Draft, replaced: Mapping[str, dict[str, str]]) -> Draft:
    before = replaced.get(draft.dataset or "")
    return replace(draft, evidence={**draft.evidence, "replaced": before}) if before else draft


def _import(count: int, step: Step) -> Draft:
    size = step.state.size
    evidence = {
        "count": count,
        "catalogue": size,
        "share": round(count / size, 3) if size else None,
        "runs": step.runs,
        "declared": step.run.declared,
        "seen": step.run.seen,
    }
    return Draft("bulk.import", evidence=evidence)


def tell_newcomer(step: Step) -> list[Draft]:
    """A portal of the register that was read for the first time long after others."""
    watched = step.view.neighbours.watched_before(step.run)
    if watched < timedelta(days=step.policy.newcomer_days):
        return []
    evidence = {
        "seen": step.run.seen,
        "declared": step.run.declared,
        "address": address(step.run),
        "watched_days": watched.days,
        "runs": [step.run.id],
    }
    return [Draft("platform.new", since=step.run.at, evidence=evidence)]


def tell_back(delta: Delta, step: Step) -> list[Draft]:
    """Those that were stated as removed or unlisted and are listed again."""
    return [
        Draft(
            "dataset.reappeared",
            name,
            delta.listed[name].version,
            since=step.run.at,
            evidence={
                "away_days": step.lens.days_between(one.absences[0].at, step.run.at) if one.absences else None,
                "was": one.status,
                "ended_by": one.ended_by,
                "runs": [one.absences[0].run if one.absences else "", step.run.id],
            },
        )
        for name, one in sorted(delta.back.items())
    ]
