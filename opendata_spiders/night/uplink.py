"""Our own line: when most hosts give no answer in one night, no portal and no file is accused of it."""

from collections.abc import Iterable
from dataclasses import replace

from opendata_spiders.store.file_checks import FileCheck, FileOutcome, FileRound
from opendata_spiders.store.models import Verdict

FAILED = frozenset({Verdict.UNREACHABLE, Verdict.FAILED, Verdict.BLOCKED})
"""Verdicts of a crawl that our own line may be the cause of."""
_NO_ANSWER = frozenset({"timeout", "unreachable"})


def is_suspect(portals: Iterable[tuple[str, bool]]) -> bool:
    """Whether our own line is suspected, from host and failure of each portal.

    A host has failed if all its portals have; the line is suspected if most of three or more hosts have failed.
    """
    hosts: dict[str, bool] = {}
    for host, failed in portals:
        hosts[host] = hosts.get(host, True) and failed
    return len(hosts) > 2 and sum(hosts.values()) * 2 > len(hosts)


def rounds_are_suspect(rounds: Iterable[FileRound]) -> bool:
    """As `is_suspect`, for looks at files; a round in which nothing was asked counts for nothing."""
    return is_suspect((looked.host, is_silent(looked)) for looked in rounds if _asked(looked))


def is_silent(looked: FileRound) -> bool:
    """Whether everything that was asked of a portal stayed without an answer."""
    asked = _asked(looked)
    return bool(asked) and all(check.why in _NO_ANSWER for check in asked)


def unseen(looked: FileRound) -> FileRound:
    """Return a silent round in which the files that failed count as unseen, because of our line."""
    checks = (
        replace(check, outcome=FileOutcome.UNSEEN, why="uplink") if check.outcome is FileOutcome.FAILED else check
        for check in looked.checks
    )
    return replace(looked, checks=tuple(checks))


def _asked(looked: FileRound) -> list[FileCheck]:
    return [check for check in looked.checks if check.outcome is not FileOutcome.UNSEEN]
