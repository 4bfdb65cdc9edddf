"""What run verdicts alone say: down, blocked, empty, drifted, too long without a complete run, a wrong total."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from alerts.comparison.context import RunContext
from alerts.comparison.event_builder import Draft
from alerts.comparison.run_view import RunView
from alerts.model.events import Confidence
from alerts.model.policy import EventPolicy
from alerts.model.states import PortalState, Streak
from alerts.rules.return_odds import known_before
from opendata_spiders.policy import policy as reading_policy
from opendata_spiders.store.models import ENDED_EARLY, Run, Verdict

_ANSWERED = (Verdict.COMPLETE, Verdict.PARTIAL, Verdict.DRIFTED, Verdict.EMPTY, Verdict.BLOCKED)
_READ = (Verdict.COMPLETE, Verdict.PARTIAL, Verdict.DRIFTED)
_PASSED = (*_READ, Verdict.EMPTY)


@dataclass(frozen=True, slots=True)
class _StreakRule:
    """A streak of runs and the event it leads to."""

    name: str
    goes_on: Callable[[RunView, EventPolicy], bool]
    ends: Callable[[RunView, EventPolicy], bool]
    """Runs that neither go on nor end it say nothing about it."""
    enough: Callable[[Streak, EventPolicy], bool]
    kind: str = ""
    """Empty: a state without an event."""
    known: bool = False
    """Only of a portal that had listed something."""


def _is(*verdicts: Verdict) -> Callable[[RunView, EventPolicy], bool]:
    return lambda view, _policy: view.run.verdict in verdicts


def _unreachable(view: RunView, _policy: EventPolicy) -> bool:
    return view.run.verdict is Verdict.UNREACHABLE and not view.uplink_down


def _down(streak: Streak, policy: EventPolicy) -> bool:
    lasted = (streak.last_at or streak.at) - streak.at
    return streak.runs >= policy.down_runs and lasted >= timedelta(hours=policy.down_hours)


def _gone(streak: Streak, policy: EventPolicy) -> bool:
    """Tried often enough over so long a time; whether it is closed for good is for a person to say."""
    lasted = (streak.last_at or streak.at) - streak.at
    return streak.nights >= policy.gone_nights and lasted > timedelta(days=policy.gone_days)


def mismatch_share(run: Run) -> float:
    """How far the printed total lies from the datasets seen, as a share of it."""
    return abs(run.declared - run.seen) / run.declared if run.declared else 0.0


def _mismatch(view: RunView, _policy: EventPolicy) -> bool:
    return view.run.verdict is Verdict.COMPLETE and mismatch_share(view.run) > reading_policy().mismatch_share


def _match(view: RunView, policy: EventPolicy) -> bool:
    return view.run.verdict is Verdict.COMPLETE and not _mismatch(view, policy)


def _incomplete(view: RunView, _policy: EventPolicy) -> bool:
    return view.run.verdict is not Verdict.COMPLETE


def _at_once(_streak: Streak, _policy: EventPolicy) -> bool:
    return True


def _twice(streak: Streak, policy: EventPolicy) -> bool:
    return streak.runs >= policy.empty_runs


def _seven_nights(streak: Streak, policy: EventPolicy) -> bool:
    return streak.nights >= policy.streak_nights


def _emptied(streak: Streak, policy: EventPolicy) -> bool:
    return streak.nights >= policy.emptied_nights


def _mismatch_again(streak: Streak, policy: EventPolicy) -> bool:
    return streak.runs >= policy.mismatch_runs


_RULES = (
    _StreakRule("unreachable", _unreachable, _is(*_ANSWERED), _down, "platform.down"),
    _StreakRule("gone", _unreachable, _is(*_ANSWERED), _gone, "platform.gone"),
    _StreakRule("blocked", _is(Verdict.BLOCKED), _is(*_PASSED), _at_once, "platform.blocked"),
    _StreakRule("drifted", _is(Verdict.DRIFTED), _is(Verdict.COMPLETE), _at_once, "ops.drifted"),
    _StreakRule("empty", _is(Verdict.EMPTY), _is(*_READ), _twice),
    _StreakRule("emptied", _is(Verdict.EMPTY), _is(*_READ), _emptied, "platform.emptied", known=True),
    _StreakRule("incomplete", _incomplete, _is(Verdict.COMPLETE), _seven_nights, "ops.partial_streak"),
    _StreakRule("mismatch", _mismatch, _match, _mismatch_again, "claim.mismatch"),
)


def verdict_streaks(step: RunContext) -> tuple[PortalState, list[Draft]]:
    """Lengthen, end and state every streak by one more run."""
    streaks = dict(step.state.streaks)
    drafts: list[Draft] = []
    for rule in _RULES:
        if rule.known and step.state.known is None:
            continue
        if rule.goes_on(step.view, step.policy):
            streak, draft = _longer(rule, streaks.get(rule.name), step)
            streaks[rule.name] = streak
            drafts += draft
        elif rule.ends(step.view, step.policy) and (ended := streaks.pop(rule.name, None)):
            drafts += _ending(rule, ended, step)
    return replace(step.state, streaks=streaks), drafts


def _longer(rule: _StreakRule, streak: Streak | None, step: RunContext) -> tuple[Streak, list[Draft]]:
    run = step.run
    if streak is None:
        streak = Streak(run.id, run.at, last_at=run.at)
    else:
        another = step.lens.day(streak.last_at or streak.at) != step.lens.day(run.at)
        streak = replace(streak, runs=streak.runs + 1, nights=streak.nights + another, last_at=run.at)
    if streak.stated or not rule.enough(streak, step.policy):
        return streak, []
    drafts = [_draft(rule.kind, streak, step)] if rule.kind else []
    return replace(streak, stated=True), drafts


_ENDED = {"platform.down": "platform.up", "platform.emptied": "platform.refilled"}


def _ending(rule: _StreakRule, streak: Streak, step: RunContext) -> list[Draft]:
    if rule.kind not in _ENDED or not streak.stated:
        return []
    days, runs = step.lens.days_between(streak.at, step.run.at), [streak.run, step.run.id]
    if rule.kind == "platform.down":
        evidence: Mapping[str, Any] = {"down_days": days, "runs": runs}
    else:
        evidence = {"before": known_before(step), "after": step.run.seen, "days": days, "runs": runs}
    return [Draft(_ENDED[rule.kind], episode=streak.run, since=step.run.at, evidence=evidence)]


def _draft(kind: str, streak: Streak, step: RunContext) -> Draft:
    run = step.run
    evidence = {"reason": run.reason, "runs": [streak.run, run.id], **_numbers(kind, streak, step)}
    sure = Confidence.PROBABLE if kind == "platform.gone" else Confidence.CONFIRMED
    return Draft(kind, episode=streak.run, since=streak.at, confidence=sure, evidence=evidence)


def _numbers(kind: str, streak: Streak, step: RunContext) -> Mapping[str, Any]:
    run = step.run
    if kind == "platform.down":
        hours = (run.at - streak.at).total_seconds() / 3600
        return {"unreachable_runs": streak.runs, "hours": round(hours, 1)}
    if kind == "platform.gone":
        return {"unreachable_runs": streak.runs, "nights": streak.nights}
    if kind == "platform.emptied":
        return {"catalogue": known_before(step), "nights": streak.nights}
    if kind == "claim.mismatch":
        return {"declared": run.declared, "seen": run.seen, "share": round(mismatch_share(run), 3)}
    if kind != "ops.partial_streak":
        return {}
    early = any(finding.code == ENDED_EARLY for finding in run.findings)
    return {"nights": streak.nights, "verdict": run.verdict} | ({"regrade": run.id} if early else {})


def reach(state: PortalState) -> str:
    """Whether the portal can be read: down, blocked, empty, drifted or ok."""
    if _stated(state, "unreachable"):
        return "down"
    if "blocked" in state.streaks:
        return "blocked"
    if _stated(state, "empty"):
        return "empty"
    return "drifted" if "drifted" in state.streaks else "ok"


def _stated(state: PortalState, name: str) -> bool:
    return name in state.streaks and state.streaks[name].stated
