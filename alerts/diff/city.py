"""The city's state machine: live, slowed, stopping, stopped, resumed; moved by evidence of updates and by silence."""

from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any

from alerts.diff.changes import Change
from alerts.diff.drafts import Draft
from alerts.diff.state import City, Evidence, Phase, PortalState
from alerts.diff.view import Entries, Lens, RunView
from alerts.events import Confidence
from alerts.policy import Policy

QUIET = (Phase.SLOWED, Phase.STOPPING, Phase.STOPPED)


@dataclass(frozen=True, slots=True)
class Signs:
    """What one run shows of updates on the whole portal."""

    claimed: Evidence | None
    """The newest date the portal claims, stamped days left out."""
    changed: tuple[str, ...]
    """Datasets whose content we saw change."""
    new: tuple[str, ...]
    """Datasets that were certainly not there before."""

    def newest(self, view: RunView) -> Evidence | None:
        """The newest of them; what we saw ourselves counts from the moment of the run."""
        if self.changed:
            return Evidence(view.run.at, "content", self.changed[0], view.run.id)
        if self.new:
            return Evidence(view.run.at, "new", self.new[0], view.run.id)
        return self.claimed


def claimed_evidence(entries: Entries, view: RunView, lens: Lens, stamped: tuple[str, ...]) -> Evidence | None:
    """The newest plausible date among the entries that was not stamped on the catalogue in bulk."""
    dated = ((lens.claimed(entry.clocks), name) for name, entry in entries.items())
    days = frozenset(stamped)
    newest = max(
        ((at, name) for at, name in dated if at and lens.day(at).isoformat() not in days),
        default=None,
        key=lambda pair: (pair[0], pair[1]),
    )
    return None if newest is None else Evidence(newest[0], "claimed", newest[1], view.run.id)


def changed_datasets(changes: list[Change], mass: frozenset[str]) -> tuple[str, ...]:
    """Datasets that changed in more than what was rewritten on the whole portal at once."""
    return tuple(change.dataset for change in changes if change.measures or not mass.issuperset(change.fields))


def first_city(entries: Entries, signs: Signs, view: RunView, lens: Lens, policy: Policy) -> City:
    """The state by the portal's own dates alone; no event comes of it.

    A portal that shows no date is taken to be silent from the moment we first looked.
    """
    days = sorted({lens.day(at) for entry in entries.values() if (at := lens.claimed(entry.clocks))})
    known = tuple(day.isoformat() for day in days[-policy.update_days_kept :])
    evidence = signs.newest(view) or Evidence(view.run.at, "observed", "", view.run.id)
    silent = lens.days_between(evidence.date, view.run.at)
    phase = _phase(silent, known, policy)
    since = evidence.date if phase in QUIET else view.run.at
    return City(phase, since, evidence, announced=_notice(silent, policy), days=known)


def with_signs(city: City, signs: Signs, view: RunView, lens: Lens, policy: Policy) -> City:
    """The city with a run's evidence taken in: newer evidence ends a silence without a word, but not a stop."""
    newest = signs.newest(view)
    if city.phase is Phase.STOPPED or newest is None or (city.evidence and newest.date <= city.evidence.date):
        return city
    day = lens.day(newest.date).isoformat()
    days = tuple(dict.fromkeys((*city.days, day)))[-policy.update_days_kept :]
    city = replace(city, evidence=newest, days=days, announced=None, swept=0)
    return replace(city, phase=Phase.LIVE, since=view.run.at) if city.phase in QUIET else city


def towards_resumption(city: City, signs: Signs, view: RunView, policy: Policy, catalogue: int) -> City:
    """Gather what was confirmed since the stop."""
    if city.phase is not Phase.STOPPED or not (signs.changed or signs.new):
        return city
    most = int(policy.resume_need(catalogue)) + 1
    confirmed = tuple(dict.fromkeys((*city.confirmed, *signs.changed)))[:most]
    return replace(city, confirmed=confirmed, new=city.new + len(signs.new), first_sign=city.first_sign or view.run.at)


def resumption(
    city: City, signs: Signs, state: PortalState, view: RunView, lens: Lens, policy: Policy
) -> tuple[City, list[Draft]]:
    """End a stop once enough is confirmed: updates on max(3, 1 %) datasets, or a new dataset and one update."""
    enough = len(city.confirmed) >= policy.resume_need(state.size) or bool(city.new and city.confirmed)
    before = city.evidence
    if city.phase is not Phase.STOPPED or not enough or city.first_sign is None:
        return city, []
    silent = lens.days_between(before.date, city.first_sign) if before else None
    draft = Draft(
        "city.resumed",
        episode=before.run if before else state.last_run,
        since=city.first_sign,
        evidence={
            "silent_days": silent,
            "evidence_before": asdict(before) if before else None,
            "confirmed": list(city.confirmed),
            "new": city.new,
            "runs": [state.last_run, view.run.id],
        },
    )
    days = tuple(dict.fromkeys((*city.days, lens.day(view.run.at).isoformat())))
    fresh = City(Phase.RESUMED, view.run.at, signs.newest(view) or before, days=days[-policy.update_days_kept :])
    return fresh, [draft]


