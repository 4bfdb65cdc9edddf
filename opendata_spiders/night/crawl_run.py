"""Runs a night of crawls: each portal in a process of its own, hosts in parallel."""

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from opendata_spiders.night import uplink
from opendata_spiders.night.crawl_plan import NightPlan
from opendata_spiders.night.units import Result, read_unit


class Night:
    """Reads a plan; one portal's failure never stops the others."""

    def __init__(self, plan: NightPlan, logs: Path, *, at: datetime, started: datetime | None = None) -> None:
        """`at`: domain time; `started`: real time at which the night began, if it was before now."""
        self._plan = plan
        self._logs = logs
        self._at = at
        self._started = started or datetime.now(UTC)
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

        def take(result: Result) -> None:
            results.append(result)
            report(result)

        with ThreadPoolExecutor(max_workers=max(1, hosts)) as pool:
            done = [
                pool.submit(read_unit, group.unit, self._logs, report=take, stopped=self._stop.is_set)
                for group in self._plan.groups
            ]
            try:
                for one in done:
                    one.result()
            except KeyboardInterrupt:
                self._stop.set()
        return sorted(results, key=lambda result: (result.verdict.exit_status, result.slug))

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
