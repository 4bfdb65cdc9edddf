"""The embedded database: a real mongod under DATA_DIR, shared by every command that runs, stopped after the last."""

import contextlib
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from opendata_spiders.store import locks, processes
from opendata_spiders.store.binary import find_mongod, unavailable
from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.errors import StoreUnavailableError
from opendata_spiders.store.layout import REPLICA_SET, Layout, State
from opendata_spiders.store.locks import FileLock

START_SECONDS = 180.0
"""How long a start may take: after a power cut mongod replays its journal."""
STOP_SECONDS = 60.0
ATTEMPTS = 5
"""Supervisors to start before giving up."""
GUARD_SECONDS = 0.5
KEPT_ENVIRONMENT = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
"""All that the background processes inherit: they outlive the command, and secrets should not."""

_NOT_YET_A_REPLICA_SET = 94

log = logging.getLogger(__name__)


@contextlib.contextmanager
def embedded_mongod(config: StoreConfig) -> Iterator[str]:
    """Use the embedded database: yield its URI, start it before if need be.

    Raises StoreUnavailableError where it cannot run.
    """
    if not locks.available:
        raise unavailable(f"it needs file locks that {sys.platform} does not have")
    mongod = find_mongod(config.mongod)
    layout = _create(config.data_dir)
    with FileLock(layout.users_lock) as users:
        if not users.wait_shared(STOP_SECONDS):
            raise StoreUnavailableError(
                f"The embedded database in {config.data_dir} has been stopping for {STOP_SECONDS:.0f} s; "
                f"look into {layout.supervisor_log} and try again"
            )
        server = EmbeddedServer(layout, mongod)
        port = server.ensure()
        with server.guarded():
            yield f"mongodb://127.0.0.1:{port}/?replicaSet={REPLICA_SET}"


def _create(data_dir: Path) -> Layout:
    layout = Layout(data_dir.absolute())
    try:
        layout.create()
        layout.users_lock.touch(mode=0o600)
    except OSError as error:
        raise StoreUnavailableError(
            f"The folder of the embedded database cannot be written: {error.filename} ({error.strerror}); "
            "correct its permissions, or set DATA_DIR to another folder or MONGODB_URI to a MongoDB"
        ) from error
    return layout


class EmbeddedServer:
    """The database as one of its users sees it. The caller holds the users' lock."""

    def __init__(self, layout: Layout, mongod: Path) -> None:
        self.layout = layout
        self.mongod = mongod

    def ensure(self) -> int:
        """Wait until the server can be written to, starting it if nobody has; return its port.

        Raises StoreUnavailableError with the reason the supervisor gives, or after START_SECONDS.
        """
        before = State.read(self.layout.state)
        attempts = 0
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            state = State.read(self.layout.state)
            if self.is_supervised():
                if state.ready and processes.is_alive(state.supervisor) and self._is_writable(state.port):
                    return state.port
            elif state.error and state.supervisor != before.supervisor:
                raise unavailable(state.error)
            elif attempts == ATTEMPTS:
                raise unavailable(f"its supervisor does not stay (its log: {self.layout.supervisor_log})")
            else:
                attempts += 1
                self._start_supervisor()
            time.sleep(0.02)
        raise unavailable(f"it was not ready within {START_SECONDS:.0f} s (its log: {self.layout.mongod_log})")

    def is_supervised(self) -> bool:
        """Tell whether a supervisor lives."""
        with FileLock(self.layout.supervisor_lock) as probe:
            return not probe.try_shared()

    def _start_supervisor(self) -> None:
        log.info("starting the embedded database in %s …", self.layout.data_dir)
        environment = {name: os.environ[name] for name in KEPT_ENVIRONMENT if name in os.environ}
        environment["PYTHONPATH"] = str(Path(__file__).resolve().parents[2])
        module = "opendata_spiders.store.supervisor"
        with self.layout.supervisor_log.open("ab") as output:
            subprocess.run(
                [sys.executable, "-P", "-m", module, str(self.layout.data_dir), str(self.mongod)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd="/",
                env=environment,
                check=False,
            )

    def _is_writable(self, port: int) -> bool:
        """Tell whether our own server answers on this port as a primary, making it one if it is not yet."""
        client: MongoClient[dict[str, Any]] = MongoClient(
            "127.0.0.1", port, directConnection=True, serverSelectionTimeoutMS=2000, connectTimeoutMS=2000
        )
        with client, FileLock(self.layout.setup_lock) as setup, contextlib.suppress(PyMongoError):
            # Another program may have taken the port in the moment in which our server had not yet.
            options = client.admin.command("getCmdLineOpts")["parsed"]
            if options.get("storage", {}).get("dbPath") != str(self.layout.dbpath):
                return False
            if client.admin.command("hello").get("isWritablePrimary"):
                return True
            if setup.try_exclusive():
                _make_replica_set(client, f"127.0.0.1:{port}")
        return False

    @contextlib.contextmanager
    def guarded(self) -> Iterator[None]:
        """Bring the database back when its supervisor is killed while this process uses it."""
        done = threading.Event()
        thread = threading.Thread(target=self._guard, args=(done,), name="embedded-database", daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()

    def _guard(self, done: threading.Event) -> None:
        port = State.read(self.layout.state).port
        while not done.wait(GUARD_SECONDS):
            if self.is_supervised():
                continue
            log.warning("the embedded database was killed; bringing it back")
            try:
                moved = self.ensure() != port
            except StoreUnavailableError as error:
                log.error("%s", error)  # noqa: TRY400 -- the sentence is the whole story
                return
            if moved:
                log.error("the embedded database had to move to another port; run the command again")
                return


def _make_replica_set(client: "MongoClient[dict[str, Any]]", host: str) -> None:
    """Make the server a replica set of one; on another port than last time it would wait for its old self."""
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
