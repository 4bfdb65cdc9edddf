"""One `scrapy crawl` a version, each a process of its own at the version's time; then one `python -m alerts diff`."""

import os
import tempfile
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from alerts.model.events import Event
from alerts.records.queries import events_where
from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.connect import Store, connect, open_store
from opendata_spiders.store.embedded.server import embedded_server
from opendata_spiders.store.models import Entry, Run
from tests.commands import run_module
from tests.sequences.server import Answers, Portal
from tests.sequences.versions import Recording

ROOT = Path(__file__).parents[2]
FAMILY = "guizhou_api"
SECONDS = 600
_KEPT = ("PATH", "HOME", "LANG", "MONGOD", "TMPDIR", "LD_LIBRARY_PATH")
_GRADED = frozenset({0, 1, 3, 4, 5, 6, 7})


class ReplayError(RuntimeError):
    """Raised when a command of the replay failed; the message holds the end of its log."""


@dataclass(frozen=True)
class Replayed:
    """What the watch made of a recording."""

    runs: Sequence[Run]
    """One a version, in order."""
    totals: Sequence[int]
    """What the portal printed."""
    events: Sequence[Event]
    versions: Sequence[dict[str, str]]
    """Of each run, dataset to the id of its content."""


@contextmanager
def database() -> Iterator[StoreConfig]:
    """A database for this replay alone: in the MongoDB of MONGODB_URI, else embedded in a temporary folder."""
    config = StoreConfig.from_env(os.environ) if os.environ.get("MONGODB_URI") else None
    with tempfile.TemporaryDirectory(prefix="sequence-") as folder:
        own = replace(config or StoreConfig(data_dir=Path(folder)), database=f"sequence_{uuid.uuid4().hex[:12]}")
        if own.uri:
            try:
                yield own
            finally:
                _drop(own)
            return
        with embedded_server(own) as server:
            yield replace(own, uri=server.uri)


def _drop(config: StoreConfig) -> None:
    with connect(config.uri or "", config) as client:
        client.drop_database(config.database)


def replay(
    recording: Recording, slug: str, config: StoreConfig, answers: Answers, progress: Callable[[str], None]
) -> Replayed:
    """Crawl every version, fold all runs, and read back what was stored. Raises ReplayError."""
    totals: list[int] = []
    # a database first opened at another time than the real one is marked as a replay: only there may the clock be moved
    first = {"WATCH_NOW": recording.versions[0].at.isoformat()}
    with open_store(config, env=first) as store, Portal(answers) as portal:
        for version in recording.versions:
            answers.show(version)
            totals.append(answers.total)
            arguments = ["scrapy", "crawl", FAMILY, "-a", f"slug={slug}", "-a", f"base_url={portal.url}"]
            status = _command(config, version.at, *arguments, allowed=_GRADED)
            if _count(store) != len(totals):
                raise ReplayError(f"the crawl of {version.name} recorded no run (exit status {status})")
            progress(f"{len(totals)} of {len(recording.versions)}: {version.name}")
        _command(config, recording.versions[-1].at, "alerts", "diff", slug, allowed=frozenset({0}))
        return _read(store, totals)


def _count(store: Store) -> int:
    return store.db["runs"].count_documents({})


def _command(config: StoreConfig, at: datetime, *args: str, allowed: frozenset[int]) -> int:
    env = {name: os.environ[name] for name in _KEPT if name in os.environ} | {
        "MONGODB_URI": config.uri or "",
        "MONGODB_DATABASE": config.database,
        "WATCH_NOW": at.isoformat(),
        "PYTHONUTF8": "1",
    }
    done = run_module(*args, env=env, timeout=SECONDS)
    if done.returncode not in allowed:
        raise ReplayError(f"{' '.join(args)} ended with {done.returncode}:\n{(done.stdout + done.stderr)[-3000:]}")
    return done.returncode


def _read(store: Store, totals: Sequence[int]) -> Replayed:
    runs = list(store.runs(None))
    return Replayed(runs, totals, list(events_where(store)), [_contents(store.entries(run.manifest)) for run in runs])


def _contents(entries: dict[str, Entry]) -> dict[str, str]:
    return {id_: entry.version for id_, entry in entries.items()}
