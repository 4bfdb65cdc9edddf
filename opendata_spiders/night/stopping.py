"""What ends a night before its plan is read: a person or the system, its deadline, another night."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from types import FrameType
from typing import Any

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@dataclass(slots=True)
class NightStop:
    """Whether a night has to end, and why."""

    until: datetime
    """When its time is up."""
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    interrupted: bool = False
    """Whether somebody stopped it: Ctrl-C, SIGTERM, another night that took its lease."""

    def interrupt(self) -> None:
        """End it as soon as possible."""
        self.interrupted = True

    @property
    def is_late(self) -> bool:
        """Whether its time is up."""
        return self.now() >= self.until

    def __call__(self) -> bool:
        return self.interrupted or self.is_late

    def left(self, count: int, what: str) -> str:
        """Say how much was not begun because its time was up; '' where nothing was left out for that."""
        if not (count and self.is_late):
            return ""
        return f"the night's time was up at {self.until:%H:%M %Z}: {count} {what} were not begun"

    @contextmanager
    def on_signals(self) -> Iterator[None]:
        """Let the first Ctrl-C or SIGTERM end the night in order, and the second at once (KeyboardInterrupt)."""

        def interrupted(_number: int, _frame: FrameType | None) -> None:
            if self.interrupted:
                raise KeyboardInterrupt
            self.interrupt()

        before: dict[int, Any] = {number: signal.signal(number, interrupted) for number in _SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
