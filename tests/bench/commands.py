"""What one command costs, run to its end in a process of its own."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile

import click

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds that one command took; of CPU its own, without those of servers that it asks."""

    wall: float
    cpu: float
    peak_mb: float = 0.0
    """The most memory it held."""


def measure(words: Sequence[str], env: Mapping[str, str]) -> Cost:
    """Run Python with these words; raises click.ClickException with the end of its output if it fails."""
    command = [sys.executable, *words]
    began = time.perf_counter()
    with TemporaryFile() as errors:
        process = subprocess.Popen(command, cwd=ROOT, env=dict(env), stdout=subprocess.DEVNULL, stderr=errors)
        _, status, used = os.wait4(process.pid, 0)
        # Waited for here, with what it used: Popen must not wait again.
        process.returncode = os.waitstatus_to_exitcode(status)
        errors.seek(0)
        said = errors.read().decode()
    if status:
        raise click.ClickException(f"{' '.join(command)} ended with {process.returncode}:\n{said[-2000:]}")
    return Cost(time.perf_counter() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)
