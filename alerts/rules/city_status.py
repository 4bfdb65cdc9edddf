"""City states: live, slowed, stopping, stopped, resumed; changed by signs of updates and by silence (days without any).

Reported: `city.slowed` (silent for `slowed_days`, or for much longer than its own median gap), `city.stopping` (notice
of a stop, `stopping_ahead`), `city.stopped` (silent for more than `stopped_days`), `city.stopped_faking` (stopped, and
dates set in bulk are newer) and `city.resumed` (a stop ended by confirmed updates). Not reported: silence up to the
first complete run, which only sets a state; silence in a run that is not complete; a stop of a portal whose detail
pages have not all been read since; public holidays as a part of a long gap. Dates set in bulk, and dates printed while
they were in the future, are no signs of updates.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Any

from alerts.calendar import Calendar
from alerts.comparison.context import RunContext
from alerts.comparison.dating import newest_on
from alerts.comparison.event_builder import Draft
from alerts.comparison.run_view import Lens
from alerts.model.catalogue_dates import CatalogueDates, moment
from alerts.model.events import Confidence
from alerts.model.policy import EventPolicy
from alerts.model.states import QUIET, City, Evidence, Phase, PortalState
from alerts.rules.dataset_changed import Change, is_restamped
from alerts.rules.platform_undated import undated_city
from opendata_spiders.store.models import Run


@dataclass(frozen=True, slots=True)
class Signs:
    """What one run shows of updates on the whole portal; datasets by native id."""

    claimed: Evidence | None
    """The newest date that the portal claims, without days on which dates were set in bulk."""
    changed: tuple[str, ...] = ()
    """Datasets whose content differs from the last run."""
    updated: tuple[str, ...] = ()
    """Those of `changed` whose data changed: their size, their files, or their date together with other content."""
    new: tuple[str, ...] = ()
    """Datasets that certainly did not exist before."""
    printed: tuple[str, ...] = ()
    """Days (ISO) that the list prints as update dates, without those set in bulk, oldest first."""
    undated: bool = False
    """Whether a dataset changed or appeared without a printed day that shows it."""
    unread: tuple[str, ...] = ()
    """Datasets whose update date changed to one that cannot be read."""

    def newest(self, run: Run) -> Evidence | None:
        """The newest evidence; observed changes count with the time of the run."""
        if self.changed:
            return Evidence(run.at, "content", self.changed[0], run.id)
        if self.new:
            return Evidence(run.at, "new", self.new[0], run.id)
        if self.unread:
            return Evidence(run.at, "observed", self.unread[0], run.id)
        return self.claimed


def signs_of(dates: CatalogueDates, step: RunContext, stamped: tuple[str, ...]) -> Signs:
    """The signs in a list by itself: its plausible dates without the `stamped` days (ISO), which were set in bulk."""
    days = sorted(dates.days.difference(stamped))
    if not days:
        return Signs(None)
    row = newest_on(days[-1], dates, step)
    return Signs(Evidence(moment(row[0]), "claimed", row[1], step.run.id) if row else None, printed=tuple(days))


def signs_seen(
    own: Signs, changes: Iterable[Change], new: tuple[str, ...], unread: tuple[str, ...], step: RunContext
) -> Signs:
    """The signs in a list's own dates (`own`) and in its comparison with the known list."""
    telling = [change for change in changes if change.content_changed]
    stamped = frozenset(step.state.restamps)
    own_dates = (replace(one, advanced=one.advanced and not is_restamped(one, step.lens, stamped)) for one in telling)
    return replace(
        own,
        changed=tuple(change.dataset for change in telling),
        updated=tuple(change.dataset for change in own_dates if change.data_changed),
        new=new,
        undated=_is_undated(telling, new, own.printed, step),
        unread=unread,
    )


def _is_undated(changes: Iterable[Change], new: tuple[str, ...], printed: tuple[str, ...], step: RunContext) -> bool:
    """Whether a change or a new dataset shows an update on a day that the list does not print.

    A change is dated by its own new date; all observed changes are dated if a day since the last complete run is
    printed.
    """
    lens, last = step.lens, step.state.last_complete_at
    if last and printed and printed[-1] >= lens.day(last).isoformat():
        return False
    days = (change.claimed_after if change.advanced else None for change in changes)
    return bool(new) or any(at is None or lens.day(at).isoformat() not in printed for at in days)


