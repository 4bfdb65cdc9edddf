"""Rounds in which all files of a host fail alike: one trouble of the platform, and none of a single file."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta

from alerts.comparison.event_builder import PORTAL, Draft
from alerts.comparison.file_context import RoundStep
from alerts.model.file_states import LIST, Failing, FileMemory
from alerts.rules.file_failures import is_enough, longer
from opendata_spiders.store.file_checks import FileCheck, FileOutcome

GIVEN_UP = "stopped"
"""Why the crawl did not look: the host had failed several times in a row, and was not asked for the others."""


@dataclass(frozen=True, slots=True)
class Host:
    """What a round says of the host as a whole."""

    down: Failing | None
    hushed: bool
    """Whether the host failed, so that nothing is said of single files."""
    drafts: tuple[Draft, ...] = ()


def judge_host(memory: FileMemory, step: RoundStep) -> Host:
    """Whether all files failed alike, once more or not any more."""
    failed, whole = _sorted(step)
    down = memory.down
    if whole:
        ended = (_up(down, failed, whole, step),) if down and down.stated else ()
        return Host(None, hushed=False, drafts=ended)
    if not failed:
        return Host(down, hushed=False)
    if not _is_one(failed, down, step):
        return Host(down if down and down.stated else None, hushed=bool(down and down.stated))
    down = longer(down, failed[0].why, step.round)
    if down.stated or not is_enough(down, step.policy):
        return Host(down, hushed=True)
    down = replace(down, stated=True)
    return Host(down, hushed=True, drafts=(_down(down, failed, step),))


def _sorted(step: RoundStep) -> tuple[list[FileCheck], list[FileCheck]]:
    """The looks at files that failed and those that found one whole.

    Lists of files stand in for them only where none could be looked at: that a list opens says nothing of files.
    """
    checks = step.round.checks
    failed = [one for one in checks if one.outcome is FileOutcome.FAILED]
    files = [one for one in failed if one.file != LIST]
    return files or failed, [one for one in checks if one.outcome is FileOutcome.OK and one.file != LIST]


def _is_one(failed: list[FileCheck], down: Failing | None, step: RoundStep) -> bool:
    """Whether they failed alike, and are enough to blame the host, or fail as it did before."""
    if len(Counter(one.why for one in failed)) > 1:
        return False
    if down is not None and (down.stated or down.why == failed[0].why):
        return True
    blamed = [*failed, *(one for one in step.round.checks if one.why == GIVEN_UP)]
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
