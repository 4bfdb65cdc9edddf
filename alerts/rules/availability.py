"""Events that follow from the verdicts of consecutive runs, independent of what the lists hold.

Reported: `platform.down` and `platform.up`, `platform.gone`, `platform.blocked`, `platform.emptied` and
`platform.refilled`, `claim.mismatch` (the printed total is wrong), `ops.drifted` and `ops.partial_streak`; each once
per streak, when the streak is long enough (`_RULES`). Not reported: a portal that is unreachable in a night in which
our own internet connection failed, and an empty catalogue of a portal that never listed anything.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from alerts.comparison.context import RunContext
from alerts.comparison.event_builder import Draft
from alerts.model.events import Confidence
from alerts.model.policy import EventPolicy
from alerts.model.states import PortalState, Streak
from alerts.rules.return_odds import known_before
from opendata_spiders.policy import policy as reading_policy
from opendata_spiders.store.models import ENDED_EARLY, Run, Verdict

_READ = frozenset((Verdict.COMPLETE, Verdict.PARTIAL, Verdict.DRIFTED))
_PASSED = _READ | {Verdict.EMPTY}
_ANSWERED = _PASSED | {Verdict.BLOCKED}
_COMPLETE = frozenset((Verdict.COMPLETE,))


@dataclass(frozen=True, slots=True)
class _StreakRule:
    """A streak of runs and the event it leads to."""

    name: str
    lengthen: frozenset[Verdict]
    end: frozenset[Verdict]
    """Runs with a verdict in neither set leave the streak as it is."""
    enough: Callable[[Streak, EventPolicy], bool]
    kind: str = ""
    """Empty: a state without an event."""


def _lasted(streak: Streak) -> timedelta:
    return (streak.last_at or streak.at) - streak.at


_RULES = (
    _StreakRule(
        "unreachable",
        frozenset((Verdict.UNREACHABLE,)),
        _ANSWERED,
        lambda one, policy: one.runs >= policy.down_runs and _lasted(one) >= timedelta(hours=policy.down_hours),
        "platform.down",
    ),
    _StreakRule(
        "gone",
        frozenset((Verdict.UNREACHABLE,)),
        _ANSWERED,
        lambda one, policy: one.nights >= policy.gone_nights and _lasted(one) > timedelta(days=policy.gone_days),
        "platform.gone",
    ),
    _StreakRule("blocked", frozenset((Verdict.BLOCKED,)), _PASSED, lambda *_: True, "platform.blocked"),
    _StreakRule("drifted", frozenset((Verdict.DRIFTED,)), _COMPLETE, lambda *_: True, "ops.drifted"),
    _StreakRule("empty", frozenset((Verdict.EMPTY,)), _READ, lambda one, policy: one.runs >= policy.empty_runs),
    _StreakRule(
        "emptied",
        frozenset((Verdict.EMPTY,)),
        _READ,
        lambda one, policy: one.nights >= policy.emptied_nights,
        "platform.emptied",
    ),
    _StreakRule(
        "incomplete",
        frozenset(Verdict) - _COMPLETE,
        _COMPLETE,
        lambda one, policy: one.nights >= policy.streak_nights,
        "ops.partial_streak",
    ),
    _StreakRule(
        "mismatch", _COMPLETE, _COMPLETE, lambda one, policy: one.runs >= policy.mismatch_runs, "claim.mismatch"
    ),
)
_ENDED = {"platform.down": "platform.up", "platform.emptied": "platform.refilled"}
STREAK_KINDS = frozenset({*(rule.kind for rule in _RULES if rule.kind), *_ENDED.values()})
"""The kinds that follow from the verdicts of runs alone."""


def verdict_streaks(step: RunContext) -> tuple[PortalState, list[Draft]]:
    """Lengthen or end every streak by one run; draft the events of streaks that are long enough or have ended."""
    streaks, drafts = dict(step.state.streaks), list[Draft]()
    for rule in _RULES:
        known = streaks.get(rule.name)
        if _lengthens(rule, step):
            streaks[rule.name], draft = _longer(rule, known, step)
            drafts += draft
        elif known is not None and step.run.verdict in rule.end:
            del streaks[rule.name]
            if known.stated and rule.kind in _ENDED:
                days, runs = step.lens.days_between(known.at, step.run.at), [known.run, step.run.id]
                evidence: dict[str, Any] = {"down_days": days, "runs": runs}
                if rule.kind == "platform.emptied":
                    evidence = {"before": known_before(step), "after": step.run.seen, "days": days, "runs": runs}
                drafts.append(Draft(_ENDED[rule.kind], episode=known.run, since=step.run.at, evidence=evidence))
    return replace(step.state, streaks=streaks), drafts


def _lengthens(rule: _StreakRule, step: RunContext) -> bool:
    if step.run.verdict not in rule.lengthen:
        return False
    if rule.name == "mismatch":
        return mismatch_share(step.run) > reading_policy().mismatch_share
    if rule.name == "emptied":
        return step.state.known is not None
    return rule.name == "incomplete" or not (step.run.verdict is Verdict.UNREACHABLE and step.view.uplink_down)


def mismatch_share(run: Run) -> float:
    """Difference between the printed total and the datasets seen, as a share of the total; 0.0 without a total."""
    return abs(run.declared - run.seen) / run.declared if run.declared else 0.0


def _longer(rule: _StreakRule, streak: Streak | None, step: RunContext) -> tuple[Streak, list[Draft]]:
    run = step.run
    if streak is None:
        streak = Streak(run.id, run.at, last_at=run.at)
    else:
        another = step.lens.day(streak.last_at or streak.at) != step.lens.day(run.at)
        streak = replace(streak, runs=streak.runs + 1, nights=streak.nights + another, last_at=run.at)
    if streak.stated or not rule.enough(streak, step.policy):
        return streak, []
    stated = replace(streak, stated=True)
    if not rule.kind:
        return stated, []
    evidence = {"reason": run.reason, "runs": [streak.run, run.id], **_numbers(rule.kind, streak, step)}
    # Only a person can know whether a portal that was unreachable for so long is closed for good.
    sure = Confidence.PROBABLE if rule.kind == "platform.gone" else Confidence.CONFIRMED
    return stated, [Draft(rule.kind, episode=streak.run, since=streak.at, confidence=sure, evidence=evidence)]


def _numbers(kind: str, streak: Streak, step: RunContext) -> dict[str, Any]:
    run = step.run
    match kind:
        case "platform.down":
            hours = (run.at - streak.at).total_seconds() / 3600
            return {"unreachable_runs": streak.runs, "hours": round(hours, 1)}
        case "platform.gone":
            return {"unreachable_runs": streak.runs, "nights": streak.nights}
        case "platform.emptied":
            return {"catalogue": known_before(step), "nights": streak.nights}
        case "claim.mismatch":
            return {"declared": run.declared, "seen": run.seen, "share": round(mismatch_share(run), 3)}
        case "ops.partial_streak":
            early = any(finding.code == ENDED_EARLY for finding in run.findings)
            return {"nights": streak.nights, "verdict": run.verdict} | ({"regrade": run.id} if early else {})
    return {}


_REACHES = {"unreachable": "down", "blocked": "blocked", "empty": "empty", "drifted": "drifted"}
"""Name of a stated streak to the reachability it means; the first that applies counts."""


def reach(state: PortalState) -> str:
    """Whether the portal can be read: down, blocked, empty, drifted or ok."""
    stated = {name for name, one in state.streaks.items() if one.stated}
    return next((told for name, told in _REACHES.items() if name in stated), "ok")
