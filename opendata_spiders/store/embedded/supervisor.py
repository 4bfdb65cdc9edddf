"""The process that starts the embedded mongod, restarts it, and stops it after its last user.

Users hold a shared lock that the kernel releases however they end, so no user has to unregister. This process imports
only the standard library and modules that do the same, to stay small.
"""

import contextlib
import json
import logging
import os
import random
import resource
import signal
import socket
import subprocess
import sys
import time
from collections import deque
from dataclasses import asdict, replace
from functools import partial
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import FrameType
from typing import IO

from opendata_spiders.store import processes
from opendata_spiders.store.embedded import causes, key
from opendata_spiders.store.embedded.causes import PORT_TAKEN, Cause, Report
from opendata_spiders.store.embedded.layout import REPLICA_SET, Layout, SupervisorState, lock_owner, serves
from opendata_spiders.store.embedded.locks import FileLock
from opendata_spiders.store.embedded.memory import cache_gigabytes, usable_memory

LINGER = 1.0
"""Seconds that mongod runs on after its last user, for the next command of a script."""
PATIENCE = 30.0
"""Seconds mongod may take to stop by itself."""
LOG_LIMIT = 4_000_000
"""Size in bytes above which a log is renamed; one older log is kept."""
PORTS = range(27200, 28800)
"""Below the range from which Linux gives out ports to outgoing connections."""
PASSING = (PORT_TAKEN, -signal.SIGKILL)
"""Exit statuses after which a start is tried again: another program took the port, or mongod was killed."""
RESTARTS = 5
"""After so many exits of mongod within RESTARTS_WITHIN seconds it is not started again."""
RESTARTS_WITHIN = 60.0

log = logging.getLogger("supervisor")


def server_arguments(mongod: str, layout: Layout, port: int) -> list[str]:
    """Return the command line: loopback only, a cache that fits the machine, a small journal (not 300 MB at once)."""
    return [
        mongod,
        *("--dbpath", str(layout.dbpath)),
        *("--port", str(port)),
        *("--bind_ip", "127.0.0.1"),
        "--nounixsocket",  # its path would be too long in a deep folder
        *("--replSet", REPLICA_SET),
        *("--keyFile", str(layout.key)),
        # Without it the first local client could create an account: there is none, and none is needed.
        *("--setParameter", "enableLocalhostAuthBypass=0"),
        *("--oplogSize", "64"),
        *("--wiredTigerCacheSizeGB", str(cache_gigabytes(usable_memory()))),
        *("--wiredTigerEngineConfigString", "log=(file_max=16MB,prealloc=false)"),
        *("--networkMessageCompressors", "snappy,zstd"),
        *("--setParameter", "diagnosticDataCollectionEnabled=false"),
        # With the default a diff killed within a transaction blocks the next one for up to a minute and a half.
        *("--setParameter", "transactionLifetimeLimitSeconds=20"),
        "--noscripting",
        *("--logpath", str(layout.mongod_log)),
        *("--logRotate", "reopen"),
        "--logappend",
        "--quiet",
    ]


def is_free(port: int) -> bool:
    """Tell whether a server could listen on this loopback port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def choose_port(kept: int) -> int:
    """Return the port of last time if it is free, else another one."""
    if kept and is_free(kept):
        return kept
    if found := next(filter(is_free, random.sample(PORTS, 200)), 0):
        return found
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def accepts(port: int) -> bool:
    """Tell whether something listens on this loopback port."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def end_orphan(dbpath: Path) -> None:
    """End a mongod that still runs on these files though its supervisor has ended."""
    pid = lock_owner(dbpath)
    if pid and processes.is_alive(pid) and serves(processes.arguments(pid), dbpath):
        log.warning("ending mongod %d, left over from an earlier supervisor", pid)
        processes.end(pid, patience=PATIENCE)


def move_aside(path: Path) -> bool:
    """Rename a log that has grown too big; return whether it was."""
    if not path.exists() or path.stat().st_size < LOG_LIMIT:
        return False
    path.replace(path.with_suffix(path.suffix + ".1"))
    return True


class MongodFailedError(Exception):
    """Raised when mongod does not run and starting it again would not help."""

    def __init__(self, cause: Cause) -> None:
        super().__init__(cause.why)
        self.cause = cause


