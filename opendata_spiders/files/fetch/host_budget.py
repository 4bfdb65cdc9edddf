"""The night's limits on file requests: files of a host, bytes in all, and failures in a row of a host."""

from collections.abc import Callable

from opendata_spiders.files.policy import FilePolicy

_SILENT = frozenset({"blocked", "timeout", "unreachable", "slow"})
"""Classes that count as a failure of the host: after several in a row it gets no more requests."""


class HostBudget:
    """Counts the files and failures of one host."""

    def __init__(self, policy: FilePolicy, received: Callable[[], int], *, stop_after: int) -> None:
        """`received` returns the bytes of the night so far; after `stop_after` failures in a row a host is skipped."""
        self._policy = policy
        self._received = received
        self._stop_after = stop_after
        self._files = 0
        self._silent = 0

    @property
    def refusal(self) -> str:
        """Class of files that are not requested any more; empty while requests are allowed."""
        if self._silent >= self._stop_after:
            return "stopped"
        spent = self._files >= self._policy.host_files or self._received() >= self._policy.night_bytes
        return "budget" if spent else ""

    def spend(self) -> None:
        """Count one file that a list shows."""
        self._files += 1

    def answered(self, why: str) -> None:
        """Note how a request ended."""
        self._silent = self._silent + 1 if why in _SILENT else 0
