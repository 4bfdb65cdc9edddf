"""`scrapy doctor` says whether Chromium is here, where a portal that is asked needs it."""

import json
import os
from pathlib import Path

import pytest

from opendata_spiders.exits import Exit
from tests.browser.servers import serving
from tests.commands import run_module
from tests.families.goldens import loader


def doctor(tmp_path: Path, path: str, *, allowed: bool) -> tuple[int, list[dict[str, str]]]:
    portal = loader().register.get("hefei")
    if allowed:
        row = f"{portal.host_group},加速乐,agreed with its operator,a test,2026-11-01\n"
        (tmp_path / "passed_walls.csv").write_text(f"host_group,wall,reason,allowed_by,since\n{row}", "utf-8")
    env = {"PATH": path, "DATA_DIR": str(tmp_path), "REGISTER_DIR": str(tmp_path), "PYTHONUTF8": "1"}
    with serving({}) as server:
        done = run_module("scrapy", "doctor", "hefei", "--base-url", server.url, "--json", env=env)
    return done.returncode, json.loads(done.stdout)


def test_a_portal_that_needs_no_browser_asks_for_none(tmp_path: Path) -> None:
    assert [one["slug"] for one in doctor(tmp_path, "/nowhere", allowed=False)[1]] == ["hefei"]


def test_chromium_that_is_missing_is_named_with_what_to_install(tmp_path: Path) -> None:
    status, found = doctor(tmp_path, "/nowhere", allowed=True)
    assert status == Exit.FAILED
    assert (found[0]["says"], found[0]["slug"]) == ("Chromium is missing", "")
    assert "apt-get install chromium" in found[0]["next_step"]


@pytest.mark.slow
def test_chromium_that_is_here_is_named_with_its_version(tmp_path: Path) -> None:
    _, found = doctor(tmp_path, os.environ["PATH"], allowed=True)
    assert found[0]["says"] == "found"
    assert "Chromium" in found[0]["detail"]
