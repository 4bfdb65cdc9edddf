"""What people ask of a store that is a year old, and how long the answers take: each command as it is given."""

import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import click

from alerts.cli import COMMANDS
from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.store import Store
from tests.bench.commands import measure
from tests.year.play import REGISTER, SUBSCRIBERS, Plan

_PRUNE, _VERIFY = "prune", "verify"
"""Commands that are asked where the product has them."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one command took; `wall_s` with the database's share, `cpu_s` and `peak_mb` of the command alone."""

    question: str
    wall_s: float
    cpu_s: float
    peak_mb: float


def answers(plan: Plan, store: Store, config: StoreConfig, folder: Path) -> Iterator[Answer]:
    """Ask everything once, one after the other; a command that fails is reported and the others are asked."""
    busiest = store.db.events.aggregate([{"$sortByCount": "$slug"}, {"$match": {"_id": {"$ne": ""}}}, {"$limit": 1}])
    slug = next(iter(busiest))["_id"]
    event = store.db.events.find_one({"slug": slug, "dataset": {"$ne": None}}, sort=[("seq", -1)])
    env = _environment(plan, config, folder)
    site, month = str(folder / "site"), f"{plan.end:%Y-%m-01}"
    for words in (
        ["events", "--json"],
        ["events", "--json", "--since", month],
        ["events", slug, "--since", month],
        ["states"],
        ["runs", slug],
        ["evidence", str(event["_id"] if event else ""), "--out", str(folder / "evidence")],
        ["diff"],
        ["digest", "--preview"],
        ["scoreboard"],
        ["scoreboard", "--history"],
        ["health"],
        ["audit", slug],
        ["site", "--out", site],
        ["site", "--out", site],
    ):
        yield from _asked(["-m", "alerts", *words], env)
    if _VERIFY in COMMANDS:
        yield from _asked(["-m", "alerts", _VERIFY], env)
    yield _history(store, event or {})


def prune(plan: Plan, config: StoreConfig, folder: Path) -> Iterator[Answer]:
    """Delete what is kept no longer, where the product has that command."""
    if _PRUNE in COMMANDS:
        yield from _asked(["-m", "alerts", _PRUNE], _environment(plan, config, folder))


def _environment(plan: Plan, config: StoreConfig, folder: Path) -> Mapping[str, str]:
    given = {"MONGODB_URI": config.uri} if config.uri else {"DATA_DIR": str(config.data_dir)}
    return {
        **os.environ, **given, "MONGODB_DATABASE": config.database, "WATCH_NOW": plan.end.isoformat(),
        "REGISTER_DIR": str(folder / REGISTER), "SUBSCRIBERS": str(folder / SUBSCRIBERS),
        "SITE_URL": "https://watch.example.cn", "PYTHONUTF8": "1",
    }  # fmt: skip


def _asked(words: list[str], env: Mapping[str, str]) -> Iterator[Answer]:
    question = " ".join(word for word in words[1:] if not word.startswith("/"))
    try:
        cost = measure(words, env)
    except click.ClickException as error:
        click.echo(f"{question}: {error.message}", err=True)
        return
    yield Answer(question, cost.wall, cost.cpu, cost.peak_mb)


def _history(store: Store, event: Mapping[str, object]) -> Answer:
    """All events and versions of one dataset, as its page on the site shows them."""
    wall, cpu = time.perf_counter(), time.process_time()
    one = {"portal": event.get("portal"), "dataset": event.get("dataset")}
    list(store.db.events.find(one).sort("seq", 1))
    list(store.db.versions.find(one))
    return Answer("events and versions of one dataset", time.perf_counter() - wall, time.process_time() - cpu, 0.0)
