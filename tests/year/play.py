"""Plays the year: the portals of each night shared out over processes, then what a night does for the whole country."""

import json
import os
import resource
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import yaml

from alerts.audience.subscribers import load as load_subscribers
from alerts.digest.head_start import head_start
from alerts.digest.write import DigestSession
from alerts.engine.checkpoints import keep_due_checkpoints
from alerts.engine.repository import prepare
from alerts.health.check import check
from alerts.scoreboard.today import todays
from alerts.upkeep.prune import is_due, prune
from opendata_spiders.register import Register
from opendata_spiders.store.clock import VARIABLE
from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.connect import open_store
from opendata_spiders.store.store import Store
from tests.year.nights import Costs, PortalYear, at_night, portals
from tests.year.portals import country, sizes

_EVERY_DAYS = 7
"""Days from one kept scoreboard to the next."""
_MEASURED = 10
"""Nights from one measurement of the database to the next."""
_TARGET = "mailto://127.0.0.1:9?mode=insecure&from=watch@example.cn&to=reader{n}@example.cn"
"""Nothing is sent there."""
REGISTER, SUBSCRIBERS = "register", "subscribers.yaml"
"""Names in the folder of a year: its REGISTER_DIR and its SUBSCRIBERS."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A year to be played."""

    portals: int
    datasets: int
    nights: int
    seed: int
    processes: int
    readers: int
    minutes: int | None = None
    """After which no further night is begun; None: all nights are played."""

    @property
    def end(self) -> datetime:
        """Some hours after the last night (UTC)."""
        return at_night(self.nights - 1) + timedelta(hours=7)


@dataclass(frozen=True, slots=True)
class Sizes:
    """Bytes of the database after a night."""

    night: int
    data: int
    """Of all documents, before the server compresses them."""
    stored: int
    """Of the collections on disk; some of it may be free for reuse."""
    indexes: int

    @property
    def disk(self) -> int:
        return self.stored + self.indexes


@dataclass
class Played:
    """What the year cost."""

    plan: Plan
    """With as many nights as were played."""
    costs: Costs = field(default_factory=Costs)
    sizes: list[Sizes] = field(default_factory=list)
    night_s: list[float] = field(default_factory=list)
    """Seconds of each night."""
    database_s: float = 0.0
    """CPU seconds of the database."""
    peak_mb: dict[str, float] = field(default_factory=dict)


def play(plan: Plan, config: StoreConfig, folder: Path, tell: Any) -> Played:
    """Play the year into an empty database; `tell` is called with each night's number and the seconds it took."""
    played, register = Played(plan), country(plan.portals, folder / REGISTER)
    os.environ[VARIABLE] = at_night(0).isoformat()
    (folder / SUBSCRIBERS).write_text(_readers(plan.readers, register), "utf-8")
    with open_store(config) as store, _workers(plan, config, folder) as workers:
        prepare(store)
        before = _server(store)["cpu_s"]
        for night in range(plan.nights):
            began = time.perf_counter()
            for done in [worker.submit(_night, night) for worker in workers]:
                played.costs.add(done.result())
            _country(store, register, night, folder, played.costs)
            played.night_s.append(time.perf_counter() - began)
            if night == 0 or night % _MEASURED == _MEASURED - 1:
                _measure(store, night, played)
            tell(night, played.night_s[-1])
            if plan.minutes is not None and sum(played.night_s) > 60 * plan.minutes:
                played.plan = replace(plan, nights=night + 1)
                break
        _measure(store, len(played.night_s) - 1, played)
        played.database_s = _server(store)["cpu_s"] - before
        played.peak_mb["the country's steps"] = _peak_mb()
        played.peak_mb["portals, each process"] = max(worker.submit(_peak_mb).result() for worker in workers)
    return played


def _readers(count: int, register: Register) -> str:
    """A subscribers file: the sorts of readers.yaml in turn, each of the next portal."""
    sorts = yaml.safe_load(Path(__file__).with_name("readers.yaml").read_text("utf-8"))
    portals = [one for one in register.portals.values() if one.province]
    made = []
    for number in range(count):
        portal, sort = portals[number % len(portals)], json.dumps(sorts[number % len(sorts)])
        one = json.loads(sort.replace("{city}", portal.slug).replace("{province}", portal.province))
        made.append({"name": f"reader-{number}", "urls": [_TARGET.format(n=number)], **one})
    return yaml.safe_dump({"subscribers": made}, allow_unicode=True)


