"""The files under DATA_DIR, and the state file in which the supervisor says whether the database is ready."""

import json
import os
from dataclasses import asdict, dataclass, fields
from itertools import pairwise
from pathlib import Path
from typing import Any

REPLICA_SET = "opendata"
OTHERS = 0o077
"""Permissions of everybody but the owner."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The files of one embedded database; `data_dir` is absolute."""

    data_dir: Path

    @property
    def dbpath(self) -> Path:
        """The database's own files."""
        return self.data_dir / "mongo"

    @property
    def folder(self) -> Path:
        """Locks, logs, key and state of the supervisor."""
        return self.data_dir / "embedded"

    @property
    def users_lock(self) -> Path:
        """Held shared by every process that uses the database, exclusively by the supervisor while it stops mongod."""
        return self.folder / "users.lock"

    @property
    def supervisor_lock(self) -> Path:
        """Held exclusively by the one supervisor as long as it runs."""
        return self.folder / "supervisor.lock"

    @property
    def setup_lock(self) -> Path:
        """Held exclusively by the process that makes the server a replica set."""
        return self.folder / "setup.lock"

    @property
    def key(self) -> Path:
        """The password of the database, which mongod reads as its key file."""
        return self.folder / "key"

    @property
    def state(self) -> Path:
        return self.folder / "state.json"

    @property
    def supervisor_log(self) -> Path:
        return self.folder / "supervisor.log"

    @property
    def mongod_log(self) -> Path:
        return self.folder / "mongod.log"

    @property
    def mongod_output(self) -> Path:
        """Output of mongod before it opens its log: a missing library, a refused option."""
        return self.folder / "mongod.out"

    def create(self) -> None:
        """Make the folders and close them to other users, also where a copy has opened them. Raises OSError."""
        for folder in (self.data_dir, self.dbpath, self.folder):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for folder in (self.dbpath, self.folder):
            if folder.stat().st_mode & OTHERS:
                folder.chmod(0o700)


@dataclass(frozen=True, slots=True)
class SupervisorState:
    """State of the supervisor as it wrote it last."""

    supervisor: int = 0
    """Pid of the supervisor that wrote it; once that has ended, only `port` counts."""
    mongod: int = 0
    port: int = 0
    """Kept between starts, because the replica set knows itself by it."""
    ready: bool = False
    """The server accepts connections on `port`."""
    secured: bool = False
    """The server requires the key; one started by an older version of this project does not."""

    @classmethod
    def read(cls, path: Path) -> "SupervisorState":
        """Read the state file; a missing or unreadable one gives the defaults."""
        try:
            values = json.loads(path.read_text("utf-8"))
        except (OSError, ValueError):
            return cls()
        if not isinstance(values, dict):
            return cls()
        known: dict[str, Any] = {one.name: values.get(one.name) for one in fields(cls)}
        return cls(**{one.name: known[one.name] for one in fields(cls) if type(known[one.name]) is type(one.default)})

    def write(self, path: Path) -> None:
        """Replace the state file atomically."""
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps(asdict(self)), "utf-8")
        fresh.replace(path)


def lock_owner(dbpath: Path) -> int:
    """Return the pid mongod wrote into its own lock file; 0 when there is none (it was stopped cleanly)."""
    try:
        return int((dbpath / "mongod.lock").read_text().strip() or 0)
    except (OSError, ValueError):
        return 0


def serves(arguments: tuple[str, ...], dbpath: Path) -> bool:
    """Tell whether a command line is that of a mongod on this very folder."""
    if not arguments or "mongod" not in os.path.basename(arguments[0]):  # noqa: PTH119 -- a word, not a path of ours
        return False
    folder = str(dbpath)
    pairs = pairwise(arguments)
    return f"--dbpath={folder}" in arguments or ("--dbpath", folder) in pairs
