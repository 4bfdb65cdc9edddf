"""Our own internet connection: if most hosts fail in one night, the failures are not attributed to portals or files."""

from collections.abc import Iterable
from dataclasses import replace

from opendata_spiders.store.file_checks import FileCheck, FileOutcome, FileRound
from opendata_spiders.store.models import Verdict

FAILED = frozenset({Verdict.UNREACHABLE, Verdict.FAILED, Verdict.BLOCKED})
"""Verdicts of a crawl that a fault of our own connection may cause."""
_NO_ANSWER = frozenset({"timeout", "unreachable"})


def is_suspect(portals: Iterable[tuple[str, bool]]) -> bool:
    """Whether our own connection is suspected, from host and failure of each portal.

    A host has failed if all its portals have. The connection is suspected if most of three or more hosts have failed.
    """
    hosts: dict[str, bool] = {}
    for host, failed in portals:
        hosts[host] = hosts.get(host, True) and failed
    return len(hosts) > 2 and sum(hosts.values()) * 2 > len(hosts)


def rounds_are_suspect(rounds: Iterable[FileRound]) -> bool:
    """As `is_suspect`, for rounds of file checks; a round without a request does not count."""
    return is_suspect((looked.host, is_silent(looked)) for looked in rounds if _asked(looked))


def is_silent(looked: FileRound) -> bool:
    """Whether requests were made in a round and none was answered."""
    asked = _asked(looked)
    return bool(asked) and all(check.why in _NO_ANSWER for check in asked)


def unseen(looked: FileRound) -> FileRound:
    """Return a silent round with its failed files as unseen, because our own connection is suspected."""
    checks = (
        replace(check, outcome=FileOutcome.UNSEEN, why="uplink") if check.outcome is FileOutcome.FAILED else check
        for check in looked.checks
    )
    return replace(looked, checks=tuple(checks))


def _asked(looked: FileRound) -> list[FileCheck]:
    return [check for check in looked.checks if check.outcome is not FileOutcome.UNSEEN]
