"""What vanished from a portal and came back: its record, and how probable a return is by that record.

Reported: `ops.flapping` and `ops.flapping_ended`, for operators, when many datasets vanish and come back again and
again. A loss is stated once its return is improbable. Of the datasets that vanished here before, those count that came
back after as long an absence, later ones less than earlier ones, against those that never did; a portal without a
record has that of the stable ones. A loss of many at once that nobody could look behind counts as though some had come
back before, the more the larger its share of the catalogue; a row that the printed total has room for, likewise.
"""

from collections import Counter
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from alerts.comparison.context import RunContext
from alerts.comparison.delta import WAITING, Delta
from alerts.comparison.event_builder import Draft
from alerts.model.policy import EventPolicy
from alerts.model.states import AbsenceOutcome, DatasetState, PortalState, Streak
from opendata_spiders.store.models import LookResult

FLAPPING = "flapping"
_MONTHS = 12


class Sort(StrEnum):
    """How datasets vanished: their returns tell nothing of those that vanished otherwise."""

    FEW = "few"
    FEW_GONE = "few.gone"
    MANY = "many"
    MANY_GONE = "many.gone"
    HIDDEN = "hidden"
    """The printed total left room for them."""


_MASS = (Sort.MANY, Sort.MANY_GONE)
_TELLING: Mapping[Sort, frozenset[str]] = {
    Sort.FEW: frozenset({Sort.FEW, Sort.FEW_GONE}),
    Sort.MANY: frozenset({Sort.MANY, Sort.MANY_GONE}),
    **{sort: frozenset({sort}) for sort in (Sort.FEW_GONE, Sort.MANY_GONE, Sort.HIDDEN)},
}
"""Whose returns tell of which: what came back though its page had said that it was gone comes back without a look."""


@dataclass(frozen=True, slots=True)
class Odds:
    """How probable a return is."""

    chance: float
    """0 to 1."""
    away_days: int

    def improbable(self, policy: EventPolicy) -> bool:
        return self.chance < policy.return_chance


# --- the sorts


def known_before(step: RunContext) -> int:
    """Datasets that the portal was believed to have before this run: listed, or missing and not stated as gone."""
    return step.state.size + sum(one.status in WAITING for one in step.memory.datasets.values())


def known_to(missing: Iterable[DatasetState], step: RunContext) -> int:
    """The same as before those vanished: what came in their place is no part of what they are held against."""
    return max((one.catalogue for one in missing), default=0) or known_before(step)


def looked_gone(group: Iterable[DatasetState], policy: EventPolicy) -> bool:
    """Whether the pages of enough of those that vanished together were looked at, and all were gone."""
    many = list(group)
    said = [last_look(one) for one in many]
    answers = [look for look in said if look is not LookResult.UNKNOWN]
    return len(answers) >= min(policy.sample_gone, len(many) / 2) and all(one is LookResult.GONE for one in answers)


def last_look(one: DatasetState) -> LookResult:
    """What was found behind its id when somebody could last look: a page that opened is not gone for lack of a look."""
    known = (absence.look for absence in reversed(one.absences) if absence.look is not LookResult.UNKNOWN)
    return next(known, LookResult.UNKNOWN)


def cohorts(many: Iterable[DatasetState]) -> Mapping[str, list[DatasetState]]:
    """Those that vanished together, by the run that first missed them."""
    groups: dict[str, list[DatasetState]] = {}
    for one in many:
        if one.absences:
            groups.setdefault(one.absences[0].run, []).append(one)
    return groups


def in_mass(one: DatasetState, policy: EventPolicy) -> bool:
    """Whether it vanished together with as many as a bulk deletion takes."""
    return one.cohort > policy.bulk_limit(one.catalogue)


def sort_of(one: DatasetState, gone: Container[str], policy: EventPolicy) -> Sort:
    """How it vanished; `gone` are the cohorts that were found gone."""
    found_gone = last_look(one) is LookResult.GONE
    if in_mass(one, policy):
        return Sort.MANY_GONE if found_gone or one.absences[0].run in gone else Sort.MANY
    return Sort.FEW_GONE if found_gone else Sort.FEW


# --- the record


