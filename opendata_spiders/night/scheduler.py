"""Which portal is read when, and in which worker process.

Units begin in the order in which they are given, a fixed number side by side; the portals of one unit are read one
after the other. A worker that dies loses only what it was reading: each of those portals is read once more in a process
of its own, so that the one that kills is found and the others are read.
"""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Final

from opendata_spiders.night.messages import EndAll, FailPortal, Message, PortalEnded, ReadingNow, ReadPortal
from opendata_spiders.night.policy import NightPolicy, night_policy
from opendata_spiders.night.values import NightUnit, Result
from opendata_spiders.night.worker_process import Inbox, WorkerProcess
from opendata_spiders.store.models import Verdict

log = logging.getLogger(__name__)

_TICK: Final = 0.5
"""Seconds between two looks at the workers, at least."""


@dataclass(eq=False, slots=True)
class _Group:
    """A unit on its way: the portals that are left, the first of which is read next or is being read."""

    host: str
    left: list[str]
    budget: int
    alone: bool = False
    """Whether the first portal was being read by a worker that died."""
    began: float = 0.0


@dataclass(eq=False, slots=True)
class _Desk:
    """A worker process and what it has been given."""

    process: WorkerProcess
    alone: bool
    """Whether it reads one portal and no other."""
    groups: dict[str, _Group] = field(default_factory=dict)
    """By the slug that is being read."""
    full: bool = False
    """Whether it gets no further portal."""
    fault: str = ""
    """Why the night ends it; empty while it does not."""
    killed_at: float = 0.0
    """When it is killed if it has not ended by itself; counts where there is a fault."""


@dataclass(frozen=True, slots=True)
class NightState:
    """How far a night is."""

    running: Mapping[str, ReadingNow]
    """What is being read, by slug."""
    hosts: Mapping[str, str]
    """Their host groups."""
    waiting: tuple[str, ...]
    """Portals that have not begun."""


