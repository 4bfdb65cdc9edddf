"""Which datasets are missing from a complete run, how often, and what that amounts to.

States nothing itself: `dataset_removed` and `dataset_rekeyed` state what is judged here. An absence counts once a
calendar day and `removal_hours` after the last. Two absences with the page gone, or three without a look, make a
removal; a page that opens makes an unlisting; a row that the printed total leaves room for waits for `hidden_nights`.
Whatever the absences amount to, a dataset waits while its return is not improbable by the portal's record
(`return_odds`).
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from alerts.comparison.context import RunContext
from alerts.comparison.delta import Delta
from alerts.comparison.event_builder import label
from alerts.model.policy import EventPolicy
from alerts.model.states import Absence, DatasetState, DatasetStatus
from alerts.rules.return_odds import (
    Odds,
    Sort,
    cohorts,
    in_mass,
    is_flapping,
    known_before,
    known_to,
    last_look,
    looked_gone,
    odds_of,
    sort_of,
)
from opendata_spiders import normalise
from opendata_spiders.store.models import LookResult, Run


class AbsenceFinding(StrEnum):
    """What the absences so far amount to."""

    WAIT = "wait"
    REMOVED = "removed"
    UNLISTED = "unlisted"
    INFERRED = "inferred"
    """Removed by the third complete run alone, nobody could look."""
    DOUBTED = "doubted"
    """Missing often enough, but by the portal's record too many such datasets come back."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One missing dataset after this run."""

    state: DatasetState
    finding: AbsenceFinding
    sort: Sort = Sort.FEW
    odds: Odds | None = None
    """How probable its return is; None while the absences amount to nothing yet."""


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


def judge_missing(delta: Delta, step: RunContext) -> list[Judged]:
    """Every dataset this complete run does not list, with this absence counted in."""
    fresh = _first_absences(delta, step)
    missing = [*fresh, *delta.missing.values()]
    counted = [_counted(one, step) for one in missing]
    judge = _Judge(counted, delta, step)
    return sorted(map(judge.judged, counted), key=lambda one: one.state.dataset)


class _Judge:
    """Judges each of the missing by what is missing beside it."""

    def __init__(self, missing: list[DatasetState], delta: Delta, step: RunContext) -> None:
        policy = step.policy
        self.step = step
        self.limit = policy.bulk_limit(step.state.size)
        self.all, self.lost = len(missing), sum(not one.twin for one in missing)
        # How many were missing at each of the moments already and have not been listed since: those take up tonight
        # what they took up then, a row that is hidden or none.
        others = [one for one in delta.absent.values() if one.absences]
        self.others = {
            at: sum(one.absences[0].at <= at and (one.ended is None or one.ended > at) for one in others)
            for at in {one.last_seen for one in missing}
        }
        self.together = cohorts(missing)
        self.gone = {run for run, cohort in self.together.items() if looked_gone(cohort, policy)}
        mass = [one for one in missing if not one.twin and in_mass(one, policy)]
        self.share = len(mass) / max(1, known_to(mass, step))

    def judged(self, one: DatasetState) -> Judged:
        step = self.step
        beside = self.all if one.twin else self.lost
        # Paging hides a few rows, never as many as a bulk deletion takes.
        few = beside <= self.limit
        grew, doubtful = self._grew(one, beside, few=few), few and _undershot(step.run)
        if one.twin and len(one.absences) >= step.policy.undecided_absences:
            # Listed under another id: no row of its own is hidden.
            finding, outlasted = AbsenceFinding.INFERRED, False
        else:
            finding = _finding(one, step.run, step.policy, doubtful=doubtful, grew=grew)
            # Stated in spite of the room for it, because no row stays hidden for so long: unless here they do.
            long = one.nights >= step.policy.hidden_nights
            outlasted = (grew or doubtful) and long and finding is not AbsenceFinding.REMOVED
        sort = Sort.HIDDEN if outlasted else sort_of(one, self.gone, step.policy)
        if finding is AbsenceFinding.WAIT or self._moved_on(one):
            return Judged(one, finding, sort)
        odds = odds_of(one, sort, self.share, step)
        return Judged(one, finding if odds.improbable(step.policy) else AbsenceFinding.DOUBTED, sort, odds)

    def _moved_on(self, one: DatasetState) -> bool:
        """Whether its twin explains it: alone, or with a good part of those it vanished with; no chance likeness."""
        if not one.twin or is_flapping(self.step.state):
            return False
        together = self.together[one.absences[0].run]
        paired = sum(bool(other.twin) for other in together)
        return not in_mass(one, self.step.policy) or paired >= self.step.policy.paired_share * len(together)

    def _grew(self, one: DatasetState, beside: int, *, few: bool) -> bool:
        """Whether there is more room for hidden rows than when it was last listed, but for what others take up still.

        Had there been more on any night since, one of the others may have been removed, and the room be this one's. Of
        many that went at once a single night without more room is proof: so many are not hidden on all the others. Nor
        are they on any night where the room is that of a few of them.
        """
        gaps, before = [gap(self.step.run), *(absence.gap for absence in one.absences)], max(0, one.gap_before)
        if not few:
            share = self.step.policy.hidden_half if one.twin else self.step.policy.hidden_share
            return min(gaps) - before >= max(1, share * beside)
        return gaps[0] > before and max(gaps) > max(0, one.gap_before + self.others[one.last_seen])


