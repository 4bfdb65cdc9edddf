"""The embedded database from the side of a command: one mongod under DATA_DIR, shared by all running commands."""

import contextlib
import json
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from opendata_spiders.store import processes
from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.embedded import causes, key, locks
from opendata_spiders.store.embedded.binary import find_mongod, unavailable
from opendata_spiders.store.embedded.causes import Cause
from opendata_spiders.store.embedded.layout import REPLICA_SET, Layout, SupervisorState
from opendata_spiders.store.embedded.locks import FileLock
from opendata_spiders.store.errors import StoreUnavailableError

START_SECONDS = 180.0
"""How long a start may take: after a power cut mongod replays its journal."""
STOP_SECONDS = 60.0
ATTEMPTS = 5
"""Supervisors to start before giving up."""
GUARD_SECONDS = 0.5
AGAIN_SECONDS = 10.0
"""Seconds between two restarts after one failed, for instance for want of disk space."""
KEPT_ENVIRONMENT = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
"""Variables that the background processes inherit; the others, which may hold secrets, must not outlive the command."""

OTHERS_WRITE = 0o022
"""Permissions of everybody but the owner to change a folder."""
PIPE_BYTES = 4096
"""Bytes that a pipe writes atomically."""

_QUICK: Mapping[str, Any] = {"serverSelectionTimeoutMS": 2000, "connectTimeoutMS": 2000}
_NOT_YET_A_REPLICA_SET = 94

log = logging.getLogger(__name__)


@contextlib.contextmanager
def embedded_server(config: StoreConfig) -> Iterator["EmbeddedServer"]:
    """Use the embedded database, started if need be; yields the server, whose `uri` holds the key.

    Raises StoreUnavailableError where it cannot run.
    """
    if not locks.available:
        raise unavailable(Cause(f"it needs file locks that {sys.platform} does not have", "use another system"))
    mongod = find_mongod(config.mongod)
    layout = _create(config.data_dir)
    server = EmbeddedServer(layout, mongod)
    with contextlib.ExitStack() as stack:
        try:
            users = stack.enter_context(FileLock(layout.users_lock))
            if not users.shared(STOP_SECONDS):
                raise StoreUnavailableError(
                    f"The embedded database in {config.data_dir} has been stopping for {STOP_SECONDS:.0f} s; "
                    f"look into {layout.supervisor_log} and try again"
                )
            server.ensure()
        except OSError as error:
            raise unavailable(causes.of_os_error(error, "opening", layout.data_dir)) from error
        with server.guarded():
            yield server


def _create(data_dir: Path) -> Layout:
    layout = Layout(data_dir.absolute())
    try:
        layout.create()
    except OSError as error:
        raise unavailable(causes.of_os_error(error, "making", layout.data_dir)) from error
    if data_dir.stat().st_mode & OTHERS_WRITE:
        log.warning("%s can be written by others, who could put another database there: chmod go-w it", data_dir)
    return layout


