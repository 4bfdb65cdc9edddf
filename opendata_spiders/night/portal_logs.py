"""The log of a process that reads many portals: each line goes into the file of the portal in whose crawl it arose."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

_OF_PORTAL: ContextVar[logging.Handler | None] = ContextVar("log of the portal", default=None)
"""Copied with its context into every task, thread and callback that a crawl starts."""


class _PortalLog(logging.FileHandler):
    """The file of one portal; what its crawl still says after its end is added and leaves no file open."""

    ended = False

    def emit(self, record: logging.LogRecord) -> None:
        super().emit(record)
        if self.ended:
            self.close()


class PortalLogs(logging.Handler):
    """The root handler of a worker process; lines of no portal go to standard error."""

    def __init__(self, level: str, form: str, dates: str | None) -> None:
        super().__init__(level)
        self.setFormatter(logging.Formatter(form, dates))
        self._rest = logging.StreamHandler()
        self._rest.setFormatter(self.formatter)

    def emit(self, record: logging.LogRecord) -> None:
        """Hand the line on."""
        (_OF_PORTAL.get() or self._rest).handle(record)

    @contextmanager
    def into(self, file: Path) -> Iterator[None]:
        """Add what is logged within the block, in this context and those made from it, to a file."""
        handler = _PortalLog(file, encoding="utf-8")
        handler.setFormatter(self.formatter)
        token = _OF_PORTAL.set(handler)
        try:
            yield
        finally:
            _OF_PORTAL.reset(token)
            handler.ended = True
            handler.close()
