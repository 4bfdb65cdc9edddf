"""Runs the project's commands as a shell does: each in a process with its own environment, folder and exit status.

Commands are forked from a fork server that has imported Scrapy and the packages already: repeating those imports took
half of the suite's time. The fork server is started once for each test worker and runs no command itself.
"""

import os
import runpy
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess
from pathlib import Path

ROOT = Path(__file__).parents[1]
_FORKSERVER = get_context("forkserver")
_FORKSERVER.set_forkserver_preload(["tests.preloaded"])


def run_module(
    *words: str, env: Mapping[str, str], cwd: Path = ROOT, timeout: float = 120
) -> "subprocess.CompletedProcess[str]":
    """Run `python -m WORDS` to its end; after `timeout` seconds kill it and raise TimeoutExpired.

    If `cwd` is another copy of the project a new interpreter is started, because its modules differ.
    """
    if cwd != ROOT and (cwd / "opendata_spiders").is_dir():
        command = [sys.executable, "-m", *words]
        return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, timeout=timeout, check=False)
    with tempfile.TemporaryDirectory() as folder:
        out, err = Path(folder) / "out", Path(folder) / "err"
        child = start_module(*words, env=env, cwd=cwd, out=out, err=err)
        child.join(timeout)
        if child.exitcode is None:
            child.kill()
            child.join()
            raise subprocess.TimeoutExpired(words, timeout, _text(out), _text(err))
        return subprocess.CompletedProcess(words, _status(child), _text(out), _text(err))


def start_module(
    *words: str, env: Mapping[str, str], cwd: Path = ROOT, out: Path = Path(os.devnull), err: Path = Path(os.devnull)
) -> ForkServerProcess:
    """Start `python -m WORDS` without waiting for it; what it prints goes into the files."""
    child = _FORKSERVER.Process(target=_become, args=(words, dict(env), str(cwd), str(out), str(err)))
    child.start()
    return child


def _status(child: ForkServerProcess) -> int:
    status = child.exitcode
    child.close()
    assert status is not None
    return status


def _text(file: Path) -> str:
    return file.read_text("utf-8") if file.exists() else ""


def _become(words: tuple[str, ...], env: dict[str, str], cwd: str, out: str, err: str) -> None:
    """Turn the forked process into the command: set up what a new interpreter has, then run the module."""
    for number, path in ((1, out), (2, err)):
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(file, number)
        os.close(file)
    os.environ.clear()
    os.environ.update(env)
    time.tzset()
    os.chdir(cwd)
    sys.path[0] = cwd
    sys.argv = list(words)
    sys.stdout.reconfigure(encoding="utf-8")
    sys.stderr.reconfigure(encoding="utf-8")
    runpy.run_module(words[0], run_name="__main__", alter_sys=True)