class Supervisor:
    """Runs one mongod. The caller holds the supervisor's lock."""

    def __init__(self, layout: Layout, mongod: str, report: Report) -> None:
        self.layout = layout
        self.mongod = mongod
        self.report = report
        self.state = SupervisorState(supervisor=os.getpid(), port=SupervisorState.read(layout.state).port)
        self.server: subprocess.Popen[bytes] | None = None
        self.ends: deque[float] = deque(maxlen=RESTARTS)
        self.log_begun = 0
        """Bytes of mongod's log that earlier servers wrote."""
        self.told_to_stop = False
        self.alone_since: float | None = None

    def run(self) -> None:
        """Keep mongod running until the last user has gone or a signal says so."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        self._say()
        key.provide(self.layout.key)
        end_orphan(self.layout.dbpath)
        with FileLock(self.layout.users_lock) as users:
            try:
                self._start()
                while not self.told_to_stop and not self._is_alone(users):
                    self._check()
                    time.sleep(0.2 if self.state.ready else 0.02)
            except MongodFailedError as error:
                log.error("%s", error)  # noqa: TRY400 -- the sentence is the whole story
                self.report(error.cause)
            finally:
                self._stop()

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        log.info("signal %d: stopping", number)
        self.told_to_stop = True

    def _say(self, **changes: object) -> None:
        self.state = replace(self.state, **changes)  # type: ignore[arg-type]
        self.state.write(self.layout.state)

    def _start(self) -> None:
        move_aside(self.layout.mongod_log)
        port = choose_port(self.state.port)
        self.log_begun = self.layout.mongod_log.stat().st_size if self.layout.mongod_log.exists() else 0
        with self.layout.mongod_output.open("wb") as output:
            self.server = self._run(server_arguments(self.mongod, self.layout, port), output)
        log.info("mongod %d on port %d", self.server.pid, port)
        self._say(port=port, mongod=self.server.pid, ready=False, secured=True)

    def _run(self, arguments: list[str], output: IO[bytes]) -> "subprocess.Popen[bytes]":
        try:
            return subprocess.Popen(
                arguments,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd="/",
                preexec_fn=partial(processes.die_with, os.getpid()),  # noqa: PLW1509 -- this process has one thread
            )
        except OSError as error:
            cause = Cause(
                f"{self.mongod} cannot be started ({error.strerror})", "point MONGOD at a mongod that runs here"
            )
            raise MongodFailedError(cause) from error

    def _check(self) -> None:
        if self.server is None:
            return
        status = self.server.poll()
        if status is not None:
            self._restart(status)
        elif not self.state.ready and accepts(self.state.port):
            self._say(ready=True)
        elif self.state.ready and move_aside(self.layout.mongod_log):
            self.server.send_signal(signal.SIGUSR1)  # mongod then reopens its log

    def _restart(self, status: int) -> None:
        was_ready = self.state.ready
        log.warning("mongod ended with status %d", status)
        self._say(ready=False)
        if not was_ready and status not in PASSING:
            raise MongodFailedError(self._why(status))
        self.ends.append(time.monotonic())
        if len(self.ends) == RESTARTS and self.ends[-1] - self.ends[0] < RESTARTS_WITHIN:
            raise MongodFailedError(self._why(status))
        self._start()

    def _is_alone(self, users: FileLock) -> bool:
        """Tell whether nobody has used the database for LINGER seconds; if so, the users' lock stays taken."""
        if not users.exclusive():
            self.alone_since = None
            return False
        now = time.monotonic()
        self.alone_since = self.alone_since or now
        if now - self.alone_since >= LINGER:
            return True
        users.release()
        return False

    def _why(self, status: int) -> Cause:
        output = self.layout.mongod_output.read_text("utf-8", "replace")
        return causes.of_mongod(status, output, self.layout, self.log_begun)

    def _stop(self) -> None:
        try:
            self._say(ready=False)
        finally:
            if self.server is not None and self.server.poll() is None:
                processes.end(self.server.pid, patience=PATIENCE)
                log.info("mongod %d stopped with status %d", self.server.pid, self.server.wait())


def _write_log(layout: Layout) -> None:
    handler = RotatingFileHandler(layout.supervisor_log, maxBytes=LOG_LIMIT, backupCount=1, encoding="utf-8")
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(process)d %(message)s", handlers=[handler])


def _raise_file_limit() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 64_000 if hard == resource.RLIM_INFINITY else min(hard, 64_000)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def main(data_dir: str, mongod: str, told: str) -> None:
    """Become the supervisor of DATA_DIR, in the background; do nothing if there is one already.

    The lock is taken before the fork, so that it is held when the call returns to the starter. `told` is the file
    descriptor of a pipe to the starter, for the cause where the database cannot run: with a full disk no file could
    hold it.
    """
    layout, pipe = Layout(Path(data_dir)), int(told)
    os.set_inheritable(pipe, False)

    def report(cause: Cause) -> None:
        with contextlib.suppress(BrokenPipeError):  # the starter has ended meanwhile
            os.write(pipe, json.dumps(asdict(cause)).encode())

    try:
        with FileLock(layout.supervisor_lock) as mine:
            if not mine.exclusive(0.3):
                return
            SupervisorState(port=SupervisorState.read(layout.state).port).write(
                layout.state
            )  # the state of an earlier supervisor is no longer valid
            if os.fork():
                os._exit(0)
            os.setsid()
            _write_log(layout)
            _raise_file_limit()
            Supervisor(layout, mongod, report).run()
    except OSError as error:
        report(causes.of_os_error(error, "writing", layout.data_dir))
        raise


if __name__ == "__main__":
    main(*sys.argv[1:])
