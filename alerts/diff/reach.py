"""What run verdicts alone say: down, blocked, empty, drifted, too long without a complete run, a wrong total."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from alerts.diff.drafts import Draft
from alerts.diff.state import PortalState, Streak
from alerts.diff.view import Lens, RunView
from alerts.policy import Policy
from opendata_spiders.store.models import Run, Verdict

_ANSWERED = (Verdict.COMPLETE, Verdict.PARTIAL, Verdict.DRIFTED, Verdict.EMPTY, Verdict.BLOCKED)
_READ = (Verdict.COMPLETE, Verdict.PARTIAL)


@dataclass(frozen=True, slots=True)
class _Rule:
    """A streak of runs and the event it leads to."""

    name: str
    goes_on: Callable[[RunView, Policy], bool]
    ends: Callable[[RunView, Policy], bool]
    """Runs that neither go on nor end it say nothing about it."""
    enough: Callable[[Streak, Policy], bool]
    kind: str = ""
    """Empty: a state without an event."""


def _is(*verdicts: Verdict) -> Callable[[RunView, Policy], bool]:
    return lambda view, _policy: view.run.verdict in verdicts


def _unreachable(view: RunView, _policy: Policy) -> bool:
    return view.run.verdict is Verdict.UNREACHABLE and not view.uplink_down


def _down(streak: Streak, policy: Policy) -> bool:
    lasted = (streak.last_at or streak.at) - streak.at
    return streak.runs >= policy.down_runs and lasted >= timedelta(hours=policy.down_hours)


def mismatch_share(run: Run) -> float:
    """How far the printed total lies from the datasets seen, as a share of it."""
    return abs(run.declared - run.seen) / run.declared if run.declared else 0.0


def _mismatch(view: RunView, policy: Policy) -> bool:
    return view.run.verdict is Verdict.COMPLETE and mismatch_share(view.run) > policy.mismatch_share


def _match(view: RunView, policy: Policy) -> bool:
    return view.run.verdict is Verdict.COMPLETE and not _mismatch(view, policy)


def _incomplete(view: RunView, _policy: Policy) -> bool:
    return view.run.verdict is not Verdict.COMPLETE


_RULES = (
    _Rule("unreachable", _unreachable, _is(*_ANSWERED), _down, "platform.down"),
    _Rule("blocked", _is(Verdict.BLOCKED), _is(*_READ, Verdict.DRIFTED, Verdict.EMPTY), lambda *_: True, "platform.blocked"),
    _Rule("drifted", _is(Verdict.DRIFTED), _is(Verdict.COMPLETE), lambda *_: True, "ops.drifted"),
    _Rule("empty", _is(Verdict.EMPTY), _is(*_READ, Verdict.DRIFTED), lambda streak, policy: streak.runs >= policy.empty_runs),
    _Rule(
        "incomplete",
        _incomplete,
        _is(Verdict.COMPLETE),
        lambda streak, policy: streak.nights >= policy.streak_nights,
        "ops.partial_streak",
    ),
    _Rule("mismatch", _mismatch, _match, lambda streak, policy: streak.runs >= policy.mismatch_runs, "claim.mismatch"),
)  # fmt: skip


def verdict_streaks(state: PortalState, view: RunView, lens: Lens, policy: Policy) -> tuple[PortalState, list[Draft]]:
    """Lengthen, end and state every streak by one more run."""
    streaks = dict(state.streaks)
    drafts: list[Draft] = []
    for rule in _RULES:
        if rule.goes_on(view, policy):
            streak, draft = _longer(rule, streaks.get(rule.name), view, lens, policy)
            streaks[rule.name] = streak
            drafts += draft
        elif rule.ends(view, policy) and (ended := streaks.pop(rule.name, None)):
            drafts += _ending(rule, ended, view, lens)
    return replace(state, streaks=streaks), drafts


def _longer(
    rule: _Rule, streak: Streak | None, view: RunView, lens: Lens, policy: Policy
) -> tuple[Streak, list[Draft]]:
    run = view.run
    if streak is None:
        streak = Streak(run.id, run.at, last_at=run.at)
    else:
        another = lens.day(streak.last_at or streak.at) != lens.day(run.at)
        streak = replace(streak, runs=streak.runs + 1, nights=streak.nights + another, last_at=run.at)
    if streak.stated or not rule.enough(streak, policy):
        return streak, []
    drafts = [_draft(rule.kind, streak, view)] if rule.kind else []
    return replace(streak, stated=True), drafts


def _ending(rule: _Rule, streak: Streak, view: RunView, lens: Lens) -> list[Draft]:
    if rule.kind != "platform.down" or not streak.stated:
        return []
    evidence = {"down_days": lens.days_between(streak.at, view.run.at), "runs": [streak.run, view.run.id]}
    return [Draft("platform.up", episode=streak.run, since=view.run.at, evidence=evidence)]


def _draft(kind: str, streak: Streak, view: RunView) -> Draft:
    evidence: dict[str, Any] = {"reason": view.run.reason, "runs": [streak.run, view.run.id]} | _numbers(
        kind, streak, view
    )
    return Draft(kind, episode=streak.run, since=streak.at, evidence=evidence)


def _numbers(kind: str, streak: Streak, view: RunView) -> Mapping[str, Any]:
    if kind == "platform.down":
        hours = (view.run.at - streak.at).total_seconds() / 3600
        return {"unreachable_runs": streak.runs, "hours": round(hours, 1)}
    if kind == "claim.mismatch":
        share = round(mismatch_share(view.run), 3)
        return {"declared": view.run.declared, "seen": view.run.seen, "share": share}
    return {"nights": streak.nights, "verdict": view.run.verdict} if kind == "ops.partial_streak" else {}


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
