"""Datasets that are late by their own promise, and datasets without a promise that were not updated for years.

Reported: `dataset.due`, `dataset.overdue` and `dataset.delinquent` when a dataset is past a deadline (from its promised
frequency and claimed date) that it had not passed at the last complete run that listed it; `dataset.dormant` when a
dataset without a promise is older than `dormant_days` and than several of its own median gaps. Not reported: a dataset
whose date goes back or is blanked, one that was already as late at the first run or before a shift of all dates, and
anything in a run that reads dates from other fields.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from alerts.comparison.context import RunContext
from alerts.comparison.dating import count_standings, is_never_due, turned_between, turned_dormant
from alerts.comparison.delta import Delta
from alerts.comparison.event_builder import Draft
from alerts.comparison.run_view import Entries
from alerts.model.catalogue_dates import CatalogueDates
from alerts.model.events import Confidence
from alerts.model.habits import Habits
from opendata_spiders.normalise import JUDGED, Promise, PromiseStanding, deadlines, judged_at, standing
from opendata_spiders.store.models import Entry

_LATE = JUDGED[1:]


def promise_counts(dates: CatalogueDates, step: RunContext) -> dict[str, int]:
    """Number of datasets by promise standing, and how many are known and detailed."""
    counts = count_standings(dates, step_judged_at(step), step)
    known = {"known": dates.datasets, "detailed": dates.detailed}
    return known | {one.value: counts.get(one, 0) for one in PromiseStanding}


def step_judged_at(step: RunContext, at: datetime | None = None) -> datetime:
    """The time at which promises are judged for a run at time `at`; by default for this run."""
    return judged_at(at or step.run.at, dates_in_details=step.run.dates_in_details)


def missing_since(delta: Delta, step: RunContext) -> Mapping[str, datetime]:
    """For each dataset that was missing in the last complete run and is listed again: when it was last judged."""
    last = step.state.last_complete_at or step.run.at
    return {name: step_judged_at(step, min(one.last_seen, last)) for name, one in delta.returned.items()}


def draft_late(delta: Delta, step: RunContext) -> list[Draft]:
    """One event for each dataset that became later since the last complete run, or since it was last listed.

    Its earlier standing is computed again, so that a change of this code leads to no events.
    """
    if step.state.last_complete_at is None:
        return []
    then, now = step_judged_at(step, step.state.last_complete_at), step_judged_at(step)
    missing = missing_since(delta, step)
    earlier = {} if step.redated else _at_last_complete(delta, step)
    # Of the entries that are unchanged, only those that passed a deadline in between can have become later.
    listed = _listed(turned_between(delta.dates, then, now, step), {*earlier, *missing}, delta, step)
    drafts = (
        _transition(name, (earlier.get(name, entry), entry), (missing.get(name, then), now), step)
        for name, entry in listed.items()
    )
    return [draft for draft in drafts if draft]


def _listed(turned: Entries, more: Iterable[str], delta: Delta, step: RunContext) -> Entries:
    """The entries of `turned`, and of the datasets `more` as far as the run lists them, by native id."""
    differing = {name: delta.differing[name][1] for name in more if name in delta.differing}
    known = {**turned, **differing}
    return known | step.listed_of([name for name in more if name not in known])


def _at_last_complete(delta: Delta, step: RunContext) -> Entries:
    """Entries of the last complete run, by native id, where they may differ from today's.

    What partial runs have read since was never judged, so it is no earlier standing.
    """
    before = {name: pair[0] for name, pair in delta.differing.items()}
    if step.state.trusted in (None, step.state.known):
        return before
    renewed, now = step.view.reader.changed_entries(step.state.trusted, step.run.manifest)
    return {**{name: entry for name, entry in before.items() if name in now}, **renewed}


def _transition(
    name: str, pair: tuple[Entry, Entry], moments: tuple[datetime, datetime], step: RunContext
) -> Draft | None:
    (earlier, entry), lens = pair, step.lens
    after = lens.standing(entry, moments[1])
    if after not in _LATE:
        return None
    promise, claimed = lens.promise(entry.frequency), lens.claimed(entry.clocks)
    last = lens.claimed(earlier.clocks)
    # A date that goes back or is blanked makes no dataset late.
    if earlier.detailed != entry.detailed or (last and (claimed is None or claimed < last)):
        earlier = entry
    before = lens.standing(earlier, moments[0])
    if not _is_later(before, after) or _was_so_before_a_shift(promise, claimed, after, step):
        return None
    limits = deadlines(promise, claimed, lens.tz)
    evidence = {
        "claimed": claimed,
        "frequency_raw": entry.frequency,
        "frequency": promise.iso,
        "due_at": limits[0] if limits else None,
        "before": before,
        "runs": step.runs,
    }
    confidence = Confidence.PROBABLE if step.run.dates_in_details else Confidence.CLAIMED
    return Draft(f"dataset.{after}", name, entry.version, since=claimed, confidence=confidence, evidence=evidence)


def _was_so_before_a_shift(
    promise: Promise, claimed: datetime | None, after: PromiseStanding, step: RunContext
) -> bool:
    """Whether it was already as late by the date printed before a shift to later dates: then it was stated before.

    Only for dates older than the shift. A shifted date makes the dataset seem less late for as long as the shift.
    """
    return claimed is not None and any(
        shift.stated
        and shift.seconds > 0
        and claimed - timedelta(seconds=shift.seconds) <= shift.since
        and not _is_later(
            standing(promise, claimed - timedelta(seconds=shift.seconds), shift.since, step.lens.tz), after
        )
        for shift in step.state.shifts
    )


def _is_later(before: PromiseStanding, after: PromiseStanding) -> bool:
    return before in JUDGED and JUDGED.index(after) > JUDGED.index(before)


def draft_dormant(delta: Delta, habits: Habits, step: RunContext) -> list[Draft]:
    """One event for each dataset that became dormant since the last complete run without a change of its date."""
    last = step.state.last_complete_at
    if last is None or step.redated:
        return []
    return list(_dormant(delta, habits, step, (step_judged_at(step, last), step_judged_at(step))))


def _dormant(delta: Delta, habits: Habits, step: RunContext, moments: tuple[datetime, datetime]) -> Iterator[Draft]:
    lens, policy, missing = step.lens, step.policy, missing_since(delta, step)
    since, until = (lens.day(at) - timedelta(days=policy.dormant_days + 1) for at in moments)
    # Older ones can become dormant only now if their own gaps are longer, or if they had been missing.
    slow = habits.slower_than(policy.dormant_days / policy.dormant_gap_factor, policy.dormant_min_gaps)
    listed = _listed(turned_dormant(delta.dates, (since, until), step), {*slow, *missing}, delta, step)
    known = habits.of(listed)
    for name, entry in listed.items():
        claimed = lens.claimed(entry.clocks)
        if claimed is None or not is_never_due(lens.promise(entry.frequency)):
            continue
        gap = known[name].own_gap(policy.dormant_min_gaps) if name in known else None
        limit = max(policy.dormant_days, policy.dormant_gap_factor * (gap or 0))
        before, after = (lens.days_between(claimed, at) for at in (missing.get(name, moments[0]), moments[1]))
        if before <= limit < after and not _date_or_promise_differs(delta.differing.get(name), step):
            yield _dormant_draft(name, entry, claimed, gap, step)


def _date_or_promise_differs(pair: tuple[Entry, Entry] | None, step: RunContext) -> bool:
    """Whether its date or promise changed: then the dataset is not dormant by the passing of time alone."""
    if pair is None:
        return False
    before, after = pair
    dates = (step.lens.claimed(before.clocks), step.lens.claimed(after.clocks))
    return dates[0] != dates[1] or before.frequency != after.frequency or before.detailed != after.detailed


def _dormant_draft(name: str, entry: Entry, claimed: datetime, gap: float | None, step: RunContext) -> Draft:
    evidence = {
        "claimed": claimed,
        "days_silent": step.lens.days_between(claimed, step.run.at),
        "frequency_raw": entry.frequency,
        "own_gap": gap,
        "runs": step.runs,
    }
    return Draft(
        "dataset.dormant",
        name,
        entry.version,
        since=claimed,
        confidence=Confidence.PROBABLE if step.run.dates_in_details else Confidence.CLAIMED,
        evidence=evidence,
    )
