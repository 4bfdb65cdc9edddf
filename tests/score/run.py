"""Plays whole worlds, several portals at a time."""

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from random import SystemRandom
from tempfile import TemporaryDirectory

from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.embedded.server import embedded_mongod
from tests.score.play import Outcome, Plan, play

SEEDS = (1, 2, 3)
"""Always played; one more is drawn for every run and printed."""
PROCESSES = 2


def drawn() -> int:
    return SystemRandom().randrange(1000, 10**6)


@contextmanager
def fresh_mongod() -> Iterator[str]:
    """A mongod of our own, in memory where the system has such a place."""
    memory = Path("/dev/shm")
    with (
        TemporaryDirectory(prefix="score-", dir=memory if memory.is_dir() else None) as folder,
        embedded_mongod(StoreConfig(data_dir=Path(folder))) as uri,
    ):
        yield uri


def _silent(_done: int, _all: int) -> None:
    pass


def play_all(
    plans: Iterable[Plan], uri: str, *, processes: int = PROCESSES, tell: Callable[[int, int], None] = _silent
) -> Outcome:
    """Play every portal of every plan; portals know nothing of one another, so they are shared out.

    `tell` is told after each how many of how many years have been played.
    """
    jobs = [(plan, index) for plan in plans for index in range(plan.portals)]
    total = Outcome()
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        # The large portals come first in every plan; one job a portal keeps all processes busy to the end.
        played = pool.map(_play, *zip(*[(plan, index, uri) for plan, index in jobs], strict=True))
        for done, outcome in enumerate(played, 1):
            merge(total, outcome)
            tell(done, len(jobs))
    return total


def _play(plan: Plan, index: int, uri: str) -> Outcome:
    outcome = play(plan, [index], uri, f"score_{os.getpid()}")
    outcome.score = outcome.score.plain()
    return outcome


def merge(total: Outcome, more: Outcome) -> None:
    total.score.add(more.score)
    total.nights.update(more.nights)
    total.unequal += more.unequal
    total.events += more.events
