"""Crawls as a user runs them: `scrapy crawl` in a process of its own, against the replica, into a real mongod."""

import csv
import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from opendata_spiders.register.load import PACKAGED
from opendata_spiders.store.connect import open_store
from opendata_spiders.store.models import Run
from tests.commands import run_module
from tests.replica.server import Replica
from tests.replica.world import World

ROOT = Path(__file__).parents[2]


@dataclass
class Crawled:
    """How one crawl ended."""

    status: int
    log: str
    run: Run | None

    @property
    def card(self) -> dict[str, str]:
        """The card by label."""
        return dict(re.findall(r"^  (verdict|seen|newest|promises|changes|next) +(.*)$", self.log, re.MULTILINE))


def lay_register(folder: Path, urls: Mapping[str, str]) -> Path:
    """Write a register to be laid over the packaged one, in which portals stand at these addresses; its folder."""
    folder.mkdir(exist_ok=True)
    with (PACKAGED / "portals.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["slug"] in urls]
    with (folder / "portals.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, rows[0])
        writer.writeheader()
        for row in rows:
            url = urls[row["slug"]]
            writer.writerow({**row, "base_url": url, "host_group": url.removeprefix("http://")})
    return folder


class Desk:
    """Runs commands on one replica and one database, night after night."""

    def __init__(self, replica: Replica, config, tmp_path: Path) -> None:
        self.replica, self.config, self.tmp_path = replica, config, tmp_path
        self.root = ROOT
        self.register_dir: Path | None = None

    def stand_at(self, urls: Mapping[str, str]) -> Path:
        """Have portals stand at these addresses for every command; return the folder of their rows."""
        self.register_dir = lay_register(self.tmp_path / "register", urls)
        return self.register_dir

    def env(self, night: int | None) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        env = {**kept, "MONGODB_URI": self.config.uri, "MONGODB_DATABASE": self.config.database,
               "DATA_DIR": str(self.tmp_path / "data"), "PYTHONUTF8": "1"}  # fmt: skip
        if self.register_dir is not None:
            env["REGISTER_DIR"] = str(self.register_dir)
        if night is not None:
            env["WATCH_NOW"] = self.replica.world.moment(night).isoformat()
        return env

    def command(self, *args: str, night: int | None = None, timeout: float = 120) -> subprocess.CompletedProcess[str]:
        return run_module(*args, env=self.env(night), cwd=self.root, timeout=timeout)

    def crawl(self, slug: str, night: int, *args: str) -> Crawled:
        self.replica.night = night
        base_url = f"base_url={self.replica.url(slug)}"
        done = self.command("scrapy", "crawl", slug, "-a", base_url, "-s", "DOWNLOAD_TIMEOUT=2", *args, night=night)
        return Crawled(done.returncode, done.stdout + done.stderr, self.last_run(slug))

    def last_run(self, slug: str) -> Run | None:
        with self.store() as store:
            runs = [run for run in store.runs(None) if run.slug == slug]
        return runs[-1] if runs else None

    def store(self, night: int | None = None):
        """The database as the next command finds it; with `night` as one of replayed nights, also while it is empty."""
        return open_store(self.config, env={} if night is None else self.env(night))


@pytest.fixture
def desk(store_config, tmp_path, world: World):
    with Replica(world) as replica:
        yield Desk(replica, store_config, tmp_path)
