"""Files that fail repeatedly, files that are whole again, and hosts of which all files fail for the same reason.

Reported: `resource.broken` when `broken_checks` file checks over `broken_hours` fail for one reason; `resource.fixed`
when the file is whole again; `platform.files_down` and `platform.files_up` in their place when all files of a host fail
for the same reason. Not reported: a single failure, changing reasons, files that were not checked, and failures in a
night in which the portal or our own internet connection was down.
"""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta

from alerts.comparison.event_builder import PORTAL, Draft
from alerts.comparison.file_context import Looks, RoundStep, file_draft
from alerts.model.file_states import VANISHED, Bundle, Failing, FileMemory, FileState, Last
from alerts.model.policy import EventPolicy
from opendata_spiders.store.file_checks import LIST, PREVIEW, FileCheck, FileOutcome, FileRound

_UNKNOWN = "failed"
"""Class of a failure for which the file check gave none."""


def draft_broken_files(bundle: Bundle, looks: Looks, step: RoundStep) -> tuple[Bundle, list[Draft]]:
    """Add the result of each file check; one event for each file that failed often enough or is whole again."""
    files = [name for name in bundle.files if name not in (LIST, PREVIEW)]
    missing = [name for name in files if name not in looks.files] if looks.listed else []
    checks = dict(looks.checks)
    for name in missing:
        checks[name] = FileCheck(bundle.dataset, name, bundle.files[name].name, FileOutcome.FAILED, VANISHED)
    states, drafts = dict(bundle.files), list[Draft]()
    for name, check in checks.items():
        state, events = _one(states.get(name, FileState(name)), check, step.round, step.policy)
        states[name] = state
        drafts += [_draft(kind, bundle, state, check, failing, step) for kind, failing in events]
    return replace(bundle, files=states), drafts


def only_noted(bundle: Bundle, looks: Looks, step: RoundStep) -> Bundle:
    """Record the last result of each file without judging it, in rounds in which the whole host fails."""
    files = dict(bundle.files)
    for name, check in looks.checks.items():
        files[name] = _noted(files.get(name, FileState(name)), check, step.round)
    return replace(bundle, files=files)


def _one(
    state: FileState, check: FileCheck, looked: FileRound, policy: EventPolicy
) -> tuple[FileState, list[tuple[str, Failing]]]:
    noted = _noted(state, check, looked)
    if check.outcome is FileOutcome.UNSEEN:
        return noted, []
    if check.outcome is FileOutcome.OK:
        fixed = state.failing if state.failing and state.failing.stated else None
        return replace(noted, failing=None), [("resource.fixed", fixed)] if fixed else []
    failing = longer(state.failing, check.why or _UNKNOWN, looked)
    if failing.stated or not is_enough(failing, policy):
        return replace(noted, failing=failing), []
    failing = replace(failing, stated=True)
    return replace(noted, failing=failing), [("resource.broken", failing)]


def _noted(state: FileState, check: FileCheck, looked: FileRound) -> FileState:
    state = replace(state, name=check.name or state.name)
    if check.outcome is FileOutcome.UNSEEN:
        return replace(state, unseen=check.why or FileOutcome.UNSEEN.value)
    last = Last(check.outcome, looked.id, looked.at, check.why, check.status)
    ok = looked.id if check.outcome is FileOutcome.OK else state.ok_round
    return replace(state, last=last, unseen="", ok_round=ok)


def longer(failing: Failing | None, why: str, looked: FileRound) -> Failing:
    """The failure with one more check; another reason begins a new one unless the failure was already stated."""
    if failing is None or (failing.why != why and not failing.stated):
        return Failing(why, looked.id, looked.at, looked.at)
    return replace(failing, checks=failing.checks + 1, last_at=looked.at)


def is_enough(failing: Failing, policy: EventPolicy) -> bool:
    """Whether it failed often enough (`broken_checks`) and for long enough (`broken_hours`)."""
    lasted = failing.last_at - failing.at
    return failing.checks >= policy.broken_checks and lasted >= timedelta(hours=policy.broken_hours)


