"""The portal's record of vanished datasets that returned, and the probability of a return by that record.

Reported: `ops.flapping` and `ops.flapping_ended`, for operators, when many datasets vanish and return repeatedly. Other
rules state a loss once its return is improbable. The probability compares past cases that returned, weighted by how
their absence compares with the present one and by age, with past cases that never did; a portal without a record starts
with that of a stable portal. A bulk loss whose dataset pages could not be checked counts as though some had returned
before, the more the larger its share of the catalogue.
"""

from collections import Counter
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from alerts.comparison.context import RunContext
from alerts.comparison.delta import Delta
from alerts.comparison.event_builder import Draft
from alerts.model.policy import EventPolicy
from alerts.model.states import WAITING, AbsenceOutcome, DatasetState, PortalState, Streak
from opendata_spiders.store.models import LookResult

FLAPPING = "flapping"
_MONTHS = 12


class Sort(StrEnum):
    """How a dataset vanished, alone or in bulk, with its page found gone or not; past cases differ by it."""

    FEW = "few"
    FEW_GONE = "few.gone"
    MANY = "many"
    MANY_GONE = "many.gone"
    HIDDEN = "hidden"
    """The printed total left room for them."""


_MASS = (Sort.MANY, Sort.MANY_GONE)
_EVIDENCE_FOR: Mapping[Sort, frozenset[str]] = {
    Sort.FEW: frozenset({Sort.FEW, Sort.FEW_GONE}),
    Sort.MANY: frozenset({Sort.MANY, Sort.MANY_GONE}),
    **{sort: frozenset({sort}) for sort in (Sort.FEW_GONE, Sort.MANY_GONE, Sort.HIDDEN)},
}
"""Sorts of past returns that are evidence for a dataset of each sort. Returns of pages found gone also count where the
page was not checked, not the other way round: a page that is gone is stronger evidence of a loss."""


@dataclass(frozen=True, slots=True)
class Odds:
    """The probability of a return."""

    chance: float
    """0 to 1."""
    away_days: int
    """Days since the first absence, both days included."""

    def improbable(self, policy: EventPolicy) -> bool:
        return self.chance < policy.return_chance


# --- the sorts


def known_before(step: RunContext) -> int:
    """Datasets that the portal was believed to have before this run: listed, or missing and not stated as gone."""
    return step.state.size + len(step.memory.datasets.waiting())


def known_to(missing: Iterable[DatasetState], step: RunContext) -> int:
    """The catalogue size before these datasets vanished, without the datasets that replaced them."""
    return max((one.catalogue for one in missing), default=0) or known_before(step)


def looked_gone(group: Iterable[DatasetState], policy: EventPolicy) -> bool:
    """Whether enough pages of the datasets that vanished together were checked, and all of those were gone."""
    many = list(group)
    looks = [last_look(one) for one in many]
    answers = [look for look in looks if look is not LookResult.UNKNOWN]
    return len(answers) >= min(policy.sample_gone, len(many) / 2) and all(one is LookResult.GONE for one in answers)


def last_look(one: DatasetState) -> LookResult:
    """The result of the last check of its page that had one: a page that opened is not gone because a check failed."""
    known = (absence.look for absence in reversed(one.absences) if absence.look is not LookResult.UNKNOWN)
    return next(known, LookResult.UNKNOWN)


def cohorts(many: Iterable[DatasetState]) -> Mapping[str, list[DatasetState]]:
    """Datasets that vanished together, by the run that first missed them."""
    groups: dict[str, list[DatasetState]] = {}
    for one in many:
        if one.absences:
            groups.setdefault(one.absences[0].run, []).append(one)
    return groups


def in_mass(one: DatasetState, policy: EventPolicy) -> bool:
    """Whether it vanished together with more datasets than the bulk limit."""
    return one.cohort > policy.bulk_limit(one.catalogue)


def sort_of(one: DatasetState, gone: Container[str], policy: EventPolicy) -> Sort:
    """How it vanished; `gone` are the runs whose cohorts (`cohorts`) were found gone."""
    found_gone = last_look(one) is LookResult.GONE
    if in_mass(one, policy):
        return Sort.MANY_GONE if found_gone or one.absences[0].run in gone else Sort.MANY
    return Sort.FEW_GONE if found_gone else Sort.FEW


# --- the record


def remember_returns(found: Delta, step: RunContext) -> PortalState:
    """The state with the datasets that this run lists again added to its record."""
    again = [one for one in (*found.returned.values(), *found.back.values()) if one.absences]
    if not again:
        return step.state
    policy, today = step.policy, step.lens.day(step.run.at)
    known = step.memory.datasets
    together = {**known.waiting(), **known.ended_since(min(one.absences[0].at for one in again))}
    gone = {run for run, cohort in cohorts(together.values()).items() if looked_gone(cohort, policy)}
    beside = {run: len(cohort) for run, cohort in cohorts(again).items()}
    sorts = []
    for one in again:
        # Hidden: the gap had room for it, or, in bulk, for half of those that vanished and returned with it.
        sort, room = sort_of(one, gone, policy), max(absence.gap for absence in one.absences) - max(0, one.gap_before)
        needed = policy.hidden_half * beside[one.absences[0].run] if sort in _MASS else 1
        sorts.append((one, Sort.HIDDEN if room >= needed else sort))
    swung = sum(sort in _MASS for _, sort in sorts) > policy.bulk_limit(known_before(step))
    back = []
    for one, sort in sorts:
        # Not counted: a dataset stated under another id, which was never stated as lost, and a single one that returns
        # long after it was stated as gone, which somebody has restored. Neither shows that the list is unreliable.
        days = max(1, (today - step.lens.day(one.absences[0].at)).days)
        if one.status in WAITING or (not one.twin and (swung or days <= policy.flap_days)):
            back.append(AbsenceOutcome(f"{today:%Y-%m}", sort.value, days, 1))
    state = forget_losses(again, step.state)
    state = replace(state, record=_added(state.record, back, today))
    if not swung:
        return state
    swings = dict.fromkeys((*state.swings, today.isoformat()))
    return replace(state, swings=tuple(swings)[-policy.swings_kept :])


