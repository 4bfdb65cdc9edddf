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


class Layout:
    """The files of one embedded database."""

    def __init__(self, data_dir: Path) -> None:
        """`data_dir` is absolute."""
        self.data_dir = data_dir
        self.dbpath = data_dir / "mongo"
        """The database's own files."""
        self.folder = folder = data_dir / "embedded"
        """Locks, logs, key and state of the supervisor."""
        self.users_lock = folder / "users.lock"
        """Held shared by every process that uses the database, exclusively by the supervisor while it stops mongod."""
        self.supervisor_lock = folder / "supervisor.lock"
        """Held exclusively by the one supervisor as long as it runs."""
        self.setup_lock = folder / "setup.lock"
        """Held exclusively by the process that makes the server a replica set."""
        self.key = folder / "key"
        """The password of the database, which mongod reads as its key file."""
        self.state = folder / "state.json"
        self.supervisor_log = folder / "supervisor.log"
        self.mongod_log = folder / "mongod.log"
        self.mongod_output = folder / "mongod.out"
        """Output of mongod before it opens its log: a missing library, a refused option."""

    def create(self) -> None:
        """Make the folders and close them to other users, also where a copy has opened them. Raises OSError."""
        for folder in (self.data_dir, self.dbpath, self.folder):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for folder in (self.dbpath, self.folder):
            if folder.stat().st_mode & OTHERS:
                folder.chmod(0o700)


@dataclass(frozen=True, slots=True)
class SupervisorState:
    """The state that the supervisor last wrote."""

    supervisor: int = 0
    """Pid of the supervisor that wrote it; once that has ended, only `port` counts."""
    mongod: int = 0
    port: int = 0
    """Kept between starts, because it is part of the replica set's configuration."""
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
    """Tell whether a command line is that of a mongod on this folder."""
    if not arguments or "mongod" not in os.path.basename(arguments[0]):  # noqa: PTH119 -- a word, not a path of ours
        return False
    folder = str(dbpath)
    pairs = pairwise(arguments)
    return f"--dbpath={folder}" in arguments or ("--dbpath", folder) in pairs
