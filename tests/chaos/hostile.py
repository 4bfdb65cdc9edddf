"""Hostile servers, each read by a real `scrapy crawl`: redirects, floods, bombs, endless lists, broken HTTP, odd robots.txt.

Held against: no request leaves the portal's host group (a trap on another port counts connections), every crawl ends,
keeps within its memory, logs no traceback, takes nothing for complete that the portal does not have, and says what
happened.
"""

import json
import os
import random
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.embedded.server import embedded_server
from tests.chaos.figures import Figure, Options
from tests.chaos.hostile_acts import ACTS, Act
from tests.chaos.hostile_server import HostileServer, Trap

ROOT = Path(__file__).parents[2]
SECONDS = 400
"""Patience with one crawl: an honest one takes three on an idle machine, the longest of these about sixty."""
MEGABYTES = 400
_NIGHTS = ("2026-11-20T02:00:00+08:00", "2026-11-21T02:00:00+08:00")


@dataclass
class Outcome:
    """How the crawls of one act went."""

    name: str
    status: int | None = None
    """Exit status of the last crawl; None: it did not end."""
    megabytes: float = 0.0
    log: str = ""
    ids: set[str] = field(default_factory=set)
    """Datasets of the feed."""


def attack(options: Options) -> Iterator[Figure]:
    """Play the acts, or a drawn part of them."""
    acts = random.Random(options.seed).sample(ACTS, options.count(len(ACTS)))
    with (
        tempfile.TemporaryDirectory() as folder,
        embedded_server(StoreConfig(data_dir=Path(folder))) as server,
        Trap() as trap,
    ):
        outcomes = [_played(act, trap, server.uri, Path(folder)) for act in acts]
        yield _figure("requests outside the host group", [str(one) for one in trap.hits], len(acts))
    by_name = {act.name: act for act in acts}
    yield _figure("crawls that did not end", [one.name for one in outcomes if one.status is None], len(acts))
    yield _figure("logs with a traceback", [one.name for one in outcomes if "Traceback" in one.log], len(acts))
    false = [one.name for one in outcomes if one.status == 0 and not one.ids <= by_name[one.name].truth()]
    yield _figure("complete with datasets that are none", false, len(acts))
    wrong = [
        f"{one.name}: exit {one.status}, {_verdict(one.log)}" for one in outcomes if not _as_due(one, by_name[one.name])
    ]
    yield _figure("verdicts or reasons other than due", wrong, len(acts))
    most = max(outcomes, key=lambda one: one.megabytes)
    yield Figure("megabytes of the largest crawl", round(most.megabytes), MEGABYTES, len(acts), (most.name,))


def _figure(name: str, broken: Iterable[str], of: int) -> Figure:
    examples = list(broken)
    return Figure(name, len(examples), 0, of, tuple(examples[:10]))


def _as_due(outcome: Outcome, act: Act) -> bool:
    reason = _verdict(outcome.log)
    about_robots = "robots.txt" in reason and act.on != "robots"
    return outcome.status in act.due and act.says in reason and not about_robots


def _verdict(log: str) -> str:
    return next((line.strip() for line in log.splitlines() if line.startswith("  verdict")), "no verdict")


def _played(act: Act, trap: Trap, uri: str, folder: Path) -> Outcome:
    outcome = Outcome(act.name)
    env = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    env |= {
        "MONGODB_URI": uri,
        "MONGODB_DATABASE": f"hostile_{uuid.uuid4().hex[:12]}",
        "PYTHONUTF8": "1",
        "DATA_DIR": str(folder),
    }
    with HostileServer(act, trap) as server:
        for night in range(act.nights):
            server.night = night
            feed = folder / f"{uuid.uuid4().hex}.jsonl"
            command = [sys.executable, "-m", "scrapy", "crawl", act.slug, "-a", f"base_url={server.url}", "-O", str(feed),
                       "-s", "DOWNLOAD_TIMEOUT=8", "-s", "RETRY_TIMES=1"]  # fmt: skip
            _crawl(command, {**env, "WATCH_NOW": _NIGHTS[night]}, folder / "log", outcome)
            outcome.ids = _ids(feed)
            feed.unlink(missing_ok=True)
    return outcome


def _ids(feed: Path) -> set[str]:
    """Native ids of a feed, line by line; a crawl that was killed leaves half a line."""
    if not feed.exists():
        return set()
    with feed.open("rb") as lines:
        return {json.loads(line)["id"] for line in lines if line.endswith(b"\n")}


def _peak(pid: int) -> float:
    """Peak memory of a running process in megabytes; a child's ru_maxrss would begin at that of its parent."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text("ascii", "replace").splitlines()
    except OSError:  # it ended this moment
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), 0.0)


def _crawl(command: list[str], env: dict[str, str], log: Path, outcome: Outcome) -> None:
    with log.open("wb") as out:
        child = subprocess.Popen(command, cwd=ROOT, env=env, stdout=out, stderr=subprocess.STDOUT)
        ends = time.monotonic() + SECONDS
        while child.poll() is None and time.monotonic() < ends:
            outcome.megabytes = max(outcome.megabytes, _peak(child.pid))
            time.sleep(0.02)
        outcome.status = child.returncode
        child.kill()
        child.wait()
    outcome.log += log.read_text("utf-8", "replace")
