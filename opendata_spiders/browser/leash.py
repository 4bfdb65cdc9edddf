"""The process between Playwright and Chromium: nothing of the browser outlives the crawl, or takes too much memory.

It starts Chromium with the two pipes by which Playwright speaks to it, and collects every process that Chromium leaves
behind: it is their reaper, so that none stays defunct where process 1 collects nothing. It ends them all when Chromium
or the crawl ends, however that ends, and when they take more memory than allowed. Standard library only: it starts
quickly.

    python -m opendata_spiders.browser.leash FOLDER CRAWL MEGABYTES CHROMIUM [ARGUMENT …]
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from opendata_spiders.store.processes import die_with, is_alive

PID: Final = "leash.pid"
"""File of the folder that names this process; it ends everything when it is sent SIGTERM."""
TOO_LARGE: Final = "too-large"
"""File of the folder that says that Chromium was ended because of its memory."""
_PIPES: Final = (3, 4)
_SECONDS: Final = 0.25
"""Between two looks at the processes."""
_PR_SET_CHILD_SUBREAPER: Final = 36


def main() -> None:
    """Run Chromium until it, the crawl, Playwright or this process is to end."""
    folder, crawl, megabytes, *command = sys.argv[1:]
    _leave_group()
    started_by = os.getppid()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    Path(folder, PID).write_text(str(os.getpid()))
    # Chromium's socket has to lie in a folder with a short name; it would stay there if Chromium is killed.
    with TemporaryDirectory(prefix="chromium-", dir="/tmp", ignore_cleanup_errors=True) as short:
        browser = subprocess.Popen(
            command,
            pass_fds=_PIPES,
            env={**os.environ, "TMPDIR": short},
            preexec_fn=partial(die_with, os.getpid()),  # noqa: PLW1509 -- this process has one thread
        )
        for pipe in _PIPES:
            os.close(pipe)  # Playwright is told of Chromium's end by the end of its pipes
        try:
            while browser.pid not in _collected() and is_alive(int(crawl)) and os.getppid() == started_by:
                if _memory() > int(megabytes) << 20:
                    Path(folder, TOO_LARGE).touch()
                    return
                time.sleep(_SECONDS)
        finally:
            _end_all()


def _leave_group() -> None:
    """Go on as a child in a session of its own: Playwright, whose crawl was killed, kills the group that it started.

    The parent waits, so that Playwright sees the end of Chromium as the end of the process it started.
    """
    if child := os.fork():
        for pipe in _PIPES:
            os.close(pipe)
        os.waitpid(child, 0)
        os._exit(0)
    os.setsid()


def _collected() -> set[int]:
    """Collect the processes that have ended, and return their ids."""
    ended = set()
    with suppress(ChildProcessError):
        while (pid := os.waitpid(-1, os.WNOHANG)[0]) != 0:
            ended.add(pid)
    return ended


def _end_all() -> None:
    """Kill the browser's processes until none is left; children of killed ones become children of this process."""
    while left := list(_descendants()):
        for pid in left:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.02)
        _collected()


def _descendants() -> Iterator[int]:
    children = defaultdict(list)
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has just ended
            children[int(stat.read_text(errors="replace").rpartition(")")[2].split()[1])].append(int(stat.parent.name))
    due = list(children[os.getpid()])
    while due:
        yield (pid := due.pop())
        due += children[pid]


def _memory() -> int:
    """Bytes of memory that the processes take together, pages that several share counted once (PSS)."""
    total = 0
    for pid in _descendants():
        with suppress(OSError):
            rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
            total += sum(int(line.split()[1]) << 10 for line in rollup.splitlines() if line.startswith("Pss:"))
    return total


if __name__ == "__main__":
    main()
