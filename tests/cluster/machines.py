"""What several machines have, on one: a replica set of three mongods, a broker, workers that share nothing else."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from opendata_spiders.store.embedded.binary import find_mongod
from opendata_spiders.store.embedded.supervisor import is_free

ROOT = Path(__file__).parents[2]
PORTS = range(20_000, 27_000)
"""Below those of embedded databases and of outgoing connections."""
SECONDS = 60
"""Within which a server starts."""


@dataclass
class Server:
    """A process that listens on one port of loopback, and can be killed and started again there."""

    command: Callable[[int], list[str]]
    answers: Callable[[int], bool]
    scheme: str = ""
    port: int = 0
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        """Start it on its port; the first time on one that is free, and on another if somebody was faster."""
        end = time.monotonic() + SECONDS
        fixed = self.port
        while time.monotonic() < end:
            self.port = fixed or next(port for port in iter(lambda: random.choice(PORTS), None) if is_free(port))
            self.process = subprocess.Popen(
                self.command(self.port), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            while self.process.poll() is None and time.monotonic() < end:
                if self.answers(self.port):
                    return
                time.sleep(0.05)
        raise TimeoutError(f"{self.command(self.port)[0]} does not answer on port {self.port}")

    @property
    def address(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()


def redis() -> Server:
    """A Redis that keeps nothing on disk: what it held is lost with it."""

    def answers(port: int) -> bool:
        words = ["redis-cli", "-p", str(port), "ping"]
        return subprocess.run(words, capture_output=True, check=False).stdout.strip() == b"PONG"

    def command(port: int) -> list[str]:
        return ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]

    return Server(command, answers, "redis")


class ReplicaSet:
    """Three mongods that elect a new primary within seconds."""

    NAME = "cluster"

    def __init__(self, folder: Path) -> None:
        self._servers = [Server(self._command(folder / f"node{number}"), self._answers) for number in range(3)]

    @property
    def uri(self) -> str:
        places = ",".join(f"127.0.0.1:{server.port}" for server in self._servers)
        return f"mongodb://{places}/?replicaSet={self.NAME}"

    def start(self) -> None:
        for server in self._servers:
            server.start()
        members = [{"_id": number, "host": f"127.0.0.1:{one.port}"} for number, one in enumerate(self._servers)]
        wanted = {"_id": self.NAME, "members": members, "settings": {"electionTimeoutMillis": 2000}}
        with self._client(self._servers[0].port) as client:
            client.admin.command("replSetInitiate", wanted)
        self.primary()

    def stop(self) -> None:
        for server in self._servers:
            server.kill()

    def kill_primary(self) -> None:
        self.primary().kill()

    def start_again(self) -> None:
        """Start the one that was killed."""
        next(one for one in self._servers if one.process is not None and one.process.poll() is not None).start()

    def primary(self) -> Server:
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            for server in self._servers:
                with suppress(PyMongoError), self._client(server.port) as client:
                    if client.admin.command("hello")["isWritablePrimary"]:
                        return server
            time.sleep(0.1)
        raise TimeoutError("the replica set elects no primary")

    @staticmethod
    def _client(port: int) -> MongoClient[dict[str, Any]]:
        return MongoClient("127.0.0.1", port, directConnection=True, serverSelectionTimeoutMS=1000)

    def _answers(self, port: int) -> bool:
        with suppress(PyMongoError), self._client(port) as client:
            return bool(client.admin.command("ping")["ok"])
        return False

    def _command(self, folder: Path) -> Callable[[int], list[str]]:
        folder.mkdir(parents=True)
        fixed = ("--dbpath", str(folder), "--bind_ip", "127.0.0.1", "--replSet", self.NAME, "--nounixsocket", "--quiet",
                 "--oplogSize", "64", "--wiredTigerCacheSizeGB", "0.25", "--logpath", str(folder / "log"),
                 "--setParameter", "diagnosticDataCollectionEnabled=false")  # fmt: skip
        return lambda port: [str(find_mongod(None)), "--port", str(port), *fixed]


@dataclass
class Machines:
    """Workers by name, each with a folder of its own."""

    env: Mapping[str, str]
    """Of all: database, broker, register."""
    folder: Path

    def __post_init__(self) -> None:
        self.workers: dict[str, subprocess.Popen[bytes]] = {}

    def env_of(self, name: str) -> dict[str, str]:
        """The name is the User-Agent, so that a portal can say who asked."""
        return {**self.env, "DATA_DIR": str(self.folder / name), "USER_AGENT": name}

    def start(self, name: str, *, hosts: int = 1) -> None:
        (self.folder / name).mkdir(parents=True)
        words = [sys.executable, "-m", "alerts", "cluster", "worker", "--hosts", str(hosts), "--name", name]
        with (self.folder / name / "worker.log").open("wb") as log:
            self.workers[name] = subprocess.Popen(
                words, cwd=ROOT, env=self.env_of(name), stdout=log, stderr=log, start_new_session=True
            )

    def kill(self, name: str) -> None:
        """Kill a worker with all its processes at once, as a machine dies."""
        process = self.workers.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def name_of(self, pid: int) -> str:
        """The worker to which a process belongs."""
        group = os.getpgid(pid)
        return next(name for name, process in self.workers.items() if process.pid == group)

    @contextmanager
    def running(self, *words: str) -> "Iterator[subprocess.Popen[str]]":
        """Run a command of the machine that coordinates."""
        command = subprocess.Popen(
            [sys.executable, "-m", *words], cwd=ROOT, env=self.env_of("coordinator"), text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        with command:
            try:
                yield command
            finally:
                command.kill()


@contextmanager
def machines(env: Mapping[str, str], folder: Path) -> Iterator[Machines]:
    """Machines that are switched off at the end."""
    made = Machines(env, folder)
    try:
        yield made
    finally:
        for name in list(made.workers):
            made.kill(name)
