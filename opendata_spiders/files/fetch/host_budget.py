"""How much may be asked tonight: files of a host, bytes of all, and no more of a host that keeps failing."""

from collections.abc import Callable

from opendata_spiders.files.policy import FilePolicy

_SILENT = frozenset({"blocked", "timeout", "unreachable", "slow"})
"""Classes after several of which in a row a host is left alone."""


class HostBudget:
    """The files one host may be asked for, in the order of asking."""

    def __init__(self, policy: FilePolicy, received: Callable[[], int], *, stop_after: int) -> None:
        """`received` tells the bytes of the night so far, `stop_after` how many failures in a row are enough."""
        self._policy = policy
        self._received = received
        self._stop_after = stop_after
        self._files = 0
        self._silent = 0

    @property
    def refusal(self) -> str:
        """Class of what is not asked any more; empty while there is room."""
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
