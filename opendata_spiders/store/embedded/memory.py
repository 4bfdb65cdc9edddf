"""How much memory this process may use, and how much of it the database takes as a cache. Standard library only."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

LEAST_CACHE = 0.25
"""GB: a machine of 2 GB, on which two workers, a diff and the database have room side by side."""
MOST_CACHE = 1.0
"""GB: more than this the catalogues of a country do not need from one night to the next."""
SHARE = 8
"""The cache is one part in so many of the memory."""

_GROUPS = Path("/sys/fs/cgroup")
_LIMITS = ("memory.max", "memory.limit_in_bytes")
"""Files of a control group with its limit in bytes, of version 2 and version 1."""


def cache_gigabytes(memory: int) -> float:
    """Return the size of the database's cache in GB on a machine with `memory` bytes."""
    return round(min(MOST_CACHE, max(LEAST_CACHE, memory / SHARE / (1 << 30))), 2)


def usable_memory(groups: Path = _GROUPS, own: Path = Path("/proc/self/cgroup")) -> int:
    """Return the bytes that this process may use: what the machine has, or less where its control groups limit it.

    `groups` is where control groups are mounted, `own` the file that names those of this process.
    """
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return min([machine, *_limits(groups, own)])


def _limits(groups: Path, own: Path) -> Iterator[int]:
    """The limits of the process's groups and of those that hold them; `max` and unreadable ones are none."""
    with contextlib.suppress(OSError):
        for line in own.read_text().splitlines():
            _, controllers, path = line.split(":", 2)
            if controllers in {"", "memory"}:
                group = groups / controllers / path.lstrip("/")
                for folder in (group, *group.parents):
                    for name in _LIMITS:
                        with contextlib.suppress(OSError, ValueError):
                            yield int((folder / name).read_text())
                    if folder == groups:
                        break