class EmbeddedServer:
    """The server from the side of one process that uses it. The caller holds the users' lock."""

    def __init__(self, layout: Layout, mongod: Path) -> None:
        self.layout = layout
        self.mongod = mongod
        self.port = 0
        self.key = ""
        self.trouble = ""
        """Why it could not be restarted while it was in use; empty while it runs."""
        self._pipe = -1
        """Read end of the pipe on which the supervisor that was started last writes why it has given up; -1: none."""

    @property
    def uri(self) -> str:
        """Address of the running server; holds the key."""
        return key.uri(self.port, self.key)

    def ensure(self) -> int:
        """Wait until the server accepts writes, start it if nobody has, and return its port.

        Raises StoreUnavailableError with the reason the supervisor gives, or after START_SECONDS.
        """
        attempts = 0
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            state = SupervisorState.read(self.layout.state)
            if self.is_supervised():
                if state.ready and processes.is_alive(state.supervisor) and self._is_writable(state):
                    self.port = state.port
                    return state.port
            elif cause := self._last_word():
                raise unavailable(cause)
            elif attempts == ATTEMPTS:
                why = f"its supervisor does not stay (its log: {self.layout.supervisor_log})"
                raise unavailable(Cause(why, "look into that log"))
            else:
                attempts += 1
                self._start_supervisor()
            time.sleep(0.02)
        why = f"it was not ready within {START_SECONDS:.0f} s (its log: {self.layout.mongod_log})"
        raise unavailable(Cause(why, "look into that log"))

    def is_supervised(self) -> bool:
        """Tell whether a supervisor runs."""
        with FileLock(self.layout.supervisor_lock) as probe:
            return not probe.shared()

    def _start_supervisor(self) -> None:
        log.info("starting the embedded database in %s …", self.layout.data_dir)
        environment = {name: os.environ[name] for name in KEPT_ENVIRONMENT if name in os.environ}
        environment["PYTHONPATH"] = str(Path(__file__).resolve().parents[3])
        command = [sys.executable, "-P", "-m", "opendata_spiders.store.embedded.supervisor"]
        self._close_pipe()
        self._pipe, told = os.pipe()
        os.set_blocking(self._pipe, False)
        try:
            with self.layout.supervisor_log.open("ab") as output:
                subprocess.run(
                    [*command, str(self.layout.data_dir), str(self.mongod), str(told)],
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    cwd="/",
                    env=environment,
                    pass_fds=(told,),
                    check=False,
                )
        finally:
            os.close(told)

    def _last_word(self) -> Cause | None:
        """Return why the supervisor that was started has given up; None if it wrote nothing."""
        if self._pipe < 0:
            return None
        with contextlib.suppress(BlockingIOError):
            if word := os.read(self._pipe, PIPE_BYTES):
                return Cause(**json.loads(word))
        return None

    def _close_pipe(self) -> None:
        if self._pipe >= 0:
            os.close(self._pipe)
            self._pipe = -1

    def _is_writable(self, state: SupervisorState) -> bool:
        """Tell whether the server on this port is ours and a primary; make it a primary if it is not yet."""
        if not state.secured:
            raise StoreUnavailableError(
                f"The embedded database in {self.layout.data_dir} was started by an older version of this project, "
                "which lets everybody in; it ends a second after its last command: wait for that, then run again"
            )
        self.key = key.read(self.layout.key)
        client: MongoClient[dict[str, Any]] = MongoClient(
            "127.0.0.1", state.port, directConnection=True, **key.credentials(self.key), **_QUICK
        )
        with client, FileLock(self.layout.setup_lock) as setup, contextlib.suppress(PyMongoError):
            # Another program may have taken the port before our server did.
            options = client.admin.command("getCmdLineOpts")["parsed"]
            if options.get("storage", {}).get("dbPath") != str(self.layout.dbpath):
                return False
            if client.admin.command("hello").get("isWritablePrimary"):
                _expel(client)
                return True
            if setup.exclusive():
                _make_replica_set(client, f"127.0.0.1:{state.port}")
        return False

    @contextlib.contextmanager
    def guarded(self) -> Iterator[None]:
        """Restart the database when its supervisor is killed while this process uses it."""
        done = threading.Event()
        thread = threading.Thread(target=self._guard, args=(done,), name="embedded-database", daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()
            self._close_pipe()

    def _guard(self, done: threading.Event) -> None:
        port, used, pause = self.port, self.key, GUARD_SECONDS
        while not done.wait(pause):
            try:
                if self.is_supervised() and not self.trouble:
                    continue
                if not self.trouble:
                    log.warning("the embedded database was killed; bringing it back")
                moved = self.ensure() != port or self.key != used
            except (StoreUnavailableError, OSError) as error:
                if self.trouble != str(error):
                    log.error("%s", error)  # noqa: TRY400 -- the sentence is the whole story
                self.trouble, pause = str(error), AGAIN_SECONDS
                continue
            self.trouble, pause = "", GUARD_SECONDS
            if moved:
                self.trouble = "The embedded database had to move to another port; run the command again"
                log.error("%s", self.trouble)
                return


def _expel(client: "MongoClient[dict[str, Any]]") -> None:
    """Remove every account: this project makes none, and before the database had a key anybody could make one."""
    for user in client.admin.command({"usersInfo": {"forAllDBs": True}})["users"]:
        log.warning("removing account %r from the embedded database: it has none but its key", user["user"])
        client[user["db"]].command("dropUser", user["user"])


def _make_replica_set(client: "MongoClient[dict[str, Any]]", host: str) -> None:
    """Make the server a replica set of one, or correct the address in its configuration after a change of port."""
    try:
        known = client.admin.command("replSetGetConfig")["config"]
    except OperationFailure as error:
        if error.code != _NOT_YET_A_REPLICA_SET:
            raise
        client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": [{"_id": 0, "host": host}]})
        return
    if known["members"][0]["host"] != host:
        known["members"] = [known["members"][0] | {"host": host}]
        known["version"] += 1
        client.admin.command("replSetReconfig", known, force=True)
