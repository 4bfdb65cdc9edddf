"""Dates that advance while nothing else changes, and the days on which each dataset was updated (its habits).

Reported: `dataset.fake_update` when a date advances twice or more while metadata and sizes stay the same (probable), or
while the content of every file stays the same (confirmed); one event for the portal if more datasets than the bulk
limit do so. Not reported: feeds promised daily or in real time, dates set in bulk, and datasets whose details were not
read in both runs. If the files of a dataset are checked, only their content counts. Habits are kept for datasets that
were updated while observed.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from alerts.comparison.context import RunContext
from alerts.comparison.event_builder import Draft
from alerts.comparison.file_context import Looks, RoundStep, file_draft
from alerts.comparison.run_view import Lens
from alerts.model.events import Confidence
from alerts.model.file_states import Bundle, Stretch
from alerts.model.habits import Habit, Habits
from alerts.model.policy import EventPolicy
from alerts.rules.dataset_changed import Change, dataset_draft, is_restamped
from opendata_spiders.store.models import Entry


@dataclass(frozen=True, slots=True)
class Learnt:
    """The habits after a run, and the changes that make a dataset's date advance often enough to be stated."""

    habits: Habits
    bare: tuple[Change, ...] = ()


def learn(changes: Iterable[Change], restamped: frozenset[str], step: RunContext) -> Learnt:
    """Add a run's changes to the habits; changes of the whole catalogue at once are no habit of a single dataset."""
    known = step.memory.habits
    telling = [
        one
        for one in changes
        if not (one.mass and not one.content_changed) and not (one.advanced and is_restamped(one, step.lens, restamped))
    ]
    if not telling:
        return Learnt(known)
    # Details copied from an older run cannot differ: every detail page must have been read in this run.
    comparable = step.run.details_read >= sum(one.after.detailed for one in telling)
    kept = known.of(one.dataset for one in telling)
    before = {one.dataset: kept.get(one.dataset, Habit()) for one in telling}
    fresh = {one.dataset: _habit(one, before[one.dataset], step, comparable) for one in telling}
    limit = step.policy.fake_advances
    bare = tuple(one for one in telling if before[one.dataset].bare < limit <= fresh[one.dataset].bare)
    return Learnt(known.changed(fresh), bare)


def _habit(change: Change, known: Habit, step: RunContext, comparable: bool) -> Habit:  # noqa: FBT001
    moments = [change.claimed_before, change.claimed_after] if change.advanced else [step.run.at]
    days = {*known.days, *(step.lens.day(moment).isoformat() for moment in moments if moment)}
    kept = tuple(sorted(days)[-step.policy.dataset_days_kept :])
    if change.content_changed or change.before.detailed != change.after.detailed:
        return Habit(kept)
    # A size must be read in both runs and be equal; the size of a feed that is promised daily may well stay the same.
    sizes = change.before.measures, change.after.measures
    both = sizes[0].keys() & sizes[1].keys() & set(step.run.fields)
    stayed = bool(both) and all(sizes[0][name] == sizes[1][name] for name in both)
    if not comparable or not stayed or is_quick(change.after, step.lens, step.policy):
        return replace(known, days=kept)
    return Habit(kept, known.bare + 1, known.bare_since or step.run.id)


def is_quick(entry: Entry, lens: Lens, policy: EventPolicy) -> bool:
    """Whether it is promised so often that its date may honestly advance without new content."""
    promise = lens.promise(entry.frequency)
    return promise.realtime or (promise.due is not None and promise.due < policy.restamp_fastest_promise)


def draft_fake_updates(learnt: Learnt, step: RunContext) -> list[Draft]:
    """One event for each dataset whose date advanced repeatedly; a single one if these are more than the bulk limit.

    Datasets whose files are checked are left out: for those `draft_fake_updates_of_files` compares the content.
    """
    hashed = step.view.samples.hashed([change.dataset for change in learnt.bare], *step.lately)
    bare = tuple(change for change in learnt.bare if change.dataset not in hashed)
    known = learnt.habits.of(change.dataset for change in bare)
    habits = [known[change.dataset] for change in bare]
    if len(bare) > step.policy.bulk_limit(step.state.size):
        evidence = {
            "count": len(bare),
            "catalogue": step.state.size,
            "advances": min(habit.bare for habit in habits),
            "datasets": [{"id": change.dataset} for change in bare[: step.policy.evidence_listed]],
            "runs": [min(habit.bare_since for habit in habits), step.run.id],
        }
        return [Draft("dataset.fake_update", since=step.run.at, confidence=Confidence.PROBABLE, evidence=evidence)]
    return [
        dataset_draft(
            "dataset.fake_update",
            change,
            {
                "advances": habit.bare,
                "claimed_before": change.claimed_before,
                "claimed_after": change.claimed_after,
                "measures": dict(change.after.measures),
                "runs": [habit.bare_since, step.run.id],
            },
            episode=habit.bare_since,
            since=change.claimed_after,
            confidence=Confidence.PROBABLE,
        )
        for change, habit in zip(bare, habits, strict=True)
    ]


def draft_fake_updates_of_files(bundle: Bundle, looks: Looks, step: RoundStep) -> tuple[Bundle, list[Draft]]:
    """Add a round that read all files whole; an event when the date advanced often enough with the same content."""
    hashes = hashes_of(looks)
    if hashes is None:
        return bundle, []
    known = bundle.stretch
    if known is None or known.hashes != hashes:
        begun = Stretch(hashes, step.round.id, step.round.at, before=_claimed(bundle, step))
        return replace(bundle, stretch=begun), []
    after = _lengthened(known, bundle, step)
    bundle = replace(bundle, stretch=after)
    if not len(known.advances) < step.policy.fake_advances <= len(after.advances):
        return bundle, []
    evidence = {
        "advances": len(after.advances),
        "claimed_before": after.before,
        "claimed_after": after.advances[-1],
        "samples": after.samples,
        "hashes": [f"{name} {one}" for name, one in sorted(after.hashes.items())],
        "rounds": [after.round, step.round.id],
    }
    draft = file_draft("dataset.fake_update", bundle, evidence, episode=after.round, since=after.advances[-1])
    return bundle, [draft]


def hashes_of(looks: Looks) -> dict[str, str] | None:
    """File to hash of its content; None unless all files were read whole."""
    if not looks.whole or not all(check.content_hash for check in looks.files.values()):
        return None
    return {name: check.content_hash for name, check in looks.files.items()}


def _claimed(bundle: Bundle, step: RoundStep) -> datetime | None:
    entry = step.view.entries.get(bundle.dataset)
    return step.view.lens.claimed(entry.clocks) if entry else None


def _lengthened(known: Stretch, bundle: Bundle, step: RoundStep) -> Stretch:
    """The stretch with one sample more, and with the claimed date if it is an advance.

    It is an advance if its day is after the first sample and after all dates claimed since, and before this sample:
    then the content was the same before and after that day, no matter when the date was read.
    """
    claimed, lens = _claimed(bundle, step), step.view.lens
    longer = replace(known, samples=known.samples + 1)
    if claimed is None or is_quick(step.view.entries[bundle.dataset], lens, step.policy):
        return longer
    between = max(map(lens.day, (known.at, *known.advances))) < lens.day(claimed) < lens.day(step.round.at)
    return replace(longer, advances=(*known.advances, claimed)) if between else longer
