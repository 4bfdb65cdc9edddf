"""One night over many portals: what it will cost, who reads what, and how it went. Each portal is its own process."""

import math
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from opendata_spiders.crawl.target import is_loopback
from opendata_spiders.register import Portal
from opendata_spiders.store.models import Run, Verdict

_TIMEOUT = 8 * 3600
"""Seconds after which a portal's process is asked to end: a night has an end."""
_GRACE = 900
"""Seconds it then has to keep what it read; after those it is killed."""
_GUESS = 1000
"""Datasets assumed of a portal that was never read and of which no count is known."""
_PAGE = 10
_FAILED = {Verdict.UNREACHABLE, Verdict.FAILED, Verdict.BLOCKED}
_BY_STATUS = {verdict.exit_status: verdict for verdict in Verdict}


@dataclass(frozen=True, slots=True)
class NightGroup:
    """The portals of one host group: read one after the other, sharing one budget of details."""

    host: str
    portals: tuple[Portal, ...]
    requests: int
    minutes: float
    budget: int
    """Details each portal may read tonight."""
    dead: bool = False
    """All of its portals failed when our line was last in order: its silence tonight says nothing about our line."""


@dataclass(frozen=True, slots=True)
class NightPlan:
    """A night before it begins."""

    groups: tuple[NightGroup, ...]

    @property
    def portals(self) -> list[Portal]:
        return [portal for group in self.groups for portal in group.portals]

    def caption(self, hosts: int) -> str:
        """Say how long it will take; the slowest host sets the pace."""
        requests = sum(group.requests for group in self.groups)
        minutes = max([sum(group.minutes for group in self.groups) / hosts, *(group.minutes for group in self.groups)])
        return f"about {requests:,} requests, {minutes:.0f} minutes with {hosts} hosts side by side"


@dataclass(frozen=True, slots=True)
class Result:
    """How the reading of one portal ended."""

    slug: str
    host: str
    verdict: Verdict
    seconds: float
    log: Path


def make_plan(
    portals: Sequence[Portal], last_run: Callable[[Portal], Run | None], *, delay: float, budget: int
) -> NightPlan:
    """Group portals by host and estimate requests: the list, plus details that are due within the budget.

    `last_run` gives a portal's last run outside the nights on which our own line failed.
    """
    by_host = sorted(portals, key=lambda portal: (portal.host_group, portal.slug))
    groups = []
    for host, members in groupby(by_host, key=lambda portal: portal.host_group):
        group = tuple(members)
        share = max(1, budget // len(group))
        runs = [last_run(portal) for portal in group]
        requests = sum(_requests(portal, run, share) for portal, run in zip(group, runs, strict=True))
        seconds = 0.0 if is_loopback(group[0].base_url) else requests * delay
        dead = all(run is not None and run.verdict in _FAILED for run in runs)
        groups.append(NightGroup(host, group, requests, seconds / 60, share, dead))
    return NightPlan(tuple(groups))


def _requests(portal: Portal, last: Run | None, budget: int) -> int:
    seen = (last.seen if last else 0) or portal.approx_datasets or _GUESS
    due = seen - (last.detailed if last else 0) + seen // 30
    return 1 + math.ceil(seen / _PAGE) + min(budget, due)


class Night:
    """Reads a plan; one portal's failure never stops the others."""

    def __init__(self, plan: NightPlan, logs: Path, *, at: datetime) -> None:
        self._plan = plan
        self._logs = logs
        self._at = at
        self._started = datetime.now(UTC)
        self._stop = threading.Event()

    @property
    def stopped(self) -> bool:
        """Whether somebody stopped the night (Ctrl-C)."""
        return self._stop.is_set()

    def read(self, *, hosts: int, report: Callable[[Result], None]) -> list[Result]:
        """Read every portal; `report` is called as each ends.

        After Ctrl-C no further portal is begun, and those being read, which were told as well, are waited for.
        """
        self._logs.mkdir(parents=True, exist_ok=True)
        results: list[Result] = []

        def keep(result: Result) -> None:
            results.append(result)
            report(result)

        with ThreadPoolExecutor(max_workers=max(1, hosts)) as pool:
            done = [pool.submit(self._crawl_group, group, keep) for group in self._plan.groups]
            try:
                for one in done:
                    one.result()
            except KeyboardInterrupt:
                self._stop.set()
        order = {portal.slug: place for place, portal in enumerate(self._plan.portals)}
        return sorted(results, key=lambda result: order[result.slug])

    def _crawl_group(self, group: NightGroup, report: Callable[[Result], None]) -> None:
        for portal in group.portals:
            if not self.stopped:
                self._crawl(group, portal, report)

    def _crawl(self, group: NightGroup, portal: Portal, report: Callable[[Result], None]) -> Result:
        log = self._logs / f"{portal.slug}.log"
        begun = time.monotonic()
        status = _run(
            [sys.executable, "-m", "scrapy", "crawl", portal.slug, "-s", f"DETAIL_BUDGET={group.budget}"], log
        )
        verdict = _BY_STATUS.get(status, Verdict.FAILED)
        result = Result(portal.slug, group.host, verdict, time.monotonic() - begun, log)
        report(result)
        return result

    def uplink_suspect(self, results: Sequence[Result]) -> bool:
        """Whether most host groups failed altogether: that is our own line, not theirs.

        Groups that were dead before are no witnesses: to read a few of them again by hand proves nothing.
        """
        dead = {group.host for group in self._plan.groups if group.dead}
        hosts: dict[str, bool] = {}
        for result in results:
            if result.host not in dead:
                hosts[result.host] = hosts.get(result.host, True) and result.verdict in _FAILED
        return len(hosts) > 2 and sum(hosts.values()) * 2 > len(hosts)

    def record(self, results: Sequence[Result]) -> Mapping[str, Any]:
        """The night as the store keeps it: who was planned and how each ended."""
        return {
            "_id": f"{self._at:%Y%m%dT%H%M%SZ}",
            "at": self._at,
            "started": self._started,
            "finished": datetime.now(UTC),
            "verdicts": {result.slug: str(result.verdict) for result in results},
            "uplink_suspect": self.uplink_suspect(results),
        }


def _run(command: Sequence[str], log: Path) -> int:
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT)
        try:
            return process.wait(_TIMEOUT)
        except subprocess.TimeoutExpired:
            out.write(b"\nasked to end by the night: it took longer than eight hours\n")
            process.terminate()
        try:
            return process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            out.write(b"\nkilled by the night: it did not end\n")
            process.kill()
            process.wait()
            return Verdict.FAILED.exit_status
