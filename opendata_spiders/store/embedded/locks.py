"""Advisory file locks (flock): shared by the users of the embedded database, exclusive for its supervisor.

The kernel releases them when the process ends, however it ends. No library is used: the
supervisor's lock must pass through a fork, and filelock's shared lock is a SQLite database that does not.
"""

import contextlib
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

    def shared(self, seconds: float = 0) -> bool:
        """Take the lock shared, also in place of one's own exclusive hold; False if it is not free within `seconds`."""
        return self._take(fcntl.LOCK_SH, seconds)

    def exclusive(self, seconds: float = 0) -> bool:
        """Take the lock exclusively; False if it is not free within `seconds`."""
        return self._take(fcntl.LOCK_EX, seconds)

    def _take(self, kind: int, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while True:
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(self._file, kind | fcntl.LOCK_NB)
                return True
            if time.monotonic() >= deadline:
                return False
            time.sleep(0.02)

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
