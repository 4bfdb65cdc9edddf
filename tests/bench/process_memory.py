"""The memory of all processes of one command together, by what Linux says of each."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

_PAUSE = 0.5
"""Seconds between two looks."""


@dataclass
class MemoryPeak:
    """The most that was seen; memory that processes share is counted once."""

    megabytes: float = 0.0


@contextmanager
def memory_peak() -> Iterator[MemoryPeak]:
    """Watch the processes that this one starts, and those that they start, until the end of the block."""
    peak, over = MemoryPeak(), Event()

    def look() -> None:
        while not over.wait(_PAUSE):
            peak.megabytes = max(peak.megabytes, sum(map(_megabytes, _descendants(os.getpid()))))

    watcher = Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield peak
    finally:
        over.set()
        watcher.join()


def _descendants(of: int) -> set[int]:
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and (parent := _parent(folder)) is not None:
            children.setdefault(parent, []).append(int(folder.name))
    found: set[int] = set()
    waiting = [of]
    while waiting:
        below = children.get(waiting.pop(), [])
        found.update(below)
        waiting += below
    return found


def _parent(folder: Path) -> int | None:
    """The process that started this one; None if it has just ended."""
    try:
        return int((folder / "stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return None


def _megabytes(process: int) -> float:
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
