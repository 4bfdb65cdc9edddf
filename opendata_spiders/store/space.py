"""Room on the disk of the database: measured, and asked for before a night that could fill it."""

import shutil
from dataclasses import dataclass

from pymongo.errors import OperationFailure

from opendata_spiders.policy import policy
from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.errors import NoRoomError
from opendata_spiders.store.writing import StoreDatabase

_MB = 1_000_000


@dataclass(frozen=True, slots=True)
class DiskSpace:
    """The disk that holds the database, in bytes."""

    free: int
    used: int
    """By this database, indexes included."""


def disk_space(db: StoreDatabase, config: StoreConfig) -> DiskSpace | None:
    """Measure the disk; None where the server does not tell (a sharded cluster, or a user without the right)."""
    try:
        stats = db.command("dbStats")
    except OperationFailure:
        return None
    used = int(stats.get("totalSize") or stats.get("storageSize", 0) + stats.get("indexSize", 0))
    if not config.uri:
        return DiskSpace(shutil.disk_usage(config.data_dir).free, used)
    if "fsTotalSize" not in stats or "fsUsedSize" not in stats:
        return None
    return DiskSpace(int(stats["fsTotalSize"] - stats["fsUsedSize"]), used)


def require_room(db: StoreDatabase, config: StoreConfig) -> None:
    """Raise NoRoomError where less is free than a night may write (`room_mb`): a full disk ends the database."""
    space = disk_space(db, config)
    if space is not None and space.free < policy().room_mb * _MB:
        raise NoRoomError(
            f"Only {space.free // _MB:,} MB are free on the disk of {config.place}, and a reading asks for "
            f"{policy().room_mb:,}: nothing is read. Make room there, thin out old readings (`python -m alerts prune "
            "--force`), or move to a larger disk (`backup`, `restore`)"
        )
