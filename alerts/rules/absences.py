"""Which datasets are missing from a complete run, how often, and whether they are removed, unlisted or still undecided.

States no events: `dataset_removed` and `dataset_rekeyed` do that with the findings of this module. An absence counts
once a calendar day and `removal_hours` after the last one. Two absences with the detail page gone, or three without a
check of the page, make a removal; a page that still opens makes an unlisting. If the printed total exceeds the list, so
that the row may only be hidden, the decision waits for `hidden_nights`. In every case it waits while a return is
probable by the portal's record (`return_odds`).
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
    """What the absences so far lead to."""

    WAIT = "wait"
    REMOVED = "removed"
    UNLISTED = "unlisted"
    INFERRED = "inferred"
    """Removed: missing from three complete runs, though the detail page could not be checked."""
    DOUBTED = "doubted"
    """Missing often enough, but by the portal's record too many such datasets return."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One missing dataset after this run."""

    state: DatasetState
    finding: AbsenceFinding
    sort: Sort = Sort.FEW
    odds: Odds | None = None
    """How probable its return is; None while the finding is WAIT, or where a twin explains the absence."""


def gap(run: Run) -> int:
    """Rows that the run may have missed: printed total minus datasets seen, at least 0."""
    return max(0, (run.declared or 0) - run.seen)


def room(run: Run) -> int:
    """Like `gap`, but at least 1 if the printed total is smaller than the list and only one pass was made.

    Such a total makes an incomplete first pass seem complete; only a second pass with the same ids shows that no row is
    hidden.
    """
    return max(1, run.rows - run.seen) if _undershot(run) else gap(run)


def _undershot(run: Run) -> bool:
    return run.declared is not None and run.declared < run.seen and run.passes < 2


def judge_missing(delta: Delta, step: RunContext) -> list[Judged]:
    """Every dataset that this complete run does not list, with this absence counted, sorted by native id."""
    fresh = _first_absences(delta, step)
    missing = [*fresh, *delta.missing.values()]
    counted = [_counted(one, step) for one in missing]
    judge = _Judge(counted, delta, step)
    return sorted(map(judge.judged, counted), key=lambda one: one.state.dataset)


class _Judge:
    """Judges each missing dataset in the light of what else is missing."""

    def __init__(self, missing: list[DatasetState], delta: Delta, step: RunContext) -> None:
        policy = step.policy
        self.step = step
        self.limit = policy.bulk_limit(step.state.size)
        self.all, self.lost = len(missing), sum(not one.twin for one in missing)
        # By the time at which a missing dataset was last listed: how many others were missing by then and have not been
        # listed since. If those are hidden rows, they were part of the gap then and still are.
        times = {one.last_seen for one in missing}
        others = [one for one in delta.unlisted_since(min(times), step).values() if one.absences] if times else []
        self.others = {
            at: sum(one.absences[0].at <= at and (one.ended is None or one.ended > at) for one in others)
            for at in times
        }
        self.together = cohorts(missing)
        self.gone = {run for run, cohort in self.together.items() if looked_gone(cohort, policy)}
        mass = [one for one in missing if not one.twin and in_mass(one, policy)]
        self.share = len(mass) / max(1, known_to(mass, step))

    def judged(self, one: DatasetState) -> Judged:
        step = self.step
        beside = self.all if one.twin else self.lost
        # Unstable paging hides a few rows, never as many as a bulk deletion removes.
        few = beside <= self.limit
        grew, doubtful = self._grew(one, beside, few=few), few and _undershot(step.run)
        if one.twin and len(one.absences) >= step.policy.undecided_absences:
            # It is listed under another id, so its own row is not a hidden one.
            finding, outlasted = AbsenceFinding.INFERRED, False
        else:
            finding = _finding(one, step.run, step.policy, doubtful=doubtful, grew=grew)
            # Stated although the gap has room for it, because rows do not stay hidden for so long; on portals where
            # they do, the record for Sort.HIDDEN shows it.
            long = one.nights >= step.policy.hidden_nights
            outlasted = (grew or doubtful) and long and finding is not AbsenceFinding.REMOVED
        sort = Sort.HIDDEN if outlasted else sort_of(one, self.gone, step.policy)
        if finding is AbsenceFinding.WAIT or self._moved_on(one):
            return Judged(one, finding, sort)
        odds = odds_of(one, sort, self.share, step)
        return Judged(one, finding if odds.improbable(step.policy) else AbsenceFinding.DOUBTED, sort, odds)

    def _moved_on(self, one: DatasetState) -> bool:
        """Whether its twin explains the absence: it vanished alone, or many that vanished with it have twins too."""
        if not one.twin or is_flapping(self.step.state):
            return False
        together = self.together[one.absences[0].run]
        paired = sum(bool(other.twin) for other in together)
        return not in_mass(one, self.step.policy) or paired >= self.step.policy.paired_share * len(together)

    def _grew(self, one: DatasetState, beside: int, *, few: bool) -> bool:
        """Whether the gap grew since it was last listed, beyond what other missing datasets account for.

        Few missing: the largest gap of any night since counts, because one of the others may have been removed since
        then, which leaves its part of the gap to this dataset. Many missing at once: the smallest gap counts, and must
        have room for a share of them, because a single night without room shows that so many rows are not hidden.
        """
        gaps, before = [gap(self.step.run), *(absence.gap for absence in one.absences)], max(0, one.gap_before)
        if not few:
            share = self.step.policy.hidden_half if one.twin else self.step.policy.hidden_share
            return min(gaps) - before >= max(1, share * beside)
        return gaps[0] > before and max(gaps) > max(0, one.gap_before + self.others[one.last_seen])


