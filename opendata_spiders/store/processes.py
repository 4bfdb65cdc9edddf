"""Processes of this machine by pid: alive, since when, with which arguments.

Standard library only, for the supervisor. psutil computes the start of a process from the wall clock, so that after a
correction of the clock a live holder of a lease would count as gone.
"""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_PROC = Path("/proc")
_PR_SET_PDEATHSIG = 1


def _stat(pid: int) -> list[str] | None:
    """Return the fields of /proc/PID/stat after the command's name, or None where there are none."""
    try:
        return (_PROC / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return None


def is_alive(pid: int) -> bool:
    """Tell whether a process runs; one that has ended and was not yet collected does not."""
    if sys.platform == "win32":
        return True  # os.kill(pid, 0) sends Ctrl-C on Windows; leases then end only by a missing heartbeat
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    fields = _stat(pid)
    return fields is None or fields[0] not in {"Z", "X"}


def born(pid: int) -> str:
    """Return the start of a process, which distinguishes it from a later one with its pid; empty where unknown."""
    fields = _stat(pid)
    return fields[19] if fields else ""


def memory(pid: int) -> int:
    """Return the bytes of memory that a process takes now (resident); 0 where that is unknown."""
    fields = _stat(pid)
    return int(fields[21]) * os.sysconf("SC_PAGE_SIZE") if fields else 0


def identity() -> dict[str, Any]:
    """Return what identifies this process among those of all machines: `machine`, `pid` and `born`."""
    return {"machine": machine(), "pid": os.getpid(), "born": born(os.getpid())}


def has_ended(known: Mapping[str, Any]) -> bool:
    """Tell whether the process of an `identity` has ended; False for one of another machine, where it is unknown."""
    pid = known["pid"]
    return known["machine"] == machine() and not (is_alive(pid) and born(pid) == known["born"])


def arguments(pid: int) -> tuple[str, ...]:
    """Return the command line of a process; empty if it is gone."""
    if _PROC.joinpath("self").exists():
        try:
            return tuple((_PROC / str(pid) / "cmdline").read_bytes().decode(errors="replace").split("\0")[:-1])
        except OSError:
            return ()
    shown = subprocess.run(["ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return tuple(shown.stdout.split())


def end(pid: int, *, patience: float) -> None:
    """Ask a process to stop, and kill it if it has not within `patience` seconds."""
    for number, seconds in ((signal.SIGTERM, patience), (signal.SIGKILL, 5.0)):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return
        deadline = time.monotonic() + seconds
        while is_alive(pid) and time.monotonic() < deadline:
            time.sleep(0.02)
        if not is_alive(pid):
            return


def die_with(parent: int) -> None:
    """Have the kernel kill this process when its parent dies; to be called between fork and exec (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # the parent died before the call above
            os._exit(1)


def machine() -> str:
    """Name this machine, its boot and pid namespace: only there does a pid mean the same process.

    Containers may share a host name and not see one another's processes.
    """
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text().strip()
        namespace = str((_PROC / "self/ns/pid").readlink())
    except OSError:
        return socket.gethostname()
    return f"{socket.gethostname()} {boot} {namespace}"