def judge_city(signs: Signs, step: RunContext) -> tuple[PortalState, list[Draft]]:
    """The state of the city after a complete run; its first state is set without an event.

    While the portal's dates cannot be read, silence leads to no event.
    """
    state, undated, run, policy = step.state, step.state.undated_at is not None, step.run, step.policy
    if not state.settled:
        if undated:
            city = undated_city(step)
        else:
            # By the portal's own dates alone; a portal that prints none counts as silent since the first run.
            known = signs.printed[-policy.update_days_kept :]
            evidence = signs.newest(run) or Evidence(run.at, "observed", "", run.id)
            silent = step.lens.days_between(evidence.date, run.at)
            phase = _phase(silent, _is_unusual(evidence, known, step), policy)
            since = evidence.date if phase in QUIET else run.at
            city = City(phase, since, evidence, announced=_notice(silent, policy), days=known)
        # Where dates are on detail pages, they are all known once nearly every detail page has been read.
        read = not step.run.dates_in_details or _details_enough(step.run.detailed, step)
        return replace(state, city=city, settled=not undated and read), []
    city, resumed = take_in(signs, step)
    city, moves = (city, []) if undated else _silence(city, step)
    return replace(state, city=city), [*resumed, *moves]


def take_in(signs: Signs, step: RunContext) -> tuple[City, list[Draft]]:
    """The city after the signs of a run with any verdict.

    A sign on a later day ends a silence without an event, but not a stop. A stop ends once enough is confirmed: updates
    of `resume_need` datasets, or a new dataset and one update. A changed description alone is neither.
    """
    city = step.state.city
    if city.phase is Phase.STOPPED:
        return _resumed(city, signs, step)
    newest, lens = signs.newest(step.run), step.lens
    city = replace(city, days=_update_days(city, signs, step))
    if newest is None or (city.evidence and lens.day(newest.date) <= lens.day(city.evidence.date)):
        return city, []
    city = replace(city, evidence=newest, announced=None, swept=0)
    return (replace(city, phase=Phase.LIVE, since=step.run.at) if city.phase in QUIET else city), []


def _update_days(city: City, signs: Signs, step: RunContext) -> tuple[str, ...]:
    """The latest days (ISO) with updates; a change without a date counts for the day of the run."""
    own = (step.lens.day(step.run.at).isoformat(),) if signs.undated else ()
    return tuple(sorted({*city.days, *signs.printed, *own})[-step.policy.update_days_kept :])


def _resumed(city: City, signs: Signs, step: RunContext) -> tuple[City, list[Draft]]:
    """The stopped city with the confirmed updates and new datasets of a run added; enough of them end the stop."""
    if signs.updated or signs.new:
        most = int(step.policy.resume_need(step.state.size)) + 1
        confirmed = tuple(dict.fromkeys((*city.confirmed, *signs.updated)))[:most]
        first_sign = city.first_sign or step.run.at
        city = replace(city, confirmed=confirmed, new=city.new + len(signs.new), first_sign=first_sign)
    before, first = city.evidence, city.first_sign
    enough = len(city.confirmed) >= step.policy.resume_need(step.state.size) or bool(city.new and city.confirmed)
    if not enough or first is None:
        return city, []
    draft = Draft(
        "city.resumed",
        episode=before.run if before else step.state.last_run,
        since=first,
        evidence={
            "silent_days": step.lens.days_between(before.date, first) if before else None,
            "evidence_before": before,
            "confirmed": list(city.confirmed),
            "new": city.new,
            "runs": step.runs,
        },
    )
    return City(Phase.RESUMED, step.run.at, signs.newest(step.run) or before, days=_update_days(city, signs, step)), [
        draft
    ]


def _silence(city: City, step: RunContext) -> tuple[City, list[Draft]]:
    """The city after the silence up to this complete run."""
    run, policy = step.run, step.policy
    if city.evidence is None or city.phase is Phase.STOPPED:
        return _faking(city, step)
    silent = step.lens.days_between(city.evidence.date, run.at)
    phase = _phase(silent, _is_unusual(city.evidence, city.days, step), policy)
    # Detail pages read since the silence became long enough for a stop.
    city = replace(city, swept=city.swept + run.details_read if silent > policy.stopped_days else 0)
    if phase is Phase.STOPPED and not _may_stop(city, step):
        phase = Phase.STOPPING
    if phase is not Phase.LIVE:
        return _state_silence(city, phase, silent, step)
    recent = city.since and run.at - city.since < timedelta(days=policy.resumed_days)
    if city.phase is Phase.LIVE or (city.phase is Phase.RESUMED and recent):
        return city, []
    return replace(city, phase=Phase.LIVE, since=run.at), []


