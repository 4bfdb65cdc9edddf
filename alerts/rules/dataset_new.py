"""Datasets that are listed for the first time, and those that are listed again.

Reported: `dataset.new`, `bulk.import` (more than `import_share` of the catalogue at once), `dataset.reappeared` (stated
as gone and listed again) and `platform.new` (a portal of the register first read `newcomer_days` after others). Not
reported: everything in the first complete run; a dataset that looks like a missing one under another id
(`dataset_rekeyed`) until that one comes back; one that the last reading may have hidden and whose dates are all older
than that reading.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from alerts.comparison.context import RunContext
from alerts.comparison.delta import Delta
from alerts.comparison.event_builder import Draft, named_in
from alerts.comparison.run_view import Entries
from alerts.model.events import Confidence, Severity
from alerts.model.states import DatasetState, DatasetStatus
from alerts.rules.platform_moved import address, named, named_states
from alerts.rules.title_matching import TitledDataset, Twin, find_twins
from opendata_spiders import normalise
from opendata_spiders.store.models import Entry


@dataclass(frozen=True, slots=True)
class Arrived:
    """What a run's first sightings lead to."""

    drafts: list[Draft]
    certain: tuple[str, ...]
    """Ids of the new ones that were not there before for certain: evidence of life."""
    became: Mapping[str, DatasetState]
    """Missing datasets with the new id of a look-alike, or with the number of their namesakes that have one."""
    held: frozenset[str]
    """Ids listed again that missing datasets seem to have taken: an id is back, no dataset."""


def tell_appeared(delta: Delta, missing: Mapping[str, DatasetState], step: RunContext) -> Arrived:
    """State what is new; a look-alike of a missing dataset waits until that one is stated as gone or comes back."""
    became = _became(delta, missing, step)
    twins = frozenset(one.twin for one in became.values() if one.twin)
    new = {name: entry for name, entry in delta.appeared.items() if name not in twins}
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
    return Arrived(drafts, tuple(sorted(certain)), became, twins & delta.back.keys())


def _became(delta: Delta, missing: Mapping[str, DatasetState], step: RunContext) -> dict[str, DatasetState]:
    """The missing datasets with a look-alike among the arrivals, ids that were known before among these."""
    open_ends = {name: one for name, one in missing.items() if not one.twin}
    entries = {**delta.appeared, **{name: delta.listed[name] for name in delta.back}}
    if not entries or not open_ends:
        return {}
    others = {name: entry for name, entry in delta.listed.items() if name not in entries}
    gone, came = named_states(open_ends.values(), step), named(entries, step)
    found = find_twins(gone, came, step.policy, lambda: named(others, step))
    twins = {twin.old: _twinned(open_ends[twin.old], twin, delta.back) for twin in found}
    open_ends |= {name: replace(open_ends[name], namesakes=count) for name, count in _namesakes(gone, found)}
    unsure = {name: one for name, one in open_ends.items() if one.namesakes and name not in twins}
    return unsure | twins


def _twinned(one: DatasetState, twin: Twin, back: Mapping[str, DatasetState]) -> DatasetState:
    return replace(one, twin=twin.new, twin_score=twin.score, twin_back=twin.new in back)


def _namesakes(gone: Iterable[TitledDataset], found: Iterable[Twin]) -> list[tuple[str, int]]:
    """Datasets without a twin some of whose namesakes have one, with the number of these."""
    many, paired = list(gone), {twin.old for twin in found}
    counts = Counter((one.key, one.office_key) for one in many if one.dataset in paired)
    left = [one for one in many if one.dataset not in paired]
    return [(one.dataset, count) for one in left if (count := counts[one.key, one.office_key])]


def _released(delta: Delta) -> dict[str, Entry]:
    """Look-alikes of datasets that came back: new after all."""
    twins = (one.twin for one in delta.returned.values() if one.twin and not one.twin_back)
    return {name: delta.listed[name] for name in twins if name in delta.listed}


def _certain(count: int, step: RunContext) -> bool:
    """Rows hidden from an earlier run may look new now, unless the printed total grew with them.

    A printed total that was smaller than the list could not tell how many were hidden.
    """
    state = step.state
    undershot = state.declared is not None and state.declared < state.size
    grown = (step.run.declared or 0) - (state.declared or 0)
    return (state.gap == 0 and not undershot) or grown >= count


def _was_hidden(entry: Entry, count: int, step: RunContext) -> bool:
    """Whether it was there before: the last reading left room for it, and all its dates are older than that reading."""
    last = step.state.last_complete_at
    if last is None or _certain(count, step):
        return False
    dates = [normalise.date(raw, tz=step.lens.tz, now=step.lens.now) for raw in entry.clocks.values()]
    known = [one.value for one in dates if one.value and one.finding != "field.date_vague"]
    return bool(known) and max(known) < last - timedelta(days=step.policy.hidden_days)


def _new(name: str, entry: Entry, step: RunContext, *, bulk: bool, sure: bool) -> Draft:
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


def _replaced(delta: Delta, new: Entries, step: RunContext) -> dict[str, dict[str, str]]:
    """Title and office of what an id meant before it was used again, by that id."""
    old = {name: delta.vanished[key] for name, key in delta.reused.items() if name in new and key in delta.vanished}
    versions = step.view.reader.versions({entry.version for entry in old.values()}, evidence=False)
    return {name: named_in(versions.get(entry.version)) for name, entry in old.items()}


def _instead(draft: Draft, replaced: Mapping[str, dict[str, str]]) -> Draft:
    before = replaced.get(draft.dataset or "")
    return replace(draft, evidence={**draft.evidence, "replaced": before}) if before else draft


def _import(count: int, step: RunContext) -> Draft:
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


def tell_newcomer(step: RunContext) -> list[Draft]:
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


def tell_back(delta: Delta, held: frozenset[str], step: RunContext) -> list[Draft]:
    """Those that were stated as removed or unlisted and are listed again; `held` are ids that others took."""
    freed = {one.twin for one in delta.returned.values() if one.twin and one.twin_back} & delta.listed.keys()
    return [*_back(delta, held, step), *(_freed(name, delta.listed[name], step) for name in sorted(freed))]


def _freed(name: str, entry: Entry, step: RunContext) -> Draft:
    """An id that was taken for that of a dataset which came back: it is another one's after all."""
    evidence = {"away_days": None, "was": DatasetStatus.REMOVED, "ended_by": None, "runs": step.runs}
    return Draft("dataset.reappeared", name, entry.version, since=step.run.at, evidence=evidence)


def _back(delta: Delta, held: frozenset[str], step: RunContext) -> list[Draft]:
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
        if name not in held
    ]
