"""Catalogues that shrank: `platform.incident`, for operators only, until the losses are confirmed.

Reported in the first run that misses more than half of what was known, and when a smaller mass that nobody could look
behind has lasted. Not reported while the portal is known to flap.
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


def tell_incident(
    missing: int, doubted: int, known: int, state: PortalState, step: RunContext
) -> tuple[PortalState, list[Draft]]:
    """Begin, lengthen or end the incident by one run: a complete one, or one that found the catalogue empty.

    `known` counts what was known before the run, `missing` what of it is absent and not stated as gone, `doubted` what
    of that would be stated if such losses did not come back.
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
    """Without an incident: the catalogue has been read whole under another address."""
    return replace(state, streaks={name: one for name, one in state.streaks.items() if name != INCIDENT})


def waiting(judged: list[Judged], ended: set[str]) -> int:
    """How many of the missing are not stated as gone; one that has a twin is no loss."""
    return sum(one.state.dataset not in ended and not one.state.twin for one in judged)


def doubted(judged: Iterable[Judged]) -> int:
    """How many of the missing would be stated as gone if such losses did not come back."""
    return sum(one.finding is AbsenceFinding.DOUBTED and not one.state.twin for one in judged)
