"""Ctrl-C and SIGTERM end every command of both packages alike: in one sentence, with Exit.INTERRUPTED."""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from opendata_spiders.exits import Exit


@contextmanager
def interruptible(kept: Callable[[], str]) -> Iterator[None]:
    """Do the work of a command: a Ctrl-C or SIGTERM within it ends the process, and `kept` says what became of it.

    After the work signals are ignored: what is left is the process's own end, which takes no time and must not end in
    a traceback. A part of the work that ends in order by itself (a crawl) may take the signals over meanwhile.
    """
    try:
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        yield
    except (KeyboardInterrupt, RuntimeError) as error:
        # Before Python 3.12 what is raised while an import makes a class may arrive as the cause of a RuntimeError.
        if not isinstance(error, KeyboardInterrupt) and not isinstance(error.__cause__, KeyboardInterrupt):
            raise
        ignore()
        say_stopped(kept())
        sys.exit(Exit.INTERRUPTED)
    finally:
        ignore()


def ignore() -> None:
    """Hear no signal any more."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)


def say_stopped(kept: str) -> None:
    """Print the sentence."""
    print(f"stopped: {kept}", file=sys.stderr)