def _first_absences(delta: Delta, step: RunContext) -> Iterable[DatasetState]:
    versions = step.view.reader.versions({entry.version for entry in delta.vanished.values()})
    # The gap of the last run was theirs who were missing then: it leaves no room for the ones that vanish now.
    known = known_before(step)
    waiting = known - step.state.size
    lost = sum(not one.twin for one in delta.missing.values())
    for name, entry in delta.vanished.items():
        version = versions.get(entry.version)
        content = version.content if version else {}
        yield DatasetState(
            dataset=name,
            status=DatasetStatus.PENDING,
            entry=entry,
            last_seen=step.state.last_complete_at or step.run.at,
            gap_before=step.state.gap - waiting,
            cohort=len(delta.vanished) + lost,
            catalogue=known,
            title=label(version, "title"),
            office=label(version, "office"),
            page_url=version.page_url if version else "",
            theme=normalise.themes(
                content.get("theme"), title=content.get("title"), office=content.get("office")
            ).themes,
        )


def _counted(one: DatasetState, step: RunContext) -> DatasetState:
    """With this absence, if it is on another date and far enough from the last that counted."""
    run = step.run
    absence = Absence(run.id, run.at, run.look.get(one.dataset, LookResult.UNKNOWN), room(run))
    last = one.absences[-1].at if one.absences else None
    apart = timedelta(hours=step.policy.removal_hours)
    if last and (run.at - last < apart or step.lens.day(last) == step.lens.day(run.at)):
        return replace(one, absences=(*one.absences[:-1], replace(one.absences[-1], look=absence.look)))
    # Kept are the first, the last, and of those between the last in which its page answered: that is not forgotten.
    absences, many = (*one.absences, absence), step.policy.undecided_absences
    answered = [other for other in absences[1:-many] if other.look is not LookResult.UNKNOWN]
    absences = (*absences[:1], *answered[-many:], *absences[1:][-many:])
    return replace(one, absences=absences, nights=one.nights + 1)


def _finding(one: DatasetState, run: Run, policy: EventPolicy, *, doubtful: bool, grew: bool) -> AbsenceFinding:
    counted, look = len(one.absences), run.look.get(one.dataset, LookResult.UNKNOWN)
    if counted < policy.removal_absences:
        return AbsenceFinding.WAIT
    # Found gone on both nights on which the crawl looks: one that was held for a third run needs no third look.
    gone_twice = sum(absence.look is LookResult.GONE for absence in one.absences) >= policy.removal_absences
    if look is LookResult.GONE or (look is LookResult.UNKNOWN and gone_twice):
        return AbsenceFinding.REMOVED
    # No row stays hidden for ever: what is not listed for so long is not listed.
    outlasted = one.nights >= policy.hidden_nights
    hiding = any(absence.gap for absence in one.absences[-2:]) and not outlasted
    if look is LookResult.OPEN:
        return AbsenceFinding.WAIT if hiding else AbsenceFinding.UNLISTED
    # A sample of the many missing was all found gone: then a total that stood still hides none of the rest.
    sample_gone = len(run.look) >= policy.sample_gone and set(run.look.values()) == {LookResult.GONE}
    room_grew = grew and not sample_gone
    if counted < policy.undecided_absences or ((room_grew or doubtful) and not outlasted):
        return AbsenceFinding.WAIT
    if last_look(one) is LookResult.OPEN:
        return AbsenceFinding.WAIT if hiding else AbsenceFinding.UNLISTED
    return AbsenceFinding.INFERRED