def _draft(  # noqa: PLR0913, PLR0917 -- which event, of what, on which look
    kind: str, bundle: Bundle, state: FileState, check: FileCheck, failing: Failing, step: RoundStep
) -> Draft:
    fixed = kind == "resource.fixed"
    if fixed:
        days = step.view.lens.days_between(failing.at, step.round.at)
        times = {"broken_days": days, "broken_since": failing.at, "last_failed": failing.last_at}
        more: dict[str, object] = {**times, "broken": failing.round}
    else:
        hours = (failing.last_at - failing.at) // timedelta(hours=1)
        more = {"hours": hours, "status": check.status, "first_bytes": check.kind, "declared_format": check.declared}
    whole = "" if fixed else state.ok_round
    evidence = {
        "file": state.file,
        "name": state.name,
        "why": failing.why,
        "checks": failing.checks,
        "url": check.url,
        **more,
        "rounds": list(dict.fromkeys(name for name in (whole, failing.round, step.round.id) if name)),
    }
    episode = step.round.id if fixed else failing.round
    return file_draft(
        kind, bundle, evidence, subject=f"{bundle.dataset}\n{state.file}", episode=episode, since=failing.at
    )


GIVEN_UP = "stopped"
"""Why a file was not checked: its host had failed several times in a row and was not asked for the other files."""


@dataclass(frozen=True, slots=True)
class Host:
    """What a round shows of the host as a whole."""

    down: Failing | None
    whole_host: bool
    """Whether the host failed, so that single files are not judged."""
    drafts: tuple[Draft, ...] = ()


def judge_host(memory: FileMemory, step: RoundStep) -> Host:
    """Whether all files of the host fail for the same reason, still or no longer.

    Lists of files count only if no file could be checked; a list that opens says nothing about the files.
    """
    checks, down = step.round.checks, memory.down
    failed = [one for one in checks if one.outcome is FileOutcome.FAILED]
    failed = [one for one in failed if one.is_file] or failed
    whole = [one for one in checks if one.outcome is FileOutcome.OK and one.is_file]
    if whole:
        ended = (_up(down, failed, whole, step),) if down and down.stated else ()
        return Host(None, whole_host=False, drafts=ended)
    if not failed:
        return Host(down, whole_host=False)
    if not _is_host_failure(failed, down, step):
        return Host(down if down and down.stated else None, whole_host=bool(down and down.stated))
    down = longer(down, failed[0].why, step.round)
    if down.stated or not is_enough(down, step.policy):
        return Host(down, whole_host=True)
    down = replace(down, stated=True)
    return Host(down, whole_host=True, drafts=(_down(down, failed, step),))


def _is_host_failure(failed: list[FileCheck], down: Failing | None, step: RoundStep) -> bool:
    """Whether the files failed for one reason, and are enough for a failure of the host or fail as it did before."""
    if len(Counter(one.why for one in failed)) > 1:
        return False
    if down is not None and (down.stated or down.why == failed[0].why):
        return True
    blamed = [*failed, *(one for one in step.round.checks if one.why == GIVEN_UP and one.file != PREVIEW)]
    datasets = {one.dataset for one in blamed}
    return len(blamed) >= step.policy.files_down_files and len(datasets) >= step.policy.files_down_datasets


def _down(down: Failing, failed: list[FileCheck], step: RoundStep) -> Draft:
    evidence = {
        "why": down.why,
        "checks": down.checks,
        "hours": (down.last_at - down.at) // timedelta(hours=1),
        "failed": len(failed),
        "count": len({one.dataset for one in failed}),
        "host": step.round.host,
        "url": failed[0].url,
        "rounds": [down.round, step.round.id],
    }
    return Draft("platform.files_down", subject=PORTAL, episode=down.round, since=down.at, evidence=evidence)


def _up(down: Failing, failed: list[FileCheck], whole: list[FileCheck], step: RoundStep) -> Draft:
    evidence = {
        "why": down.why,
        "broken_days": step.view.lens.days_between(down.at, step.round.at),
        "broken_since": down.at,
        "last_failed": down.last_at,
        "opened": len(whole),
        "looked": len(whole) + len(failed),
        "host": step.round.host,
        "rounds": [down.round, step.round.id],
    }
    return Draft("platform.files_up", subject=PORTAL, since=step.round.at, evidence=evidence)
