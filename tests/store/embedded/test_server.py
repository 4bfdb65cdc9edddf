"""The embedded database with everything killed that can be killed; nothing may be lost and nothing left running."""

import contextlib
import json
import os
import signal
import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pymongo import MongoClient

from opendata_spiders.store import processes
from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.connect import open_store
from opendata_spiders.store.embedded import binary, key
from opendata_spiders.store.embedded.binary import find_mongod
from opendata_spiders.store.embedded.layout import Layout, SupervisorState
from opendata_spiders.store.embedded.server import embedded_server
from opendata_spiders.store.embedded.supervisor import LOG_LIMIT, choose_port, move_aside, server_arguments
from opendata_spiders.store.errors import StoreUnavailableError

LOADER = "#!/bin/sh\necho 'mongod: error while loading shared libraries: "
NO_FILE = "cannot open shared object file: No such file or directory"
USER = """
import sys, time
from pathlib import Path
from pymongo import MongoClient
from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.embedded.server import embedded_server
with embedded_server(StoreConfig(data_dir=Path(sys.argv[1]))) as server:
    with MongoClient(server.uri, w="majority", journal=True) as client:
        client.test.users.insert_one({})
        print(server.uri, flush=True)
        sys.stdin.read()
"""


def running(data_dir: Path) -> list[int]:
    """Pids of everything whose command line names this folder: mongod, supervisor."""
    pids = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return [
        pid
        for pid in pids
        if pid != os.getpid() and any(str(data_dir) in argument for argument in processes.arguments(pid))
    ]


def eventually(condition: Callable[[], object], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.05)


