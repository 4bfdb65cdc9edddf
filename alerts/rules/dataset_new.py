"""Datasets that are listed for the first time, or listed again.

Reported: `dataset.new`, `bulk.import` (more than `import_share` of the catalogue at once), `dataset.reappeared` (stated
as gone and listed again) and `platform.new` (a portal of the register first read `newcomer_days` after others). Not
reported: everything in the first complete run; a dataset that looks like a missing one under another id
(`dataset_rekeyed`) until that one returns; one that the last run may have missed and whose dates are all older than
that run.
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
    """What the datasets that a run lists for the first time lead to; datasets by native id."""

    drafts: list[Draft]
    certain: tuple[str, ...]
    """The new datasets that certainly did not exist before: evidence of an update."""
    became: Mapping[str, DatasetState]
    """Missing datasets with a twin (a look-alike under a new id), or with the number of namesakes that have one."""
    held: frozenset[str]
    """Ids listed again as twins of missing datasets: the id returned, not the dataset it stood for."""


def draft_new(delta: Delta, missing: Mapping[str, DatasetState], step: RunContext) -> Arrived:
    """State new datasets; a look-alike of a missing dataset waits until that one is stated as gone or returns."""
    became = _became(delta, missing, step)
    twins = frozenset(one.twin for one in became.values() if one.twin)
    # Look-alikes of datasets that returned are new after all.
    released = {one.twin for one in delta.returned.values() if one.twin and not one.twin_back} & delta.listed.keys()
    new = {name: entry for name, entry in delta.appeared.items() if name not in twins}
    new |= {name: delta.listed[name] for name in released}
    sure = _none_was_hidden(len(new), step)
    if not sure:
        new = {name: entry for name, entry in new.items() if not _is_older_than_last_reading(entry, step)}
        sure = _none_was_hidden(len(new), step)
    bulk = len(new) > step.policy.import_limit(step.state.size)
    certain = frozenset(new).difference(delta.reused) if sure else frozenset()
    # Title and office of the earlier dataset of each reused id.
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
    """The missing datasets with a look-alike among the datasets that appeared or are listed again.

    Also missing datasets without one, if namesakes of theirs have one: with the number of those namesakes.
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
    """Whether none of `count` new datasets can be a row that an earlier run missed.

    Either the last run had no gap, or the printed total grew by as many. A printed total smaller than the list does not
    show how many rows were missed.
    """
    state = step.state
    undershot = state.declared is not None and state.declared < state.size + state.others
    grown = (step.run.declared or 0) - (state.declared or 0)
    return (state.gap == 0 and not undershot) or grown >= count


def _is_older_than_last_reading(entry: Entry, step: RunContext) -> bool:
    """Whether all its dates are older than the last complete run: then it existed and that run missed it."""
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


def draft_new_portal(step: RunContext) -> list[Draft]:
    """`platform.new` for a portal of the register that is read for the first time long after others.

    One with an imported history was there before we read it.
    """
    if step.run.imported or step.state.imported_until:
        return []
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


def draft_reappeared(delta: Delta, held: frozenset[str], step: RunContext) -> list[Draft]:
    """One event for each dataset that was stated as removed or unlisted and is listed again.

    `held` are ids that are now twins of missing datasets: they are left out. An id that was the twin of a dataset which
    itself returned belongs to its own earlier dataset after all, and is stated as well.
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
