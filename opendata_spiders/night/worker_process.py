"""One worker process from the side of the night: started, given portals, listened to, ended."""

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from typing import Final

from opendata_spiders.night.messages import Message, WorkerAlive, from_line, to_line
from opendata_spiders.store import processes

log = logging.getLogger(__name__)

_ENDING_SECONDS: Final = 60
_FEW_ARENAS: Final = {"MALLOC_ARENA_MAX": "2"}
"""glibc else keeps memory that is free for each thread apart: 24 of 363 MB of a night with two workers."""
Inbox = SimpleQueue[tuple["WorkerProcess", Message | None]]
"""What the workers of a night say, in the order of arrival; None: the process has ended."""


class WorkerProcess:
    """A process that reads portals side by side."""

    def __init__(self, number: int, logs: Path, settings: Sequence[str], inbox: Inbox) -> None:
        """Start it. `settings`: NAME=VALUE; what it says of no portal goes to a file in `logs`."""
        self._log = logs / f"worker-{number}.log"
        self._inbox = inbox
        self.alive = WorkerAlive(())
        """What it said of itself the last time."""
        self._heard = time.monotonic()
        package = str(Path(__file__).parents[2])
        path = os.pathsep.join(filter(None, (package, os.environ.get("PYTHONPATH"))))
        with self._log.open("ab") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "opendata_spiders.night.worker", *settings],
                env={**_FEW_ARENAS, **os.environ, "PYTHONPATH": path},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
            )
        self._listener = threading.Thread(target=self._listen, name=f"worker {number}", daemon=True)
        self._listener.start()

    def _listen(self) -> None:
        """Put what the process says into the inbox, and at last that it has ended."""
        for line in self._process.stdout or ():
            try:
                message = from_line(line)
            except (ValueError, KeyError, TypeError):
                log.warning("a worker process said what is no message; it is left out")
                continue
            self._heard = time.monotonic()
            if isinstance(message, WorkerAlive):
                self.alive = message
            else:
                self._inbox.put((self, message))
        self._process.wait()
        self._inbox.put((self, None))

    def tell(self, message: Message) -> None:
        """Give it an order; one that has ended or was dismissed hears nothing."""
        if self._process.stdin and not self._process.stdin.closed:
            with suppress(OSError):
                self._process.stdin.write(to_line(message).encode())
                self._process.stdin.flush()

    def dismiss(self) -> None:
        """Tell it that no orders follow: it ends when it has read what it is reading."""
        if self._process.stdin:
            with suppress(OSError):
                self._process.stdin.close()

    def kill(self) -> None:
        """End it at once; nothing of what it is reading is kept."""
        self._process.kill()

    def close(self) -> None:
        """Wait until it has ended; one that does not, though it has nothing to do, is killed."""
        try:
            self._process.wait(_ENDING_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._listener.join()
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                if pipe:
                    pipe.close()

    @property
    def silence(self) -> float:
        """Seconds since it was last heard of."""
        return time.monotonic() - self._heard

    @property
    def megabytes(self) -> int:
        """Memory it takes now; 0 where the system does not tell."""
        return processes.memory(self._process.pid) >> 20

    @property
    def end(self) -> str:
        """How it ended, in words."""
        status = self._process.returncode
        return f"was killed by signal {-status}" if status < 0 else f"ended with status {status}"
