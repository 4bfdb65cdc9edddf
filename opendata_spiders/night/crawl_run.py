"""Runs a night of crawls: each portal in a process of its own, hosts in parallel."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from opendata_spiders.night import uplink
from opendata_spiders.night.crawl_plan import NightGroup, NightPlan
from opendata_spiders.register import Portal
from opendata_spiders.store.models import Verdict

_TIMEOUT = 8 * 3600
"""Seconds after which a portal's process is asked to end, so that the night ends."""
_GRACE = 900
"""Seconds it then has to store what it read; after those it is killed."""
_BY_STATUS = {verdict.exit_status: verdict for verdict in Verdict}


@dataclass(frozen=True, slots=True)
class Result:
    """How the reading of one portal ended."""

    slug: str
    host: str
    verdict: Verdict
    seconds: float
    log: Path


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
        """Read every portal; `report` is called as each ends. Returns the results, the best verdicts first.

        After Ctrl-C no further portal is started; the running ones, which got the signal too, are waited for.
        """
        self._logs.mkdir(parents=True, exist_ok=True)
        results: list[Result] = []

        def crawl_group(group: NightGroup) -> None:
            for portal in group.portals:
                if not self.stopped:
                    result = self._crawl(group, portal)
                    results.append(result)
                    report(result)

        with ThreadPoolExecutor(max_workers=max(1, hosts)) as pool:
            done = [pool.submit(crawl_group, group) for group in self._plan.groups]
            try:
                for one in done:
                    one.result()
            except KeyboardInterrupt:
                self._stop.set()
        return sorted(results, key=lambda result: (result.verdict.exit_status, result.slug))

    def _crawl(self, group: NightGroup, portal: Portal) -> Result:
        log, begun = self._logs / f"{portal.slug}.log", time.monotonic()
        command = [sys.executable, "-m", "scrapy", "crawl", portal.slug, "-s", f"DETAIL_BUDGET={group.budget}"]
        verdict = _BY_STATUS.get(_run(command, log), Verdict.FAILED)
        return Result(portal.slug, group.host, verdict, time.monotonic() - begun, log)

    def uplink_suspect(self, results: Sequence[Result]) -> bool:
        """Whether most host groups failed completely, which points to our own connection.

        Groups that were dead before do not count: a run over a few of them by hand proves nothing.
        """
        dead = {group.host for group in self._plan.groups if group.dead}
        witnesses = [result for result in results if result.host not in dead]
        return uplink.is_suspect((result.host, result.verdict in uplink.FAILED) for result in witnesses)

    def record(self, results: Sequence[Result]) -> Mapping[str, Any]:
        """The night's document in the store: the planned portals and how each ended."""
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
