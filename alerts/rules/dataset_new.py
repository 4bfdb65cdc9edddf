"""Datasets that are listed for the first time, and those that are listed again.

Reported: `dataset.new`, `bulk.import` (more than `import_share` of the catalogue at once), `dataset.reappeared` (stated
as gone and listed again) and `platform.new` (a portal of the register first read `newcomer_days` after others). Not
reported: everything in the first complete run; a dataset that looks like a missing one under another id
(`dataset_rekeyed`) until that one comes back; one that the last reading may have hidden and whose dates are all older
than that reading.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from alerts.comparison.context import RunContext
from alerts.comparison.delta import Delta
from alerts.comparison.event_builder import Draft, named_in
from alerts.model.events import Confidence, Severity
from alerts.model.states import DatasetState, DatasetStatus
from alerts.rules.platform_moved import address
from alerts.rules.title_matching import TitledDataset, find_twins, named, named_states
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
    # Look-alikes of datasets that came back are new after all.
    released = {one.twin for one in delta.returned.values() if one.twin and not one.twin_back} & delta.listed.keys()
    new = {name: entry for name, entry in delta.appeared.items() if name not in twins}
    new |= {name: delta.listed[name] for name in released}
    sure = _none_was_hidden(len(new), step)
    if not sure:
        new = {name: entry for name, entry in new.items() if not _is_older_than_last_reading(entry, step)}
        sure = _none_was_hidden(len(new), step)
    bulk = len(new) > step.policy.import_limit(step.state.size)
    certain = frozenset(new).difference(delta.reused) if sure else frozenset()
    # Title and office of what an id meant before it was used again, by that id.
    old = {name: delta.vanished[key] for name, key in delta.reused.items() if name in new and key in delta.vanished}
    versions = step.view.reader.versions({entry.version for entry in old.values()}, evidence=False)
    replaced = {name: named_in(versions.get(entry.version)) for name, entry in old.items()}
    drafts = [
        _new(name, new[name], step, bulk=bulk, sure=name in certain, replaced=replaced.get(name))
        for name in sorted(new)
    ]
    if bulk:
        count, size, run = len(new), step.state.size, step.run
        evidence = {
            "count": count,
            "catalogue": size,
            "share": round(count / size, 3) if size else None,
            "runs": step.runs,
            "declared": run.declared,
            "seen": run.seen,
        }
        drafts.append(Draft("bulk.import", evidence=evidence))
    return Arrived(drafts, tuple(sorted(certain)), became, twins & delta.back.keys())


def _became(delta: Delta, missing: Mapping[str, DatasetState], step: RunContext) -> dict[str, DatasetState]:
    """The missing datasets with a look-alike among the arrivals, ids that were known before among these.

    And those without one some of whose namesakes have one, with the number of these.
    """
    unpaired = {name: one for name, one in missing.items() if not one.twin}
    entries = {**delta.appeared, **{name: delta.listed[name] for name in delta.back}}
    if not entries or not unpaired:
        return {}

    def others() -> list[TitledDataset]:
        return named({name: entry for name, entry in delta.listed.items() if name not in entries}, step)

    gone = named_states(unpaired.values(), step)
    found = find_twins(gone, named(entries, step), step.policy, others)
    twins = {
        twin.old: replace(unpaired[twin.old], twin=twin.new, twin_score=twin.score, twin_back=twin.new in delta.back)
        for twin in found
    }
    counts = Counter((one.key, one.office_key) for one in gone if one.dataset in twins)
    return twins | {
        one.dataset: replace(unpaired[one.dataset], namesakes=count)
        for one in gone
        if one.dataset not in twins and (count := counts[one.key, one.office_key])
    }


def _none_was_hidden(count: int, step: RunContext) -> bool:
    """Whether none of so many arrivals can be a row that an earlier run did not see.

    Either there was no room for hidden rows, or the printed total grew with the arrivals. A printed total that was
    smaller than the list could not tell how many were hidden.
    """
    state = step.state
    undershot = state.declared is not None and state.declared < state.size + state.others
    grown = (step.run.declared or 0) - (state.declared or 0)
    return (state.gap == 0 and not undershot) or grown >= count


def _is_older_than_last_reading(entry: Entry, step: RunContext) -> bool:
    """Whether all its dates are: then it was there, and hidden."""
    last = step.state.last_complete_at
    dates = [normalise.date(raw, tz=step.lens.tz, now=step.lens.now) for raw in entry.clocks.values()]
    known = [one.value for one in dates if one.value and one.finding != "field.date_vague"]
    return last is not None and bool(known) and max(known) < last - timedelta(days=step.policy.hidden_days)


def _new(  # noqa: PLR0913 -- what it is, and all that is known of its arrival
    name: str, entry: Entry, step: RunContext, *, bulk: bool, sure: bool, replaced: Mapping[str, str] | None
) -> Draft:
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
        evidence=evidence | ({"replaced": replaced} if replaced else {}),
    )


def tell_new_portal(step: RunContext) -> list[Draft]:
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
    """Those that were stated as removed or unlisted and are listed again.

    `held` are ids that others took: no dataset is back with those. An id that was taken for that of a dataset which
    came back is another one's after all, and back as well.
    """
    back = [_back(name, one, delta, step) for name, one in sorted(delta.back.items()) if name not in held]
    freed = {one.twin for one in delta.returned.values() if one.twin and one.twin_back} & delta.listed.keys()
    return [*back, *(_back(name, None, delta, step) for name in sorted(freed))]


def _back(name: str, one: DatasetState | None, delta: Delta, step: RunContext) -> Draft:
    away, runs = None, step.runs
    if one is not None:
        away = step.lens.days_between(one.absences[0].at, step.run.at) if one.absences else None
        runs = [one.absences[0].run if one.absences else "", step.run.id]
    evidence = {
        "away_days": away,
        "was": one.status if one else DatasetStatus.REMOVED,
        "ended_by": one.ended_by if one else None,
        "runs": runs,
    }
    return Draft("dataset.reappeared", name, delta.listed[name].version, since=step.run.at, evidence=evidence)