def silence(city: City, state: PortalState, view: RunView, lens: Lens, policy: Policy) -> tuple[City, list[Draft]]:
    """What a complete run says about the silence up to it; only ever called for complete runs."""
    if city.evidence is None or city.phase is Phase.STOPPED:
        return _faking(city, state, view, lens)
    silent = lens.days_between(city.evidence.date, view.run.at)
    city = _swept(city, silent, view, policy)
    phase = _phase(silent, city.days, policy)
    if phase is Phase.STOPPED and not _may_stop(city, view, policy):
        phase = Phase.STOPPING
    if phase is Phase.LIVE:
        return _alive(city, view, policy), []
    return _quiet(city, phase, silent, state, view, policy)


def _alive(city: City, view: RunView, policy: Policy) -> City:
    """A resumed city is simply live again after a while."""
    settled = timedelta(days=policy.resumed_days)
    if city.phase is Phase.RESUMED and city.since and view.run.at - city.since < settled:
        return city
    return city if city.phase is Phase.LIVE else replace(city, phase=Phase.LIVE, since=view.run.at)


def _quiet(
    city: City, phase: Phase, silent: int, state: PortalState, view: RunView, policy: Policy
) -> tuple[City, list[Draft]]:
    drafts = []
    evidence = _evidence(city, silent, state, view)
    started = city.evidence.date if city.evidence else None
    if phase is Phase.STOPPING and (notice := _notice(silent, policy)) is not None and notice != city.announced:
        drafts.append(
            _draft("city.stopping", city, evidence | {"days_left": _days_left(silent, policy)}, f"in {notice}")
        )
        city = replace(city, announced=notice)
    if phase is not city.phase and phase in (Phase.SLOWED, Phase.STOPPED):
        extra = {"median_gap": median_gap(city.days)} if phase is Phase.SLOWED else _observed(state, view)
        drafts.append(_draft(f"city.{phase}", city, evidence | extra, confidence=stop_confidence(state, policy)))
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


def _evidence(city: City, silent: int, state: PortalState, view: RunView) -> dict[str, Any]:
    return {
        "days_silent": silent,
        "evidence": asdict(city.evidence) if city.evidence else None,
        "nights": state.nights,
        "runs": [state.last_complete, view.run.id],
    }


def _observed(state: PortalState, view: RunView) -> dict[str, Any]:
    return {"first_observed": state.first_observed, "declared": view.run.declared, "seen": view.run.seen}


def stop_confidence(state: PortalState, policy: Policy) -> Confidence:
    """Rests on the portal's dates until the whole of such a silence has been watched."""
    return Confidence.CONFIRMED if state.nights >= policy.stopped_days else Confidence.CLAIMED


def _phase(silent: int, days: tuple[str, ...], policy: Policy) -> Phase:
    if silent > policy.stopped_days:
        return Phase.STOPPED
    if _days_left(silent, policy) <= max(policy.stopping_ahead):
        return Phase.STOPPING
    gap = median_gap(days) if len(days) > policy.slowed_min_gaps else None
    unusual = gap is not None and silent >= policy.slowed_gap_floor and silent > policy.slowed_gap_factor * gap
    return Phase.SLOWED if silent > policy.slowed_days or unusual else Phase.LIVE


def median_gap(days: tuple[str, ...]) -> float | None:
    """Median number of days between two days with an update; None with fewer than two."""
    dates = sorted(date.fromisoformat(day) for day in days)
    gaps = [(later - earlier).days for earlier, later in zip(dates, dates[1:], strict=False)]
    return median(gaps) if gaps else None


def _days_left(silent: int, policy: Policy) -> int:
    """Days until it counts as stopped."""
    return policy.stopped_days + 1 - silent


def _notice(silent: int, policy: Policy) -> int | None:
    """The shortest notice that is due at this length of silence."""
    left = _days_left(silent, policy)
    return min((notice for notice in policy.stopping_ahead if left <= notice), default=None)


def _swept(city: City, silent: int, view: RunView, policy: Policy) -> City:
    """Count the detail pages read since the silence became long enough."""
    if silent <= policy.stopped_days:
        return replace(city, swept=0) if city.swept else city
    return replace(city, swept=city.swept + view.run.details_read)


def _may_stop(city: City, view: RunView, policy: Policy) -> bool:
    """Where dates live in details, every detail is to be read once more after the silence became long enough."""
    if not view.run.dates_in_details:
        return True
    enough = policy.detail_coverage * view.run.seen
    return view.run.detailed >= enough and city.swept >= enough


def _faking(city: City, state: PortalState, view: RunView, lens: Lens) -> tuple[City, list[Draft]]:
    """A stopped city whose stamped dates are newer than its last evidence."""
    if city.phase is not Phase.STOPPED or city.evidence is None or city.faking:
        return city, []
    newer = [day for day in state.restamps if day > lens.day(city.evidence.date).isoformat()]
    if not newer:
        return city, []
    silent = lens.days_between(city.evidence.date, view.run.at)
    evidence = _evidence(city, silent, state, view) | {"restamps": newer}
    return replace(city, faking=True), [_draft("city.stopped_faking", city, evidence, confidence=Confidence.PROBABLE)]


def days_silent(city: City, at: datetime | None, lens: Lens) -> int | None:
    """Whole days from the newest evidence to the last complete run."""
    return None if city.evidence is None or at is None else max(0, lens.days_between(city.evidence.date, at))
