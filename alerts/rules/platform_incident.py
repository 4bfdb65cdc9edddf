"""Catalogues that shrank suddenly: `platform.incident`, for operators only, until the losses are confirmed.

Reported in the first run that misses more than half of the known datasets, and when a smaller bulk loss, whose pages
could not be checked, has lasted. Not reported while the portal is known to flap.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from alerts.comparison.context import RunContext
from alerts.comparison.event_builder import Draft
from alerts.model.events import Confidence
from alerts.model.states import PortalState, Streak
from alerts.rules.absences import AbsenceFinding, Judged
from alerts.rules.return_odds import is_flapping, record_of
from opendata_spiders.store.models import LookResult

INCIDENT = "incident"


def draft_incident(
    missing: int, doubted: int, known: int, state: PortalState, step: RunContext
) -> tuple[PortalState, list[Draft]]:
    """Begin, lengthen or end the incident after a complete run, or after one that found the catalogue empty.

    `known`: number of datasets known before the run; `missing`: those of them that are absent and not stated as gone;
    `doubted`: those of the missing that would be stated as gone if the portal's record did not make a return probable.
    """
    streaks, policy = dict(state.streaks), step.policy
    before = streaks.pop(INCIDENT, None)
    half = missing > max(policy.bulk_floor, policy.incident_share * known)
    if not half and doubted <= policy.bulk_limit(known):
        return replace(state, streaks=streaks), []
    streak = before or Streak(step.run.id, step.run.at, runs=0, stated=not is_flapping(state))
    streaks[INCIDENT] = replace(streak, runs=streak.runs + 1, last_at=step.run.at)
    state = replace(state, streaks=streaks)
    if before is not None or not streak.stated:
        return state, []
    looks, run = Counter(step.run.look.values()), step.run
    evidence = {
        "count": missing,
        "catalogue": known,
        "before": known,
        "after": run.seen,
        "look": {result.value: looks[result] for result in LookResult},
        "verdict": run.verdict,
        "reason": run.reason,
        "declared": run.declared,
        "seen": run.seen,
        "runs": step.runs,
        **(record if (record := record_of(state))["back"] else {}),
    }
    draft = Draft("platform.incident", since=run.at, confidence=Confidence.PROBABLE, evidence=evidence)
    return state, [draft]


def without_incident(state: PortalState) -> PortalState:
    """The state without an incident, after the catalogue has been read whole under another address."""
    return replace(state, streaks={name: one for name, one in state.streaks.items() if name != INCIDENT})


def waiting(judged: list[Judged], ended: set[str]) -> int:
    """Number of missing datasets that are not stated as gone, without those that have a twin."""
    return sum(one.state.dataset not in ended and not one.state.twin for one in judged)


def doubted(judged: Iterable[Judged]) -> int:
    """Number of missing datasets that only a probable return keeps from being stated as gone."""
    return sum(one.finding is AbsenceFinding.DOUBTED and not one.state.twin for one in judged)
