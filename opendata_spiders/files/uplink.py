"""Our own line: when most hosts give no answer in one night, their files stay unseen."""

from collections.abc import Iterable
from dataclasses import replace

from opendata_spiders.store.file_checks import FileCheck, FileOutcome, FileRound

_SILENT = frozenset({"timeout", "unreachable"})


def is_silent(looked: FileRound) -> bool:
    """Whether everything that was asked of a portal stayed without an answer."""
    asked = [check for check in looked.checks if check.outcome is not FileOutcome.UNSEEN]
    return bool(asked) and all(check.why in _SILENT for check in asked)


def is_ours(rounds: Iterable[FileRound]) -> bool:
    """Whether most of three or more hosts were silent altogether."""
    hosts: dict[str, bool] = {}
    for looked in rounds:
        if any(check.outcome is not FileOutcome.UNSEEN for check in looked.checks):
            hosts[looked.host] = hosts.get(looked.host, True) and is_silent(looked)
    return len(hosts) > 2 and sum(hosts.values()) * 2 > len(hosts)


def unseen(looked: FileRound) -> FileRound:
    """Take back what a silent round would say of its files."""
    return replace(looked, checks=tuple(map(_unseen, looked.checks)))


def _unseen(check: FileCheck) -> FileCheck:
    if check.outcome is not FileOutcome.FAILED:
        return check
    return replace(check, outcome=FileOutcome.UNSEEN, why="uplink")
