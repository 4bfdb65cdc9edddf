"""Whole crawls of portals behind walls: passed where the operator allows it, blocked with what was tried where not."""

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from opendata_spiders.exits import Exit
from tests.browser.opening import Visit, chromium_processes, open_all
from tests.browser.servers import serving
from tests.commands import run_module
from tests.families.goldens import loader
from tests.replica import Replica, World
from tests.replica.declared.portals import declared_spec
from tests.replica.walls import Jiasule, Ruishu, Walled, Wzws
from tests.replica.walls.server import Wall

pytestmark = pytest.mark.slow

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


def crawl(
    tmp_path: Path,
    name: str,
    wall: Wall,
    *,
    allowed: bool = True,
    path: str = os.environ["PATH"],
    wall_seconds: int = 30,
) -> Ended:
    """Crawl a portal behind a wall, as `scrapy crawl` does."""
    portal = loader().register.get(BEHIND[name])
    folder = tmp_path / "register"
    folder.mkdir()
    if allowed:
        row = f"{portal.host_group},{name},agreed with its operator,a test,2026-11-01\n"
        (folder / "passed_walls.csv").write_text(f"host_group,wall,reason,allowed_by,since\n{row}", "utf-8")
    env = {
        "PATH": path,
        "DATA_DIR": str(tmp_path / "data"),
        "REGISTER_DIR": str(folder),
        "PYTHONUTF8": "1",
    }
    world = World([declared_spec(portal, datasets=DATASETS)], seed=3)
    with Replica(world) as replica, Walled(replica.url(portal.slug), wall) as walled:
        words = ("-a", f"base_url={walled.url}", "-s", "STORE_ENABLED=0", "-O", str(tmp_path / "items.jsonl"))
        done = run_module(
            "tests.browser.lowered",
            f'{{"wall_seconds": {wall_seconds}}}',
            "crawl",
            portal.slug,
            *words,
            env=env,
            timeout=170,
        )
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
    ("name", "wall", "expires"),
    [
        ("加速乐", Jiasule(hash="md5"), False),
        ("加速乐", Jiasule(hash="sha1"), False),
        ("加速乐", Jiasule(hash="sha256", uses=30), True),
        ("wzws", Wzws(uses=3), True),
        ("瑞数", Ruishu(uses=30), True),
    ],
    ids=["jiasule md5", "jiasule sha1", "jiasule sha256, expires", "wzws, expires", "ruishu, expires"],
)
def test_a_portal_behind_an_allowed_wall_is_read_whole(tmp_path: Path, name: str, wall: Wall, *, expires: bool) -> None:
    ended = crawl(tmp_path, name, wall)
    assert ended.status == Exit.DONE, ended.log
    assert ended.items.count("\n") == DATASETS
    passed = ended.log.count(f"the wall ({name}) was passed in Chromium")
    assert passed > 1 if expires else passed == 1
    assert "no way through" not in ended.log
    for cookie in ("__jsl_clearance", "wzws_cid=", "FSSBB"):
        assert cookie not in ended.log + ended.items


def test_a_wall_that_is_not_allowed_blocks_and_the_reason_says_how_to_allow_it(tmp_path: Path) -> None:
    ended = crawl(tmp_path, "加速乐", Jiasule(), allowed=False)
    assert ended.status == Exit.BLOCKED
    assert "加速乐, which Chromium may pass where passed_walls.csv allows it" in ended.log
    assert (ended.passed, ended.stopped) == (0, 1)


@pytest.mark.parametrize("wall", [Jiasule(), Wzws(), Ruishu()], ids=["jiasule", "wzws", "ruishu"])
def test_a_page_opened_in_chromium_passes_no_wall_that_is_not_allowed(tmp_path: Path, wall: Wall) -> None:
    with serving({"/": "<p>behind"}) as portal, Walled(portal.url, wall) as walled:
        (seen,) = open_all([Visit(walled.url, step="wait")], tmp_path)
        assert walled.passed == 0
    assert seen.error == "PageBlockedError"
    assert "passed_walls.csv" in seen.said


def test_a_wall_that_changes_in_mid_run_is_not_tried_for_ever(tmp_path: Path) -> None:
    ended = crawl(tmp_path, "加速乐", Jiasule(uses=3, changes_after=1), wall_seconds=15)
    assert ended.status in (Exit.BLOCKED, Exit.PARTIAL), ended.log
    assert "加速乐 does not let us through: Chromium tried 3 times in this run and passed 1 times" in ended.log
    assert ended.passed == 3
    assert ended.stopped < 20


def test_without_chromium_the_reason_says_what_to_install(tmp_path: Path) -> None:
    ended = crawl(tmp_path, "加速乐", Jiasule(), path="/nowhere")
    assert ended.status == Exit.UNREACHABLE
    assert "apt-get install chromium" in ended.log