def _first_absences(delta: Delta, step: RunContext) -> Iterable[DatasetState]:
    versions = step.view.reader.versions({entry.version for entry in delta.vanished.values()})
    # Datasets that were missing in the last run account for a part of its gap, which has no room for those missing now.
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
    """The state with this absence added, if it is on another day and far enough from the last that counted."""
    run = step.run
    absence = Absence(run.id, run.at, run.look.get(one.dataset, LookResult.UNKNOWN), room(run))
    last = one.absences[-1].at if one.absences else None
    apart = timedelta(hours=step.policy.removal_hours)
    if last and (run.at - last < apart or step.lens.day(last) == step.lens.day(run.at)):
        return replace(one, absences=(*one.absences[:-1], replace(one.absences[-1], look=absence.look)))
    # Keep the first and the latest absences, and of those between the latest in which the detail page answered.
    absences, many = (*one.absences, absence), step.policy.undecided_absences
    answered = [other for other in absences[1:-many] if other.look is not LookResult.UNKNOWN]
    absences = (*absences[:1], *answered[-many:], *absences[1:][-many:])
    return replace(one, absences=absences, nights=one.nights + 1)


def _finding(one: DatasetState, run: Run, policy: EventPolicy, *, doubtful: bool, grew: bool) -> AbsenceFinding:
    counted, look = len(one.absences), run.look.get(one.dataset, LookResult.UNKNOWN)
    if counted < policy.removal_absences:
        return AbsenceFinding.WAIT
    # The crawl checks the page in the first two nights; a dataset held for a third run needs no third check.
    gone_twice = sum(absence.look is LookResult.GONE for absence in one.absences) >= policy.removal_absences
    if look is LookResult.GONE or (look is LookResult.UNKNOWN and gone_twice):
        return AbsenceFinding.REMOVED
    # No row stays hidden for ever: after this many nights a hidden row is ruled out.
    outlasted = one.nights >= policy.hidden_nights
    hiding = any(absence.gap for absence in one.absences[-2:]) and not outlasted
    if look is LookResult.OPEN:
        return AbsenceFinding.WAIT if hiding else AbsenceFinding.UNLISTED
    # All pages of a sample of many missing datasets are gone: then the gap is no sign of hidden rows among the rest.
    sample_gone = len(run.look) >= policy.sample_gone and set(run.look.values()) == {LookResult.GONE}
    room_grew = grew and not sample_gone
    if counted < policy.undecided_absences or ((room_grew or doubtful) and not outlasted):
        return AbsenceFinding.WAIT
    if last_look(one) is LookResult.OPEN:
        return AbsenceFinding.WAIT if hiding else AbsenceFinding.UNLISTED
    return AbsenceFinding.INFERRED
