"""Whole crawls of portals behind walls: passed where the operator allows it, blocked with what was tried where not."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from opendata_spiders.exits import Exit
from tests.browser.opening import chromium_processes
from tests.commands import run_module
from tests.families.goldens import loader
from tests.replica import Replica, World
from tests.replica.declared.portals import declared_spec
from tests.replica.walls import Jiasule, Ruishu, Walled, Wzws
from tests.replica.walls.server import Wall

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("chromium") is None, reason="needs Chromium"),
]

BEHIND = {"加速乐": "hefei", "wzws": "chuzhou", "瑞数": "shanghai"}
DATASETS = 40


@dataclass(frozen=True)
class Ended:
    """How a crawl ended."""

    status: int
    log: str
    items: str
    passed: int
    """Requests that came through the wall."""
    stopped: int
    """Requests that met it."""


def crawl(tmp_path: Path, name: str, wall: Wall, *settings: str, allowed: bool = True) -> Ended:
    """Crawl a portal behind a wall, as `scrapy crawl` does."""
    portal = loader().register.get(BEHIND[name])
    folder = tmp_path / "register"
    folder.mkdir()
    if allowed:
        row = f"{portal.host_group},{name},agreed with its operator,a test,2026-11-01\n"
        (folder / "passed_walls.csv").write_text(f"host_group,wall,reason,allowed_by,since\n{row}", "utf-8")
    env = {
        "PATH": os.environ["PATH"],
        "DATA_DIR": str(tmp_path / "data"),
        "REGISTER_DIR": str(folder),
        "PYTHONUTF8": "1",
    }
    world = World([declared_spec(portal, datasets=DATASETS)], seed=3)
    with Replica(world) as replica, Walled(replica.url(portal.slug), wall) as walled:
        words = ("-a", f"base_url={walled.url}", "-s", "STORE_ENABLED=0", "-O", str(tmp_path / "items.jsonl"))
        done = run_module("scrapy", "crawl", portal.slug, *words, *settings, env=env, timeout=170)
        items = tmp_path / "items.jsonl"
        assert not chromium_processes(str(tmp_path))
        return Ended(
            done.returncode,
            done.stdout + done.stderr,
            items.read_text("utf-8") if items.exists() else "",
            walled.passed,
            len(walled.stopped),
        )


@pytest.mark.parametrize(
    ("name", "wall"),
    [
        ("加速乐", Jiasule(hash="md5")),
        ("加速乐", Jiasule(hash="sha1")),
        ("加速乐", Jiasule(hash="sha256", uses=30)),
        ("wzws", Wzws()),
        ("wzws", Wzws(uses=30)),
        ("瑞数", Ruishu()),
        ("瑞数", Ruishu(uses=30)),
    ],
    ids=["jiasule md5", "sha1", "sha256 expires", "wzws", "wzws expires", "ruishu", "ruishu expires"],
)
def test_a_portal_behind_an_allowed_wall_is_read_whole(tmp_path: Path, name: str, wall: Wall) -> None:
    ended = crawl(tmp_path, name, wall)
    assert ended.status == Exit.DONE, ended.log
    assert ended.items.count("\n") == DATASETS
    assert ended.log.count("was passed in Chromium") == (
        1 if wall.uses > 30 else ended.log.count("was passed in Chromium")
    )
    for cookie in ("__jsl_clearance", "wzws_cid", "FSSBB"):
        assert cookie not in ended.log + ended.items
