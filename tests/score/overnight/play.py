"""Plays the nights: the replica shows each, two processes read it over HTTP, `python -m alerts diff` folds it."""

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from alerts.model.events import Event
from alerts.records.queries import events_where
from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.connect import Store, open_store
from opendata_spiders.store.models import Run, Verdict
from tests.commands import run_module
from tests.replica import Replica
from tests.score.overnight.script import Script

ROOT = Path(__file__).parents[3]
PROCESSES = 2
PATIENCE = 900
"""Seconds that one command may take."""
TILL_MORNING = timedelta(hours=6)
_KEPT = ("PATH", "HOME", "LANG", "MONGOD", "TMPDIR", "LD_LIBRARY_PATH")


class NightError(RuntimeError):
    """Raised when a command of the night failed; the message holds the end of its output."""


@dataclass(frozen=True, slots=True)
class Misgraded:
    """A reading whose verdict is not what the night deserved."""

    slug: str
    night: int
    weather: str
    due: tuple[str, ...]
    run: str
    """The verdict and its reason."""


@dataclass
class Played:
    """What came of the nights."""

    script: Script
    events: Sequence[Event] = ()
    verdicts: dict[tuple[str, int], Verdict] = field(default_factory=dict)
    misgraded: list[Misgraded] = field(default_factory=list)
    requests: int = 0


def play(script: Script, config: StoreConfig, progress: Callable[[str], None] = print) -> Played:
    """Read and fold every night in the database of `config`, which is dropped afterwards. Raises NightError."""
    first = {"WATCH_NOW": script.world.moment(0).isoformat()}  # marks the database as one that is replayed
    with open_store(config, env=first) as store, Replica(script.world) as replica:
        try:
            return _play(Nights(script, config, store, replica), progress)
        finally:
            store.db.client.drop_database(store.db.name)


def _play(nights: "Nights", progress: Callable[[str], None]) -> Played:
    played = Played(nights.script)
    for night in range(nights.script.nights):
        nights.read(night)
        nights.fold(night)
        for run in nights.runs(night):
            _grade(played, night, run)
        progress(f"night {night}: {nights.told(night, played)}")
    played.events = list(events_where(nights.store))
    played.requests = nights.replica.log.count()
    return played


def _grade(played: Played, night: int, run: Run) -> None:
    played.verdicts[run.slug, night] = run.verdict
    due = played.script.verdicts(run.slug, night)
    if run.verdict not in due:
        weather = played.script.weather.get((run.slug, night))
        said = f"{run.verdict}: {run.reason}"
        name = weather.name if weather else f"none ({played.script.totals.get(run.slug, 'true')} total)"
        played.misgraded.append(Misgraded(run.slug, night, name, tuple(sorted(due)), said))


@dataclass(frozen=True, slots=True)
class Nights:
    """The parts of one performance."""

    script: Script
    config: StoreConfig
    store: Store
    replica: Replica

    def read(self, night: int) -> None:
        """Read every portal, shared out among processes; raise NightError unless each left a run."""
        self.replica.night = night
        slugs = sorted(self.script.world.portals)
        shares = [slugs[place::PROCESSES] for place in range(PROCESSES)]
        with ThreadPoolExecutor(PROCESSES) as pool:
            said = list(pool.map(lambda share: self._crawl(share, night), shares))
        if len(self.runs(night)) != len(slugs):
            raise NightError(
                f"night {night}: {len(self.runs(night))} of {len(slugs)} portals left a run\n{''.join(said)}"
            )

    def _crawl(self, slugs: Sequence[str], night: int) -> str:
        words = [f"{slug}={self.replica.url(slug)}" for slug in slugs]
        return self._command(night, timedelta(), "tests.score.overnight.crawls", *words)

    def fold(self, night: int) -> None:
        """Let the diff state what the night has changed."""
        self._command(night, TILL_MORNING, "alerts", "diff", "--json")

    def runs(self, night: int) -> list[Run]:
        """The runs of a night."""
        at = self.script.world.moment(night)
        return [run for run in self.store.runs(None, since=at) if run.at == at]

    def told(self, night: int, played: Played) -> str:
        """One line about a night."""
        verdicts = [verdict for (_, when), verdict in played.verdicts.items() if when == night]
        return ", ".join(f"{verdicts.count(one)} {one}" for one in Verdict if one in verdicts)

    def _command(self, night: int, later: timedelta, module: str, *words: str) -> str:
        done = run_module(module, *words, env=self._env(night, later), timeout=PATIENCE)
        if done.returncode:
            raise NightError(
                f"night {night}: {module} ended with {done.returncode}:\n{(done.stdout + done.stderr)[-3000:]}"
            )
        return done.stdout + done.stderr

    def _env(self, night: int, later: timedelta) -> Mapping[str, str]:
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        return kept | {
            "MONGODB_URI": self.config.uri or "", "MONGODB_DATABASE": self.config.database, "PYTHONUTF8": "1",
            "WATCH_NOW": (self.script.world.moment(night) + later).isoformat(), "NO_PROXY": "127.0.0.1",
        }  # fmt: skip
