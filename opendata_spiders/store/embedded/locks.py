"""Advisory file locks (flock): shared by the users of the embedded database, exclusive for its supervisor.

The kernel releases them when the process ends, however it ends. No library is used: the
supervisor's lock must pass through a fork, and filelock's shared lock is a SQLite database that does not.
"""

import os
import time
from pathlib import Path
from types import TracebackType
from typing import Self

try:
    import fcntl
except ImportError:  # Windows: `available` says so, and the embedded database refuses with a sentence
    fcntl = None  # type: ignore[assignment]

available = fcntl is not None


class FileLock:
    """One open file that can be locked; a context manager that releases it at its end."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def try_shared(self) -> bool:
        """Take the lock shared, also in place of one's own exclusive hold; False when another holds it exclusively."""
        return self._try(fcntl.LOCK_SH)

    def try_exclusive(self) -> bool:
        """Take the lock exclusively; False when anybody else holds it."""
        return self._try(fcntl.LOCK_EX)

    def wait_shared(self, seconds: float) -> bool:
        """Take the lock shared; False when it was not free within `seconds`."""
        return self._wait(fcntl.LOCK_SH, seconds)

    def wait_exclusive(self, seconds: float) -> bool:
        """Take the lock exclusively; False when it was not free within `seconds`."""
        return self._wait(fcntl.LOCK_EX, seconds)

    def _try(self, kind: int) -> bool:
        try:
            fcntl.flock(self._file, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _wait(self, kind: int, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while not self._try(kind):
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        return True

    def release(self) -> None:
        """Release the lock, keep the file open."""
        fcntl.flock(self._file, fcntl.LOCK_UN)

    def close(self) -> None:
        """Release the lock and close the file."""
        os.close(self._file)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()