def _state_silence(city: City, phase: Phase, silent: int, step: RunContext) -> tuple[City, list[Draft]]:
    drafts, policy = [], step.policy
    evidence = _evidence(city, silent, step)
    started = city.evidence.date if city.evidence else None
    if phase is Phase.STOPPING and (notice := _notice(silent, policy)) is not None and notice != city.announced:
        drafts.append(
            _draft("city.stopping", city, evidence | {"days_left": _days_left(silent, policy)}, f"in {notice}")
        )
        city = replace(city, announced=notice)
    if phase is not city.phase and phase in (Phase.SLOWED, Phase.STOPPED):
        run = step.run
        lens, calendar = step.lens, step.lens.calendar
        if phase is Phase.SLOWED and started:
            # Gaps are in working days where the table of holidays covers them, else in weekdays.
            last, today = lens.day(started), lens.day(run.at)
            extra: dict[str, Any] = {
                "working_days_silent": calendar.working(last, today),
                "median_gap": median_gap(city.days, calendar),
                "calendar": calendar.basis(last, today),
            }
        else:
            extra = {"first_observed": step.state.first_observed, "declared": run.declared, "seen": run.seen}
        drafts.append(_draft(f"city.{phase}", city, evidence | extra, confidence=stop_confidence(step.state, policy)))
    if phase is not city.phase:
        city = replace(city, phase=phase, since=started)
    return city, drafts


def _draft(
    kind: str, city: City, evidence: dict[str, Any], subject: str = "", confidence: Confidence = Confidence.CLAIMED
) -> Draft:
    last = city.evidence
    return Draft(
        kind,
        subject=subject,
        episode=last.run if last else "",
        since=last.date if last else None,
        confidence=confidence,
        evidence=evidence,
    )


def _evidence(city: City, silent: int, step: RunContext) -> dict[str, Any]:
    return {
        "days_silent": silent,
        "evidence": city.evidence,
        "nights": step.state.nights,
        "runs": [step.state.last_complete, step.run.id],
    }


def stop_confidence(state: PortalState, policy: EventPolicy) -> Confidence:
    """Confirmed once the portal was observed for as long as a stop takes; before that the portal's dates are needed."""
    return Confidence.CONFIRMED if state.nights >= policy.stopped_days else Confidence.CLAIMED


def _phase(silent: int, unusual: bool, policy: EventPolicy) -> Phase:  # noqa: FBT001 -- both say how silent it is
    if silent > policy.stopped_days:
        return Phase.STOPPED
    if _days_left(silent, policy) <= max(policy.stopping_ahead):
        return Phase.STOPPING
    return Phase.SLOWED if silent > policy.slowed_days or unusual else Phase.LIVE


def _is_unusual(evidence: Evidence, days: tuple[str, ...], step: RunContext) -> bool:
    """Whether the city is silent for much longer than its median gap; public holidays do not count."""
    lens, policy, calendar = step.lens, step.policy, step.lens.calendar
    last, today = lens.day(evidence.date), lens.day(step.run.at)
    if len(days) <= policy.slowed_min_gaps or (today - last).days < policy.slowed_gap_floor:
        return False
    if (today - last).days - calendar.holidays(last, today) < policy.slowed_gap_floor:
        return False
    gap = median_gap(days, calendar)
    return gap is not None and calendar.working(last, today) > policy.slowed_gap_factor * gap


def median_gap(days: tuple[str, ...], calendar: Calendar) -> float | None:
    """Median number of working days from one day with an update to the next; None with fewer than two days."""
    dates = sorted(date.fromisoformat(day) for day in days)
    gaps = [calendar.working(earlier, later) for earlier, later in pairwise(dates)]
    return median(gaps) if gaps else None


def _days_left(silent: int, policy: EventPolicy) -> int:
    """Days until a city that has been silent for `silent` days counts as stopped."""
    return policy.stopped_days + 1 - silent


def _notice(silent: int, policy: EventPolicy) -> int | None:
    """The shortest notice (days before the stop) that is due after so many silent days; None if none is."""
    left = _days_left(silent, policy)
    return min((notice for notice in policy.stopping_ahead if left <= notice), default=None)


def _may_stop(city: City, step: RunContext) -> bool:
    """Where dates are on detail pages, all of them must be read again after the silence became long enough."""
    run = step.run
    return not run.dates_in_details or _details_enough(min(run.detailed, city.swept), step)


def _details_enough(detailed: int, step: RunContext) -> bool:
    return detailed >= step.policy.detail_coverage * step.run.seen


def _faking(city: City, step: RunContext) -> tuple[City, list[Draft]]:
    """Draft `city.stopped_faking`, once, if dates set in bulk are newer than the last evidence of a stopped city."""
    lens = step.lens
    if city.phase is not Phase.STOPPED or city.evidence is None or city.faking:
        return city, []
    newer = [day for day in step.state.restamps if day > lens.day(city.evidence.date).isoformat()]
    if not newer:
        return city, []
    silent = lens.days_between(city.evidence.date, step.run.at)
    evidence = _evidence(city, silent, step) | {"restamps": newer}
    return replace(city, faking=True), [_draft("city.stopped_faking", city, evidence, confidence=Confidence.PROBABLE)]


def days_silent(city: City, at: datetime | None, lens: Lens) -> int | None:
    """Whole days from the newest evidence to the last complete run (`at`); None without either."""
    return None if city.evidence is None or at is None else max(0, lens.days_between(city.evidence.date, at))
