"""`python -m opendata_spiders.register`."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from opendata_spiders.register import packaged
from opendata_spiders.register.report import markdown

ROOT = Path(__file__).parents[2]


def run(*arguments: str, cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "opendata_spiders.register", *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "120", **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_counts_are_printed_by_status_family_and_province() -> None:
    done = run()
    assert (done.returncode, done.stderr) == (0, "")
    words = done.stdout.split()
    assert {"status", "family", "province", "guizhou_api", "山东省", "planned"} <= set(words)
    assert words.count(str(len(packaged().portals))) == len(["status", "family", "province"])


def test_the_page_is_written_where_it_is_asked_for(tmp_path: Path) -> None:
    done = run("--markdown", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (tmp_path / "docs" / "portals.md").read_text("utf-8") == markdown(packaged())


def test_the_counts_of_the_readme_are_written_with_the_page(tmp_path: Path) -> None:
    for name in ("README.md", "README.zh.md"):
        text = (ROOT / name).read_text("utf-8")
        (tmp_path / name).write_text(re.sub(r"\d+(?= portals,| of them| 种| 个|\))", "7", text), "utf-8")
        assert (tmp_path / name).read_text("utf-8") != text
    assert run("--markdown", cwd=tmp_path).returncode == 0
    read = len(packaged().crawlable())
    assert f"{len(packaged().portals)} portals, {read} of them" in (tmp_path / "README.md").read_text("utf-8")
    assert f"可读其中 {read} 个" in (tmp_path / "README.zh.md").read_text("utf-8")


def test_a_bad_row_is_one_sentence_and_no_traceback(overlay: Any) -> None:
    overlay.portals({"slug": "Bad"})
    done = run(REGISTER_DIR=str(overlay.root))
    assert done.returncode == 1
    assert "portals.csv, line 2, column slug: 'Bad' is no name" in done.stderr
    assert "Traceback" not in done.stderr


def test_reading_the_register_imports_no_scrapy_and_no_mongo() -> None:
    code = "import sys, opendata_spiders.register as r; r.load(); print({'scrapy', 'pymongo', 'twisted'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "set()"


def test_portal_text_cannot_break_the_page(overlay: Any) -> None:
    overlay.portals({"name_zh": "a|b<script>[x](y)*`", "why": "A | reason."})
    page = markdown(overlay.load())
    row = next(line for line in page.splitlines() if line.startswith("| `guiyang_new`"))
    assert row.replace("\\|", "").count("|") == 10
    assert "\\<script\\>\\[x\\](y)\\*\\`" in row
