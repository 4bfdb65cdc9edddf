"""From a first absence to a removal: who is missing, how often that counts, and what the look says."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from alerts.diff.delta import WAITING, Delta
from alerts.diff.drafts import label
from alerts.diff.state import Absence, DatasetState, Status
from alerts.diff.step import Step
from alerts.policy import Policy
from opendata_spiders import normalise
from opendata_spiders.store.models import LookResult, Run


class Finding(StrEnum):
    """What the absences so far amount to."""

    WAIT = "wait"
    REMOVED = "removed"
    UNLISTED = "unlisted"
    INFERRED = "inferred"
    """Removed by the third complete run alone, nobody could look."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One missing dataset after this run."""

    state: DatasetState
    finding: Finding


def gap(run: Run) -> int:
    """Rows that may have been hidden from us: printed total minus datasets seen."""
    return max(0, (run.declared or 0) - run.seen)


def room(run: Run) -> int:
    """Like `gap`, but a printed total that is smaller than the list proves nothing: rows may hide behind it.

    Such a total makes the first pass look whole; only a second one of the same ids speaks against it.
    """
    return max(1, run.rows - run.seen) if _undershot(run) else gap(run)


def _undershot(run: Run) -> bool:
    return run.declared is not None and run.declared < run.seen and run.passes < 2


def judge_missing(delta: Delta, step: Step) -> list[Judged]:
    """Every dataset this complete run does not list, with this absence counted in."""
    fresh = _first_absences(delta, step)
    missing = [*fresh, *delta.missing.values()]
    counted = [_counted(one, step) for one in missing]
    others = _still_missing({one.last_seen for one in counted}, delta, step)
    # Paging hides a few rows, never as many as a bulk deletion takes.
    few = len(missing) <= step.policy.bulk_limit(step.state.size)
    doubtful = few and _undershot(step.run)
    judged = [_judged(one, others[one.last_seen], step, few=few, doubtful=doubtful) for one in counted]
    return sorted(judged, key=lambda one: one.state.dataset)


def _judged(one: DatasetState, others: int, step: Step, *, few: bool, doubtful: bool) -> Judged:
    if one.twin and len(one.absences) >= step.policy.undecided_absences:
        # Listed under another id: no row of its own is hidden.
        return Judged(one, Finding.INFERRED)
    grew = _grew(one, others, gap(step.run), few=few)
    return Judged(one, _finding(one, step.run, step.policy, doubtful=doubtful, grew=grew))


def _grew(one: DatasetState, others: int, now: int, *, few: bool) -> bool:
    """Whether there is more room for hidden rows than when it was last listed, but for what others take up still.

    Had there been more on any night since, one of the others may have been removed, and the room be this one's. Of
    many that went at once a single night without more room is proof: so many are not hidden on all the others.
    """
    gaps, before = [now, *(absence.gap for absence in one.absences)], max(0, one.gap_before)
    if not few:
        return min(gaps) > before
    return now > before and max(gaps) > max(0, one.gap_before + others)


def _first_absences(delta: Delta, step: Step) -> Iterable[DatasetState]:
    versions = step.view.reader.versions({entry.version for entry in delta.vanished.values()})
    # The gap of the last run was theirs who were missing then: it leaves no room for the ones that vanish now.
    waiting = sum(one.status in WAITING for one in step.memory.datasets.values())
    for name, entry in delta.vanished.items():
        version = versions.get(entry.version)
        content = version.content if version else {}
        yield DatasetState(
            dataset=name,
            status=Status.PENDING,
            entry=entry,
            last_seen=step.state.last_complete_at or step.run.at,
            gap_before=step.state.gap - waiting,
            title=label(version, "title"),
            office=label(version, "office"),
            page_url=version.page_url if version else "",
            theme=normalise.themes(
                content.get("theme"), title=content.get("title"), office=content.get("office")
            ).themes,
        )


def _counted(one: DatasetState, step: Step) -> DatasetState:
    """With this absence, if it is on another date and far enough from the last that counted."""
    run = step.run
    absence = Absence(run.id, run.at, run.look.get(one.dataset, LookResult.UNKNOWN), room(run))
    if one.absences and not _far_enough(one.absences[-1].at, run.at, step):
        return replace(one, absences=(*one.absences[:-1], replace(one.absences[-1], look=absence.look)))
    return replace(one, absences=_kept((*one.absences, absence), step.policy.undecided_absences))


def _kept(absences: tuple[Absence, ...], many: int) -> tuple[Absence, ...]:
    """The first, the last, and of those between the last in which its page answered: that is not forgotten."""
    first, between, last = absences[:1], absences[1:-many], absences[1:][-many:]
    answered = [one for one in between if one.look is not LookResult.UNKNOWN]
    return (*first, *answered[-many:], *last)


def _far_enough(earlier: datetime, later: datetime, step: Step) -> bool:
    apart = later - earlier >= timedelta(hours=step.policy.removal_hours)
    return apart and step.lens.day(earlier) != step.lens.day(later)


def _still_missing(moments: Iterable[datetime], delta: Delta, step: Step) -> dict[datetime, int]:
    """How many were missing at each of the moments already, and have not been listed since.

    Those take up tonight what they took up then: a row that is hidden, or none.
    """
    others = [one for name, one in step.memory.datasets.items() if name not in delta.listed]
    return {at: sum(_was_missing(other, at) for other in others) for at in moments}


def _was_missing(other: DatasetState, at: datetime) -> bool:
    missed = bool(other.absences) and other.absences[0].at <= at
    return missed and (other.ended is None or other.ended > at)


def _finding(one: DatasetState, run: Run, policy: Policy, *, doubtful: bool, grew: bool) -> Finding:
    counted, look = len(one.absences), run.look.get(one.dataset, LookResult.UNKNOWN)
    if counted < policy.removal_absences:
        return Finding.WAIT
    if look is LookResult.GONE or (look is LookResult.UNKNOWN and _gone_twice(one, policy)):
        return Finding.REMOVED
    hiding = any(absence.gap for absence in one.absences[-2:])
    if look is LookResult.OPEN:
        return Finding.WAIT if hiding else Finding.UNLISTED
    room_grew = grew and not _sample_gone(run, policy)
    if counted < policy.undecided_absences or room_grew or doubtful:
        return Finding.WAIT
    if last_look(one) is LookResult.OPEN:
        return Finding.WAIT if hiding else Finding.UNLISTED
    return Finding.INFERRED


def _sample_gone(run: Run, policy: Policy) -> bool:
    """Whether a sample of the many missing was all found gone: then a total that stood still hides none of the rest."""
    return len(run.look) >= policy.sample_gone and all(said is LookResult.GONE for said in run.look.values())


def _gone_twice(one: DatasetState, policy: Policy) -> bool:
    """Found gone on both nights on which the crawl looks: one that was held for a third run needs no third look."""
    return sum(absence.look is LookResult.GONE for absence in one.absences) >= policy.removal_absences


def last_look(one: DatasetState) -> LookResult:
    """What was found behind its id when somebody could last look: a page that opened is not gone for lack of a look."""
    known = (absence.look for absence in reversed(one.absences) if absence.look is not LookResult.UNKNOWN)
    return next(known, LookResult.UNKNOWN)


def sightings(
    datasets: Mapping[str, DatasetState], listed: Iterable[str], waiting: tuple[Status, ...]
) -> dict[str, DatasetState]:
    """The waiting datasets that a run lists, whatever its verdict: what it saw is not gone."""
    return {name: datasets[name] for name in listed if name in datasets and datasets[name].status in waiting}