class NightScheduler:
    """Reads units with worker processes; makes them, feeds them, replaces them, ends them."""

    def __init__(
        self,
        logs: Path,
        *,
        hosts: int,
        processes: int,
        settings: Sequence[str] = (),
        policy: NightPolicy | None = None,
    ) -> None:
        """Put the portals' logs into `logs`; `settings` are Scrapy's, NAME=VALUE, for every crawl."""
        self._logs = logs
        self._hosts = max(1, hosts)
        self._processes = max(1, min(processes, self._hosts))
        self._settings = settings
        self._policy = policy or night_policy()
        self._inbox: Inbox = SimpleQueue()
        self._waiting: list[_Group] = []
        self._desks: dict[WorkerProcess, _Desk] = {}
        self._started = 0
        self._leaving = False
        """Whether no further portal begins."""
        self._stopping = False
        """Whether what is being read has been asked to end, too."""

    def read(
        self,
        units: Sequence[NightUnit],
        *,
        report: Callable[[Result], None],
        stopped: Callable[[], bool],
        leaves: Callable[[], bool] = lambda: False,
        show: Callable[[NightState], None] = lambda _: None,
    ) -> list[Result]:
        """Read every portal of these units; `report` is called as each ends, `show` about every second.

        Once `leaves` says so nothing begins any more, and what is being read is read to its end; once `stopped` says
        so it ends with what it has read.
        """
        self._waiting = [_Group(unit.host, list(unit.slugs), unit.budget) for unit in units if unit.slugs]
        self._processes = min(self._processes, len(self._waiting))
        results: list[Result] = []
        try:
            while self._waiting or any(desk.groups for desk in self._desks.values()):
                if stopped() and not self._stopping:
                    self._stop()
                elif leaves() and not self._leaving:
                    self._leave()
                self._place()
                for result in self._hear():
                    results.append(result)
                    report(result)
                self._watch()
                show(self._state())
        finally:
            self._close()
        return results

    def _state(self) -> NightState:
        running, hosts, waiting = dict[str, ReadingNow](), dict[str, str](), list[str]()
        for desk in self._desks.values():
            said = {one.slug: one for one in desk.process.alive.readings}
            for slug, group in desk.groups.items():
                running[slug] = said.get(slug) or ReadingNow(slug, 0, None, 0, time.monotonic() - group.began)
                hosts[slug] = group.host
                waiting += group.left[1:]
        return NightState(running, hosts, (*waiting, *(slug for group in self._waiting for slug in group.left)))

    # --- who reads what

    def _place(self) -> None:
        """Give every portal that may begin to a worker."""
        for group in list(self._waiting):
            desk = self._desk_alone() if group.alone else self._desk_beside()
            if desk is not None:
                self._waiting.remove(group)
                self._give(desk, group)

    def _desk_alone(self) -> _Desk | None:
        alone = sum(desk.alone for desk in self._desks.values())
        return self._new_desk(alone=True) if alone < self._policy.retry_processes else None

    def _desk_beside(self) -> _Desk | None:
        """The worker that reads the fewest portals; None while as many host groups are asked as may be."""
        if sum(len(desk.groups) for desk in self._desks.values()) >= self._hosts:
            return None
        desks = [desk for desk in self._desks.values() if not desk.alone and not desk.full]
        if len(desks) < self._processes:
            return self._new_desk(alone=False)
        return min(desks, key=lambda desk: len(desk.groups))

    def _new_desk(self, *, alone: bool) -> _Desk:
        self._started += 1
        process = WorkerProcess(self._started, self._logs, self._settings, self._inbox)
        self._desks[process] = desk = _Desk(process, alone=alone)
        return desk

    def _give(self, desk: _Desk, group: _Group) -> None:
        slug, group.began = group.left[0], time.monotonic()
        desk.groups[slug] = group
        desk.process.tell(ReadPortal(slug, group.host, group.budget, str(self._log_of(slug))))

    def _log_of(self, slug: str) -> Path:
        return self._logs / f"{slug}.log"

    # --- what the workers say

    def _hear(self) -> list[Result]:
        """Wait for a word of any worker, a moment at most; return the portals that have ended by it."""
        try:
            process, message = self._inbox.get(timeout=_TICK)
        except Empty:
            return []
        desk = self._desks[process]
        return self._died(desk) if message is None else self._ended(desk, message)

    def _ended(self, desk: _Desk, message: Message) -> list[Result]:
        if not isinstance(message, PortalEnded) or message.slug not in desk.groups:
            return []
        group = desk.groups.pop(message.slug)
        result = self._result(group, Verdict(message.verdict), message.seconds)
        self._go_on(desk, group)
        return [result]

    def _result(self, group: _Group, verdict: Verdict, seconds: float) -> Result:
        """Take the first portal of a group as read."""
        slug = group.left.pop(0)
        return Result(slug, group.host, verdict, seconds, self._log_of(slug))

    def _go_on(self, desk: _Desk, group: _Group) -> None:
        """Let the group's next portal follow, in the same worker if it may have another."""
        group.alone = False
        if group.left and not self._leaving:
            if desk.alone or desk.full:
                self._waiting.insert(0, group)
            else:
                self._give(desk, group)
        if not desk.groups and (desk.alone or desk.full):
            desk.process.dismiss()

    def _died(self, desk: _Desk) -> list[Result]:
        """Read what it was reading again, each portal alone; one that was alone already has failed."""
        del self._desks[desk.process]
        desk.process.close()
        groups, desk.groups, desk.full = desk.groups, {}, True
        failed = []
        for slug, group in groups.items():
            said = f"the process that read it {desk.fault or desk.process.end}"
            if group.alone or self._stopping:
                self._note(slug, f"{said}: it has failed")
                failed.append(self._result(group, Verdict.FAILED, time.monotonic() - group.began))
                self._go_on(desk, group)
            else:
                self._note(slug, f"{said}: it is read again in a process of its own")
                group.alone = True
                self._waiting.insert(0, group)
        return failed

    def _note(self, slug: str, text: str) -> None:
        """Add a sentence of the night to a portal's log."""
        log.warning("%s: %s", slug, text)
        with self._log_of(slug).open("a", encoding="utf-8") as out:
            out.write(f"{text}\n")

    # --- limits

    def _watch(self) -> None:
        """End what hangs or takes too much memory; give no more to a worker that has grown."""
        rules, now = self._policy, time.monotonic()
        for desk in self._desks.values():
            memory = desk.process.megabytes
            if desk.fault:
                if now > desk.killed_at:
                    desk.process.kill()
            elif desk.process.silence > rules.silent_minutes * 60:
                desk.fault, desk.killed_at = f"gave no sign of life for {rules.silent_minutes:g} minutes", now
            elif memory > rules.worker_most_mb and desk.groups:
                desk.fault, desk.killed_at = f"took more than {rules.worker_most_mb} MB of memory", now
                if desk.alone:
                    desk.killed_at += rules.portal_grace_minutes * 60
                    for slug in desk.groups:
                        desk.process.tell(FailPortal(slug, f"the process that read it {desk.fault}"))
            elif memory > rules.worker_mb and not desk.full:
                desk.full = True
                log.info("a worker process takes %d MB: it begins no further portal", memory)
                if not desk.groups:
                    desk.process.dismiss()

    def _leave(self) -> None:
        self._leaving = True
        self._waiting = [group for group in self._waiting if group.alone]

    def _stop(self) -> None:
        self._leaving = self._stopping = True
        self._waiting.clear()
        for desk in self._desks.values():
            desk.process.tell(EndAll())

    def _close(self) -> None:
        """End every worker; one that still reads, since an error or a second Ctrl-C ends the night, at once."""
        for desk in self._desks.values():
            desk.process.dismiss()
            if desk.groups:
                desk.process.kill()
        for desk in self._desks.values():
            desk.process.close()
        self._desks.clear()
