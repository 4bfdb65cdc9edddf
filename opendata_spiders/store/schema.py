"""The one document in `meta`: the schema version of a database, and whether its clock is real or replayed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from opendata_spiders.store import collections
from opendata_spiders.store.clock import real_now
from opendata_spiders.store.errors import ClockError, SchemaError
from opendata_spiders.store.writing import StoreDatabase

SCHEMA_VERSION = 1
MIGRATIONS: Mapping[int, Callable[[StoreDatabase], None]] = {}
"""Schema version to the function that brings a database up from the one before; running it twice must be harmless."""

_META = "store"


class Mode(StrEnum):
    """The clock of a database."""

    LIVE = "live"
    REPLAY = "replay"
    """Created under WATCH_NOW: nights are replayed in it, in order."""


@dataclass(frozen=True, slots=True)
class Meta:
    """The content of the document in `meta`."""

    schema_version: int
    mode: Mode


def prepare(
    db: StoreDatabase, watch: datetime | None, migrations: Mapping[int, Callable[[StoreDatabase], None]]
) -> Mode:
    """Make the database ready to use and return its clock.

    `watch` is the time WATCH_NOW sets, or None. Raises SchemaError for a database of a newer version or of unknown
    origin, ClockError when WATCH_NOW meets a database that lives in real time.
    """
    meta = read_meta(db) or _create(db, Mode.REPLAY if watch else Mode.LIVE)
    if meta.schema_version > SCHEMA_VERSION:
        raise SchemaError(
            f"Database {db.name} was written by a newer version of this project (schema {meta.schema_version}, "
            f"this one knows {SCHEMA_VERSION}); update the project"
        )
    if watch is not None and meta.mode is Mode.LIVE and not _start_replay(db):
        raise ClockError(
            f"WATCH_NOW is set, but database {db.name} lives in real time and must not be mixed with replayed nights; "
            "unset WATCH_NOW, or set MONGODB_DATABASE (or DATA_DIR) to a new one"
        )
    for version in range(meta.schema_version + 1, SCHEMA_VERSION + 1):
        migrations[version](db)
        db.meta.update_one({"_id": _META, "schema_version": version - 1}, {"$set": {"schema_version": version}})
    collections.create(db, collections.OF_THE_CRAWL)
    return Mode.REPLAY if watch is not None else meta.mode


def _start_replay(db: StoreDatabase) -> bool:
    """Mark a database as one for replayed nights if nothing was ever read into it; return whether it was marked."""
    if db.runs.find_one({}, {"_id": 1}) or db.leases.find_one({}, {"_id": 1}):
        return False
    db.meta.update_one({"_id": _META}, {"$set": {"mode": Mode.REPLAY.value}})
    return True


def read_meta(db: StoreDatabase) -> Meta | None:
    """Return the document in `meta`; None for a new database."""
    found = db.meta.find_one({"_id": _META})
    if found is None:
        return None
    version, mode = found.get("schema_version"), found.get("mode")
    if not isinstance(version, int) or mode not in list(Mode):
        raise SchemaError(
            f"Database {db.name} says of itself what this project never writes (schema {version!r}, mode {mode!r}); "
            "restore it from a backup, or set MONGODB_DATABASE to a new one"
        )
    return Meta(version, Mode(mode))


def _create(db: StoreDatabase, mode: Mode) -> Meta:
    filled = [name for name in collections.OF_THE_CRAWL if db[name].find_one({}, {"_id": 1})]
    if filled and (meta := read_meta(db)):  # another process has just created it
        return meta
    if filled:
        raise SchemaError(
            f"Database {db.name} has documents in {filled[0]} but does not say which version wrote them; "
            "restore it from a backup, or set MONGODB_DATABASE to a new one"
        )
    fresh = {"schema_version": SCHEMA_VERSION, "mode": mode.value, "created": real_now()}
    db.meta.update_one({"_id": _META}, {"$setOnInsert": fresh}, upsert=True)
    return read_meta(db) or Meta(SCHEMA_VERSION, mode)