def remember_losses(ended: Iterable[DatasetState], state: PortalState, step: RunContext) -> PortalState:
    """The state with the datasets that this run states as gone added to its record."""
    lost = [AbsenceOutcome(one.lost_as[0], one.lost_as[1], 0, 1) for one in ended if one.lost_as]
    return replace(state, record=_added(state.record, lost, step.lens.day(step.run.at)))


def forget_losses(again: Iterable[DatasetState], state: PortalState) -> PortalState:
    """The state with its record reduced by datasets that were stated as gone and are not."""
    lost = Counter(one.lost_as for one in again if one.lost_as)
    counts = ((one, one.count - lost[one.month, one.sort] * (not one.days)) for one in state.record)
    return replace(state, record=tuple(replace(one, count=count) for one, count in counts if count > 0))


def _added(
    record: tuple[AbsenceOutcome, ...], more: Iterable[AbsenceOutcome], today: date
) -> tuple[AbsenceOutcome, ...]:
    """The record with `more` added up by month, sort and length of absence, without months older than a year."""
    counts = {(one.month, one.sort, one.days): one.count for one in record}
    for one in more:
        key = (one.month, one.sort, one.days)
        counts[key] = counts.get(key, 0) + one.count
    kept = sorted((key, count) for key, count in counts.items() if count > 0 and _age(key[0], today) < _MONTHS)
    return tuple(AbsenceOutcome(*key, count) for key, count in kept)


def _age(month: str, today: date) -> int:
    """Months that have begun since the month (`YYYY-MM`)."""
    return (today.year - int(month[:4])) * 12 + today.month - int(month[5:7])


# --- the odds


def odds_of(one: DatasetState, sort: Sort, share: float, step: RunContext) -> Odds:
    """The probability that a missing dataset returns; `share`: part of the catalogue that is missing in bulk."""
    today = step.lens.day(step.run.at)
    away = (today - step.lens.day(one.absences[0].at)).days + 1
    policy = step.policy
    # Number of permanent losses assumed for a portal without a record; fewer for a bulk loss of a small catalogue.
    share_of_prior = min(1.0, max(1, one.catalogue) / policy.prior_catalogue) if in_mass(one, policy) else 1.0
    prior = policy.lost_prior * share_of_prior
    back, stayed = 0.0, prior
    for outcome in step.state.record:
        count = outcome.count * 0.5 ** (_age(outcome.month, today) / policy.record_half_months)
        if outcome.days and outcome.sort in _EVIDENCE_FOR[sort]:
            back += count * min(1.0, (outcome.days / away) ** 2)
        elif outcome.sort == sort and not outcome.days:
            stayed += count
    if not one.twin and sort is Sort.MANY:
        # On a portal without a record such a loss is stated only after mass_days, in proportion to its share.
        back += policy.return_chance * prior * (policy.mass_days * share / away) ** 2
    return Odds(back / (back + stayed), away)


def record_of(state: PortalState) -> dict[str, int]:
    """The record for evidence: datasets that vanished within a year, how many returned, and the longest absence."""
    back = sum(one.count for one in state.record if one.days)
    stayed = sum(one.count for one in state.record if not one.days)
    longest = max((one.days for one in state.record), default=0)
    return {"vanished": back + stayed + state.missing, "back": back, "longest_days": longest}


# --- flapping


def draft_flapping(state: PortalState, step: RunContext) -> tuple[PortalState, list[Draft]]:
    """Begin or end the state in which many datasets vanish and return repeatedly."""
    today, policy = step.lens.day(step.run.at), step.policy
    lately = [one for one in state.swings if (today - date.fromisoformat(one)).days <= policy.flapping_days]
    streaks = dict(state.streaks)
    known = streaks.get(FLAPPING)
    if known is None and len(lately) >= policy.flapping_swings:
        streaks[FLAPPING] = Streak(step.run.id, step.run.at, runs=0, stated=True)
        evidence = {**record_of(state), "swings": len(lately), "first": lately[0], "runs": step.runs}
        return replace(state, streaks=streaks), [Draft("ops.flapping", evidence=evidence)]
    if known is not None and not lately:
        del streaks[FLAPPING]
        evidence = {
            **record_of(state),
            "days": step.lens.days_between(known.at, step.run.at),
            "runs": [known.run, step.run.id],
        }
        draft = Draft("ops.flapping_ended", episode=known.run, since=known.at, evidence=evidence)
        return replace(state, streaks=streaks), [draft]
    return state, []


def is_flapping(state: PortalState) -> bool:
    return FLAPPING in state.streaks
