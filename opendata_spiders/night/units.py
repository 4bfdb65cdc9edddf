"""The unit of a night: the portals of one host group, read one after the other in processes of their own."""

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from opendata_spiders.store.models import Verdict

_TIMEOUT = 8 * 3600
"""Seconds after which a portal's process is asked to end, so that the night ends."""
_GRACE = 900
"""Seconds it then has to store what it read; after those it is killed."""
_BY_STATUS = {verdict.exit_status: verdict for verdict in Verdict}


@dataclass(frozen=True, slots=True)
class NightUnit:
    """What is read by one worker at a time: the portals of one host group."""

    host: str
    """The host group."""
    slugs: tuple[str, ...]
    """Its portals in the order of reading."""
    budget: int
    """Details each portal may read tonight."""


@dataclass(frozen=True, slots=True)
class Result:
    """How the reading of one portal ended."""

    slug: str
    host: str
    verdict: Verdict
    seconds: float
    log: Path


def read_unit(
    unit: NightUnit, logs: Path, *, report: Callable[[Result], None], stopped: Callable[[], bool]
) -> list[Result]:
    """Read the portals of a unit; `report` is called as each ends, and once `stopped` says so no further one begins."""
    results = []
    for slug in unit.slugs:
        if stopped():
            break
        result = _crawl(unit, slug, logs)
        results.append(result)
        report(result)
    return results


def _crawl(unit: NightUnit, slug: str, logs: Path) -> Result:
    log, begun = logs / f"{slug}.log", time.monotonic()
    command = [sys.executable, "-m", "scrapy", "crawl", slug, "-s", f"DETAIL_BUDGET={unit.budget}"]
    verdict = _BY_STATUS.get(_run(command, log), Verdict.FAILED)
    return Result(slug, unit.host, verdict, time.monotonic() - begun, log)


def _run(command: Sequence[str], log: Path) -> int:
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT)
        for seconds, end, said in (
            (_TIMEOUT, process.terminate, b"asked to end by the night: it took longer than eight hours"),
            (_GRACE, process.kill, b"killed by the night: it did not end"),
        ):
            try:
                return process.wait(seconds)
            except subprocess.TimeoutExpired:
                out.write(b"\n" + said + b"\n")
                end()
        process.wait()
        return Verdict.FAILED.exit_status
