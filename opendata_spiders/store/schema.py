"""The one document in `meta`: the schema version of a database, and whether its clock is real or replayed."""

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from opendata_spiders.store import collections, processes
from opendata_spiders.store.clock import real_now
from opendata_spiders.store.errors import ClockError, SchemaError
from opendata_spiders.store.leases import SILENCE
from opendata_spiders.store.migrations import Migration
from opendata_spiders.store.writing import StoreDatabase

SCHEMA_VERSION = 3

_META = "store"
_MIGRATION = "migration"
"""`_id` of the document in `meta` that says which process migrates the database."""
_RESTORING = "restoring"
"""Field of the document in `meta` while a backup is put into the database."""
_LOOK_AGAIN = 0.5
"""Seconds between two looks whether another process has ended its migration."""

log = logging.getLogger(__name__)


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
    db: StoreDatabase, watch: datetime | None, migrations: Mapping[int, Migration], *, half_restored: bool = False
) -> Mode:
    """Make the database ready to use and return its clock.

    `watch` is the time WATCH_NOW sets, or None; `half_restored`: also one into which a backup was not wholly put.
    Raises SchemaError for a database of a newer version, of unknown origin or half restored, or one that commands of an
    older version still use, ClockError when WATCH_NOW meets a database that lives in real time.
    """
    meta = read_meta(db) or _create(db, Mode.REPLAY if watch else Mode.LIVE)
    if is_restoring(db) and not half_restored:
        raise SchemaError(
            f"Database {db.name} holds a part of a backup: putting it in did not end; "
            "give `python -m alerts restore FILE` again, which begins anew"
        )
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
    if meta.schema_version < SCHEMA_VERSION:
        _migrate(db, meta.schema_version, migrations)
    collections.create(db, collections.OF_THE_CRAWL)
    return Mode.REPLAY if watch is not None else meta.mode


def _migrate(db: StoreDatabase, version: int, migrations: Mapping[int, Migration]) -> None:
    """Bring the database up from a version; where another process does, wait for it."""
    while version < SCHEMA_VERSION:
        if not _may_migrate(db):
            time.sleep(_LOOK_AGAIN)
        else:
            _refuse_users(db)
            _step(db, version + 1, migrations[version + 1])
        meta = read_meta(db)
        version = meta.schema_version if meta else version


def _step(db: StoreDatabase, version: int, migration: Migration) -> None:
    try:
        meta = read_meta(db)
        if meta is not None and meta.schema_version == version - 1:  # nobody was faster
            log.warning("database %s is brought to schema %d", db.name, version)
            migration(db, lambda done: _report(db, done))
            db.meta.update_one({"_id": _META, "schema_version": version - 1}, {"$set": {"schema_version": version}})
    finally:
        db.meta.delete_one({"_id": _MIGRATION, **processes.identity()})


def _report(db: StoreDatabase, done: str) -> None:
    log.warning("database %s: %s", db.name, done)
    db.meta.update_one({"_id": _MIGRATION}, {"$set": {"beat": real_now()}})


def _may_migrate(db: StoreDatabase) -> bool:
    """Whether this process has become the one that migrates."""
    mine = {"_id": _MIGRATION, **processes.identity(), "beat": real_now()}
    held = db.meta.find_one_and_update({"_id": _MIGRATION}, {"$setOnInsert": mine}, upsert=True)
    if held is None:
        return True
    if processes.has_ended(held) or real_now() - held["beat"] > SILENCE:
        db.meta.delete_one({"_id": _MIGRATION, "beat": held["beat"]})
    return False


def _refuse_users(db: StoreDatabase) -> None:
    """Raise SchemaError while a command holds a portal: one of an older version does not know the new schema."""
    for held in db.leases.find():
        if not processes.has_ended(held) and real_now() - held["beat"] < SILENCE:
            db.meta.delete_one({"_id": _MIGRATION, **processes.identity()})
            raise SchemaError(
                f"Database {db.name} must be brought to schema {SCHEMA_VERSION}, and a command of before still uses it "
                f"({held['slug']}, process {held['pid']} on {held['host']}); wait for it to end and run again"
            )


def is_restoring(db: StoreDatabase) -> bool:
    """Whether a backup was begun to be put into the database, and not wholly."""
    return db.meta.find_one({"_id": _META, _RESTORING: True}, {"_id": 1}) is not None


def mark_restoring(db: StoreDatabase) -> None:
    """Mark the database as holding a part of a backup only."""
    db.meta.update_one({"_id": _META}, {"$set": {_RESTORING: True}}, upsert=True)


def finish_restoring(db: StoreDatabase, meta: Mapping[str, Any]) -> None:
    """Take over what the backup says of itself, without the mark."""
    db.meta.replace_one({"_id": _META}, dict(meta), upsert=True)


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