def _country(store: Store, register: Register, night: int, folder: Path, costs: Costs) -> None:
    """What follows the diffs of all portals, as `make nightly` does it; nothing is sent."""
    now = at_night(night) + timedelta(hours=6)
    os.environ[VARIABLE] = now.isoformat()
    verdicts = {one["slug"]: one["verdict"] for one in store.db.runs.find({"at": at_night(night)}, ["slug", "verdict"])}
    times = {"at": at_night(night), "started": at_night(night), "finished": now, "uplink_suspect": False}
    store.put_night({"_id": f"{at_night(night):%Y%m%d}", "verdicts": verdicts, **times})
    with costs.timed("health"):
        check(store, register, now)
    with costs.timed("digests"):
        subscribers = load_subscribers(folder / SUBSCRIBERS, register)
        desk = DigestSession(store, register, now, "https://watch.example.cn", head_start(subscribers))
        costs.done["digests"] += sum(one.digest is not None for one in desk.write_all(subscribers))
    with costs.timed("checkpoints"):
        keep_due_checkpoints(store, now)
    if is_due(store, now):
        with costs.timed("prune, weekly"):
            done = prune(store, now)
        costs.done["lists thinned out"] += sum(one.thinned for one in done.portals)
    if night % _EVERY_DAYS == _EVERY_DAYS - 1:
        with costs.timed("scoreboard, weekly"):
            todays(store, register, now)


def _measure(store: Store, night: int, played: Played) -> None:
    # Sizes on disk are those of the last checkpoint, which this makes.
    store.db.client.admin.command("fsync")
    found = store.db.command("dbStats")
    played.sizes.append(Sizes(night, int(found["dataSize"]), int(found["storageSize"]), int(found["indexSize"])))
    resident = _server(store)["resident_mb"]
    played.peak_mb["database"] = max(resident, played.peak_mb.get("database", 0))


def _server(store: Store) -> Mapping[str, float]:
    """CPU seconds that the server has used, and the memory that it holds."""
    found = store.db.command("serverStatus")
    used = found["extra_info"]
    return {
        "cpu_s": (used["user_time_us"] + used["system_time_us"]) / 1e6,
        "resident_mb": float(found["mem"]["resident"]),
    }


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


# --- the processes that play portals ----------------------------------------------------------------------------------

_mine: list[PortalYear] = []
_stack = ExitStack()


@contextmanager
def _workers(plan: Plan, config: StoreConfig, folder: Path) -> Iterator[list[ProcessPoolExecutor]]:
    """Processes that each hold their portals from the first night to the last."""
    shares = _shares(list(enumerate(sizes(plan.portals, plan.datasets))), plan.processes)
    with ExitStack() as stack:
        yield [
            stack.enter_context(
                ProcessPoolExecutor(
                    1,
                    mp_context=get_context("spawn"),
                    initializer=_begin,
                    initargs=(plan, config, folder / REGISTER, share),
                )
            )
            for share in shares
        ]


def _shares(sized: Sequence[tuple[int, int]], processes: int) -> list[list[tuple[int, int]]]:
    """Portals divided so that each share holds about as many datasets."""
    shares: list[list[tuple[int, int]]] = [[] for _ in range(processes)]
    for one in sorted(sized, key=lambda pair: -pair[1]):
        min(shares, key=lambda share: sum(size for _, size in share)).append(one)
    return shares


def _begin(plan: Plan, config: StoreConfig, registered: Path, share: list[tuple[int, int]]) -> None:
    os.environ[VARIABLE] = at_night(0).isoformat()
    store = _stack.enter_context(open_store(config))
    register = country(plan.portals, registered)
    _mine.extend(portals(store, register, share, plan.seed, plan.nights))


def _night(night: int) -> Costs:
    costs = Costs()
    for one in _mine:
        one.play(night, costs)
    return costs