def remember_returns(found: Delta, step: RunContext) -> PortalState:
    """The record with what this run lists again."""
    again = [one for one in (*found.returned.values(), *found.back.values()) if one.absences]
    if not again:
        return step.state
    policy, today = step.policy, step.lens.day(step.run.at)
    gone = {run for run, cohort in cohorts(step.memory.datasets.values()).items() if looked_gone(cohort, policy)}
    beside = {run: len(cohort) for run, cohort in cohorts(again).items()}
    sorts = []
    for one in again:
        # Hidden, where there was room for half of those that vanished with it and come back with it.
        sort, room = sort_of(one, gone, policy), max(absence.gap for absence in one.absences) - max(0, one.gap_before)
        needed = policy.hidden_half * beside[one.absences[0].run] if sort in _MASS else 1
        sorts.append((one, Sort.HIDDEN if room >= needed else sort))
    swung = sum(sort in _MASS for _, sort in sorts) > policy.bulk_limit(known_before(step))
    back = []
    for one, sort in sorts:
        # What was stated under another id was never stated as lost; and one that comes back by itself long after it
        # was stated as gone was put back by somebody: neither tells of the portal's list.
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
    """The record with what this run states as gone."""
    lost = [AbsenceOutcome(one.lost_as[0], one.lost_as[1], 0, 1) for one in ended if one.lost_as]
    return replace(state, record=_added(state.record, lost, step.lens.day(step.run.at)))


def forget_losses(again: Iterable[DatasetState], state: PortalState) -> PortalState:
    """The record without datasets that were stated as gone and are not."""
    lost = Counter(one.lost_as for one in again if one.lost_as)
    counts = ((one, one.count - lost[one.month, one.sort] * (not one.days)) for one in state.record)
    return replace(state, record=tuple(replace(one, count=count) for one, count in counts if count > 0))


def _added(
    record: tuple[AbsenceOutcome, ...], more: Iterable[AbsenceOutcome], today: date
) -> tuple[AbsenceOutcome, ...]:
    """Counted up by month, sort and length; what is older than a year is forgotten."""
    counts = {(one.month, one.sort, one.days): one.count for one in record}
    for one in more:
        key = (one.month, one.sort, one.days)
        counts[key] = counts.get(key, 0) + one.count
    kept = sorted((key, count) for key, count in counts.items() if count > 0 and _age(key[0], today) < _MONTHS)
    return tuple(AbsenceOutcome(*key, count) for key, count in kept)


def _age(month: str, today: date) -> int:
    """Months that have begun since."""
    return (today.year - int(month[:4])) * 12 + today.month - int(month[5:7])


# --- the odds


def odds_of(one: DatasetState, sort: Sort, share: float, step: RunContext) -> Odds:
    """How probable the return of a missing dataset is; `share` of the catalogue that vanished in a mass with it."""
    today = step.lens.day(step.run.at)
    away = (today - step.lens.day(one.absences[0].at)).days + 1
    policy = step.policy
    # Those that a portal without a record is taken to have lost for good: of a small catalogue fewer at once.
    share_of_prior = min(1.0, max(1, one.catalogue) / policy.prior_catalogue) if in_mass(one, policy) else 1.0
    prior = policy.lost_prior * share_of_prior
    back, stayed = 0.0, prior
    for outcome in step.state.record:
        count = outcome.count * 0.5 ** (_age(outcome.month, today) / policy.record_half_months)
        if outcome.days and outcome.sort in _TELLING[sort]:
            back += count * min(1.0, (outcome.days / away) ** 2)
        elif outcome.sort == sort and not outcome.days:
            stayed += count
    if not one.twin and sort is Sort.MANY:
        # Such a loss has to last for so many days on a portal without a record.
        back += policy.return_chance * prior * (policy.mass_days * share / away) ** 2
    return Odds(back / (back + stayed), away)


def record_of(state: PortalState) -> dict[str, int]:
    """The record as people are told of it: of how many that vanished in a year how many came back, and how late."""
    back = sum(one.count for one in state.record if one.days)
    stayed = sum(one.count for one in state.record if not one.days)
    longest = max((one.days for one in state.record), default=0)
    return {"vanished": back + stayed + state.missing, "back": back, "longest_days": longest}


# --- flapping


def tell_flapping(state: PortalState, step: RunContext) -> tuple[PortalState, list[Draft]]:
    """Begin or end the state in which many datasets vanish and come back again and again."""
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
