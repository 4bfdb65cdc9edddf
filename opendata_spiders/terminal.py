"""How every `scrapy` command of this project treats its terminal: closed pipes, Ctrl-C, safe text, progress."""

import asyncio
import io
import logging
import os
import re
import shutil
import sys
from collections.abc import Callable
from types import TracebackType
from typing import Any

from scrapy.utils.log import get_scrapy_root_handler

from opendata_spiders.interrupts import say_stopped

log = logging.getLogger(__name__)

_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


def prepare() -> None:
    """Prepare this process; done once, before a command runs."""
    logging.setLogRecordFactory(SafeRecord)
    sys.excepthook = _excepthook
    if sys.stdout is sys.__stdout__ and sys.stderr is sys.__stderr__:  # else somebody (a test) has put his own there
        sys.stdout, sys.stderr = _unbreakable(sys.stdout), _unbreakable(sys.stderr)


class SafeRecord(logging.LogRecord):
    """A log line in which portal text can neither steer a terminal nor pass for another line."""

    def getMessage(self) -> str:  # noqa: N802 -- logging's name
        """Return the message: control and direction characters escaped, lines after the first indented."""
        return safe(super().getMessage())

    @property
    def exc_text(self) -> str | None:
        """The traceback, which may end in portal text."""
        return self._traceback

    @exc_text.setter
    def exc_text(self, text: str | None) -> None:
        self._traceback = None if text is None else safe(text)


def safe(text: str) -> str:
    """Escape control and direction characters; a line feed stays, and the line after it is indented by two blanks."""
    return _UNSAFE.sub(_escaped, text.replace("\r\n", "\n")).replace("\n", "\n  ")


def _escaped(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"


async def show_progress(said: Callable[[], str], seconds: float) -> None:
    """Show how far a command is, until this task is cancelled.

    On a terminal: one line below the log, rewritten every second. Elsewhere: a log line every `seconds`.
    """
    handler = get_scrapy_root_handler()
    if not (isinstance(handler, logging.StreamHandler) and handler.level <= logging.INFO and sys.stderr.isatty()):
        while True:
            await asyncio.sleep(seconds)
            log.info("%s", said())

    handler.addFilter(clear_progress)
    try:
        while True:
            clear_progress()
            print(said()[: shutil.get_terminal_size().columns - 1], end="", file=sys.stderr, flush=True)
            await asyncio.sleep(1)
    finally:
        handler.removeFilter(clear_progress)
        clear_progress()


def clear_progress(_record: logging.LogRecord | None = None) -> bool:
    """Erase the progress line before anything else is written to a terminal; True, for it serves as a log filter."""
    if sys.stderr.isatty():
        print("\r\x1b[2K", end="", file=sys.stderr, flush=True)
    return True


class _Pipe(io.FileIO):
    """An output whose reader may close the pipe: what is written after that is dropped without an error."""

    def write(self, data: Any) -> int:
        try:
            return super().write(data)
        except BrokenPipeError:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self.fileno())
            os.close(nowhere)
            return len(data)


def _unbreakable(stream: Any) -> io.TextIOWrapper:
    stream.flush()
    raw = io.BufferedWriter(_Pipe(stream.fileno(), "w", closefd=False))
    lines = stream.line_buffering
    return io.TextIOWrapper(raw, encoding=stream.encoding, errors=stream.errors, line_buffering=lines)


def _excepthook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Print tracebacks as ever, but none for Ctrl-C: Python then ends by the signal itself, as shells want it."""
    if issubclass(kind, KeyboardInterrupt):
        say_stopped("nothing was begun")
    else:
        sys.__excepthook__(kind, error, trace)
