"""More than half of a catalogue missing at once: ours to look into; nothing is said of the city until confirmed."""

from collections import Counter
from dataclasses import replace

from alerts.diff.drafts import Draft
from alerts.diff.removal import Judged
from alerts.diff.state import PortalState, Streak
from alerts.diff.step import Step
from alerts.events import Confidence
from opendata_spiders.store.models import LookResult, Run

INCIDENT = "incident"


def missing_half(missing: int, catalogue: int, state: PortalState, step: Step) -> tuple[PortalState, list[Draft]]:
    """Begin, lengthen or end the incident by one run: a complete one, or one that found the catalogue empty.

    `missing` counts what is absent and not stated as gone, `catalogue` that and what is listed.
    """
    streaks, policy = dict(state.streaks), step.policy
    known = streaks.pop(INCIDENT, None)
    if missing <= max(policy.bulk_floor, policy.incident_share * catalogue):
        return replace(state, streaks=streaks), []
    streak = known or Streak(step.run.id, step.run.at, runs=0, stated=True)
    streaks[INCIDENT] = replace(streak, runs=streak.runs + 1, last_at=step.run.at)
    drafts = [] if known else [_draft(missing, catalogue, step)]
    return replace(state, streaks=streaks), drafts


def over(state: PortalState) -> PortalState:
    """Without an incident: the catalogue has been read whole under another address."""
    return replace(state, streaks={name: one for name, one in state.streaks.items() if name != INCIDENT})


def waiting(judged: list[Judged], ended: set[str]) -> int:
    """How many of the missing are not stated as gone; one that has a twin is no loss."""
    return sum(one.state.dataset not in ended and not one.state.twin for one in judged)


def _draft(missing: int, catalogue: int, step: Step) -> Draft:
    evidence = {
        "count": missing,
        "catalogue": catalogue,
        "look": _looks(step.run),
        "verdict": step.run.verdict,
        "reason": step.run.reason,
        "declared": step.run.declared,
        "seen": step.run.seen,
        "runs": step.runs,
    }
    return Draft("platform.incident", since=step.run.at, confidence=Confidence.PROBABLE, evidence=evidence)


def _looks(run: Run) -> dict[str, int]:
    """What the pages of those that were looked at said."""
    counts = Counter(run.look.values())
    return {result.value: counts[result] for result in LookResult}
