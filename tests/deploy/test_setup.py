"""`scripts/setup.sh night`: silent where all is there, also without network and in a folder that cannot be written."""

import os
import shutil
import subprocess

import pytest

from tests.commands import ROOT

LOCKS = ("requirements.lock", "requirements-dev.lock")
OFFLINE = {"PATH": os.environ["PATH"], "PIP_INDEX_URL": "http://127.0.0.1:1/", "PIP_NO_INDEX": "1"}


@pytest.fixture
def checkout(tmp_path):
    """A checkout with its packages, which are those of the tests."""
    (tmp_path / "scripts").mkdir()
    shutil.copy(ROOT / "scripts/setup.sh", tmp_path / "scripts")
    environment = (tmp_path / ".venv").resolve()
    (environment / "bin").mkdir(parents=True)
    (environment / "bin/python").symlink_to(ROOT / ".venv/bin/python")
    for lock in LOCKS:
        shutil.copy(ROOT / lock, tmp_path)
    shutil.copy(ROOT / LOCKS[0], environment / ".locked")
    return tmp_path


def night(checkout):
    command = [checkout / "scripts/setup.sh", "night"]
    return subprocess.run(command, cwd="/", env=OFFLINE, capture_output=True, text=True, check=False)


def files(folder):
    return {path: path.lstat().st_mtime_ns for path in folder.rglob("*")}


def test_nothing_is_said_or_written_when_all_is_there(checkout):
    before = files(checkout)
    done = night(checkout)
    assert (done.returncode, done.stdout) == (0, "")
    assert "installing" not in done.stderr
    assert files(checkout) == before


@pytest.mark.skipif(os.geteuid() != 0, reason="needs to be root")
@pytest.mark.parametrize("damage", ["other packages", "its Python is gone"])
def test_root_installs_nothing_at_night_and_says_what_to_do(checkout, damage):
    if damage == "other packages":
        (checkout / ".venv/.locked").write_text("")
    else:
        (checkout / ".venv/bin/python").unlink()
    before = files(checkout)
    done = night(checkout)
    assert done.returncode == 1
    assert "root installs nothing at night: as the owner of this folder run make setup" in done.stderr
    assert files(checkout) == before


def test_another_word_is_refused(checkout):
    done = subprocess.run(
        [checkout / "scripts/setup.sh", "server"], env=OFFLINE, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (2, "setup: server is none of runtime, dev, test, night\n")
