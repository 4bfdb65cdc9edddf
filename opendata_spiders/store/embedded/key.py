"""The key file of the embedded database: only processes that can read it can use the database.

It is mongod's key file and the password of `__system`, the account that every mongod with a key file has. The database
itself holds no account, so its files open under any key, and a lost key is replaced by a new one.
"""

import os
import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from opendata_spiders.store.embedded.layout import OTHERS, REPLICA_SET

USER = "__system"
_FORM = re.compile(r"[0-9a-f]{64}")


def provide(path: Path) -> None:
    """Write a new key unless a complete one exists that only its owner can read. Raises OSError."""
    if read(path) and not path.stat().st_mode & OTHERS:
        return
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secrets.token_hex(32))
    fresh.replace(path)


def read(path: Path) -> str:
    """Return the key; empty when there is none or only a part of one. Raises OSError when it may not be read."""
    try:
        text = path.read_text("utf-8", "replace")
    except FileNotFoundError:
        return ""
    return text if _FORM.fullmatch(text) else ""


def credentials(key: str) -> Mapping[str, Any]:
    """Return the options of a client that uses the key."""
    return {"username": USER, "password": key, "authSource": "local", "authMechanism": "SCRAM-SHA-256"}


def uri(port: int, key: str) -> str:
    """Return the address of the server, with its password."""
    options = f"replicaSet={REPLICA_SET}&authSource=local&authMechanism=SCRAM-SHA-256"
    return f"mongodb://{USER}:{key}@127.0.0.1:{port}/?{options}"
