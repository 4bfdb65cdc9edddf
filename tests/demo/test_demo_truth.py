"""The demo through the real pipeline: exactly the scripted events come of it, and no other."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.replica.catchers import read_mail
from tests.replica.demo_report import judge
from tests.replica.demo_script import NIGHTS, the_play

ROOT = Path(__file__).parent.parent.parent


def perform(out: Path, nights: int) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.replica.demo", "--out", str(out), "--nights", str(nights)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=560)


def stated(out: Path, nights: int) -> list[dict[str, Any]]:
    """Ask the command line again, as a person would."""
    env = {
        **os.environ, "MONGODB_URI": "", "MONGODB_DATABASE": "demo", "DATA_DIR": str(out / "data"),
        "WATCH_NOW": the_play().world.moment(NIGHTS[nights - 1]).isoformat(),
    }  # fmt: skip
    command = [sys.executable, "-m", "alerts", "events", "--json"]
    asked = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=True, timeout=60)
    return list(json.loads(asked.stdout))


def check(out: Path, nights: int) -> Counter[tuple[str, str]]:
    """Play; return the kinds of loud events by city once it is sure that they are the scripted ones."""
    done = perform(out, nights)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    play = the_play(nights=NIGHTS[:nights])
    judged = judge(play, stated(out, nights))
    assert (judged.missing, judged.invented, judged.miscounted) == ((), (), Counter())
    assert judged.found == play.expected
    assert (out / "strip.svg").exists()
    assert all(read_mail(path)["Subject"] for path in (out / "mails").glob("*.eml"))
    return Counter((event.slug, event.kind) for event in judged.found)


@pytest.mark.slow
def test_the_first_nights_of_the_demo(tmp_path: Path) -> None:
    found = check(tmp_path / "demo", 3)
    assert found == {
        ("guiyang", "dataset.due"): 1,
        ("guiyang", "dataset.open_type_changed"): 1,
        ("jinan", "city.stopping"): 1,
    }


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_whole_demo(tmp_path: Path) -> None:
    found = check(tmp_path / "demo", len(NIGHTS))
    assert found[("jinan", "city.stopped")] == 1
    assert found[("qingdao", "bulk.deletion")] == 1
    assert found[("zunyi", "city.resumed")] == 1
    assert {kind for slug, kind in found if slug == "dazhou"} == {"platform.blocked"}
    blocked = [read_mail(path).get_body(("plain",)) for path in sorted((tmp_path / "demo" / "mails").glob("*.eml"))]
    texts = [part.get_content() for part in blocked if part]
    assert any("Dazhou" in text and "We report no changes there" in text for text in texts)