@pytest.fixture
def data_dir(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "a folder with 空格" / ("deep" * 30)
    yield folder
    eventually(lambda: not running(folder))


@pytest.fixture
def config(data_dir: Path) -> StoreConfig:
    return StoreConfig(data_dir=data_dir)


def state(data_dir: Path) -> SupervisorState:
    return SupervisorState.read(Layout(data_dir).state)


@contextlib.contextmanager
def user(data_dir: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Another process that uses the database until it is told to stop or killed."""
    arguments = [sys.executable, "-c", USER, str(data_dir)]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


def test_the_last_one_out_stops_it_and_nothing_is_lost(config: StoreConfig, data_dir: Path) -> None:
    with embedded_server(config) as server, MongoClient(server.uri, w="majority", journal=True) as client:
        client.test.data.insert_one({"_id": 1})
        with embedded_server(config) as again:
            assert again.uri == server.uri
        assert client.test.data.count_documents({}) == 1
    eventually(lambda: not running(data_dir))
    assert not state(data_dir).ready
    with embedded_server(config) as later, MongoClient(later.uri) as client:
        assert later.uri == server.uri, "the port is kept"
        assert client.test.data.find_one() == {"_id": 1}


def test_five_at_once_share_one_server(data_dir: Path) -> None:
    with contextlib.ExitStack() as stack:
        arguments = [sys.executable, "-c", USER, str(data_dir)]
        users = [
            stack.enter_context(subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
            for _ in range(5)
        ]
        uris = {process.stdout.readline() for process in users}
        assert len(uris) == 1
        eventually(lambda: len(set(running(data_dir)) - {process.pid for process in users}) == 2)  # mongod, supervisor
        for process in users:
            process.stdin.close()


@contextlib.contextmanager
def stranger(port: int) -> Iterator[None]:
    """Something else that listens on a port and understands nothing."""

    class Deaf(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.sendall(b"?\n")

    with socketserver.TCPServer(("127.0.0.1", port), Deaf) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()


def test_a_taken_port_is_left_to_its_owner(config: StoreConfig, data_dir: Path) -> None:
    with embedded_server(config) as server, MongoClient(server.uri, w="majority", journal=True) as client:
        client.test.data.insert_one({"_id": 1})
    eventually(lambda: not running(data_dir))
    with stranger(state(data_dir).port), embedded_server(config) as other:
        assert other.uri != server.uri
        with MongoClient(other.uri, w="majority", journal=True) as client:
            client.test.data.insert_one({"_id": 2})
            assert client.test.data.count_documents({}) == 2


def test_a_killed_user_leaves_nothing_behind(data_dir: Path) -> None:
    with user(data_dir) as (process, uri):
        assert "@127.0.0.1:" in uri
        process.kill()
        process.wait()
        eventually(lambda: not running(data_dir))


def test_a_killed_mongod_comes_back_where_it_was(config: StoreConfig, data_dir: Path) -> None:
    with embedded_server(config) as server, MongoClient(server.uri, w="majority", journal=True) as client:
        for number in range(3):
            client.test.data.insert_many([{"_id": 100 * number + one} for one in range(100)])
            killed = state(data_dir).mongod
            os.kill(killed, signal.SIGKILL)
            assert client.test.data.count_documents({}) == 100 * (number + 1)
            assert state(data_dir).mongod != killed
        assert f"@127.0.0.1:{state(data_dir).port}/" in server.uri


def test_a_killed_supervisor_is_replaced_by_its_users(config: StoreConfig, data_dir: Path) -> None:
    with embedded_server(config) as server, MongoClient(server.uri, w="majority", journal=True) as client:
        client.test.data.insert_one({"_id": 1})
        before = state(data_dir)
        os.kill(before.supervisor, signal.SIGKILL)
        eventually(lambda: not processes.is_alive(before.mongod))
        assert client.test.data.count_documents({}) == 1
        client.test.data.insert_one({"_id": 2})
        assert state(data_dir).port == before.port
        with embedded_server(config) as again:
            assert again.uri == server.uri
            assert len(running(data_dir)) == 2


def test_supervisor_and_user_killed_together(config: StoreConfig, data_dir: Path) -> None:
    with user(data_dir) as (process, _):
        os.kill(state(data_dir).supervisor, signal.SIGKILL)
        process.kill()
        process.wait()
    eventually(lambda: not running(data_dir))
    assert state(data_dir).ready, "the dead supervisor's last word"
    with embedded_server(config) as server, MongoClient(server.uri) as client:
        assert client.test.users.count_documents({}) == 1


def test_an_orphan_on_our_files_is_ended(config: StoreConfig, data_dir: Path) -> None:
    layout = Layout(data_dir)
    layout.create()
    key.provide(layout.key)
    arguments = server_arguments(str(find_mongod(None)), layout, choose_port(0))
    with subprocess.Popen(arguments, stdout=subprocess.DEVNULL) as orphan:
        eventually(lambda: (layout.dbpath / "mongod.lock").exists() and (layout.dbpath / "mongod.lock").read_text())
        with embedded_server(config):
            assert orphan.wait(20) is not None


def test_an_innocent_process_with_the_pid_of_an_old_mongod_is_spared(config: StoreConfig, data_dir: Path) -> None:
    layout = Layout(data_dir)
    layout.create()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as innocent:
        (layout.dbpath / "mongod.lock").write_text(f"{innocent.pid}\n")
        with embedded_server(config):
            assert innocent.poll() is None


@pytest.mark.parametrize("text", ["", "{", "[]", json.dumps({"port": "x", "ready": 1, "other": 2}), '{"port": 1}'])
def test_a_damaged_state_file_means_a_fresh_port(config: StoreConfig, data_dir: Path, text: str) -> None:
    layout = Layout(data_dir)
    layout.create()
    layout.state.write_text(text)
    if text == '{"port": 1}':
        assert SupervisorState.read(layout.state) == SupervisorState(port=1)
        return
    assert SupervisorState.read(layout.state) == SupervisorState()


@pytest.mark.parametrize(
    ("script", "says"),
    [
        (f"{LOADER}libcurl.so.4: {NO_FILE}' >&2\nexit 127\n", r"library libcurl\.so\.4, .*; apt install libcurl4 "),
        (f"{LOADER}libodd.so.1: {NO_FILE}' >&2\nexit 127\n", r"library libodd\.so\.1, .*; install the package"),
        ('#!/bin/sh\necho "mongod: /lib/libc.so.6: version \\`GLIBC_2.34\' not found"\nexit 1\n', "GLIBC_2.34.*MONGOD"),
        ("#!/bin/sh\nexit 48\n", "every port that mongod tried was taken"),
        ("#!/bin/sh\nexit 62\n", "newer or much older MongoDB.*point MONGOD"),
        ("#!/bin/sh\nexit 7\n", "ended with status 7.*look into that log"),
        ("#!/bin/sh\nkill -9 $$\n", "killed, most likely for want of memory"),
        ("\x7fELF nonsense", "cannot be started"),
        ("#!/nowhere/sh\n", "cannot be started"),
    ],
)
def test_where_nothing_runs_one_sentence_names_the_ways_out(
    data_dir: Path, tmp_path: Path, script: str, says: str
) -> None:
    broken = tmp_path / "broken"
    broken.write_text(script)
    broken.chmod(0o700)
    config = StoreConfig(data_dir=data_dir, mongod=broken)
    for _ in range(2):
        with pytest.raises(StoreUnavailableError, match=says) as caught, open_store(config, env={}):
            pass
        for way in ("MONGODB_URI", "-s STORE_ENABLED=0 -O out.jsonl"):
            assert way in str(caught.value)
        assert ("libcurl" in str(caught.value)) == ("libcurl" in script), "advice for another trouble leads astray"
        assert "\n" not in str(caught.value)
    with embedded_server(StoreConfig(data_dir=data_dir)) as server:
        assert server.uri


def test_mongod_is_looked_for_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert find_mongod(None).name == "mongod"
    on_path = tmp_path / "mongod"
    on_path.write_text("#!/bin/sh\n")
    on_path.chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_mongod(None) == on_path
    assert find_mongod(tmp_path / "mine") == tmp_path / "mine"
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(binary, "PACKAGES", ("no-such-package",))
    with pytest.raises(StoreUnavailableError, match="there is no mongod for Linux"):
        find_mongod(None)


def test_a_folder_that_cannot_be_made() -> None:
    config = StoreConfig(data_dir=Path("/proc/nowhere"))
    with pytest.raises(StoreUnavailableError, match=r"making /proc/nowhere .*set DATA_DIR"), embedded_server(config):
        pass


def test_logs_are_moved_aside(tmp_path: Path) -> None:
    log = tmp_path / "mongod.log"
    assert not move_aside(log)
    log.write_bytes(b"x")
    assert not move_aside(log)
    log.write_bytes(b"x" * LOG_LIMIT)
    assert move_aside(log)
    assert not log.exists()
    assert (tmp_path / "mongod.log.1").stat().st_size == LOG_LIMIT


def test_a_big_log_is_moved_aside_while_mongod_runs(config: StoreConfig, data_dir: Path) -> None:
    layout = Layout(data_dir)
    with embedded_server(config) as server, MongoClient(server.uri) as client:
        with layout.mongod_log.open("ab") as log:
            log.write(b"x" * LOG_LIMIT)
        eventually(lambda: layout.mongod_log.with_suffix(".log.1").exists() and layout.mongod_log.exists())
        assert client.admin.command("ping")["ok"]
    with embedded_server(config):
        assert layout.mongod_log.stat().st_size < LOG_LIMIT


def test_it_listens_on_loopback_only_and_inherits_no_secret(
    config: StoreConfig, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SMTP_PASSWORD", "hunter2")
    with embedded_server(config) as server, MongoClient(server.uri) as client:
        assert client.admin.command("getCmdLineOpts")["parsed"]["net"]["bindIp"] == "127.0.0.1"
        for pid in (state(data_dir).supervisor, state(data_dir).mongod):
            assert b"hunter2" not in Path(f"/proc/{pid}/environ").read_bytes()
    assert data_dir.stat().st_mode & 0o077 == 0
