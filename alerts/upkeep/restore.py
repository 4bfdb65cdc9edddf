"""Puts a backup into an empty database, of whatever kind: the embedded one, or one at an address."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bson.raw_bson import RawBSONDocument

from alerts.upkeep.backup import LEFT_OUT, BackupError, BackupFile
from alerts.upkeep.lock import upkeep
from opendata_spiders.store import collections, schema
from opendata_spiders.store.content import batches
from opendata_spiders.store.store import Store

_AT_ONCE = 200
_META = "meta"
_NAME = re.compile(r"[a-z_]{1,60}")
_COUNTER = "sequences"
"""Filled by every command of `alerts`; a counter at zero says nothing."""


def restore(store: Store, source: Path, report: Callable[[str, int], None]) -> dict[str, int]:
    """Put a backup into the empty database and make its indexes; returns the documents by collection.

    The file is read whole first, so that nothing of a damaged one is put in. A restore that ends on the way leaves a
    mark: the database cannot be used, and restoring again begins anew. `report` is told of each collection. Raises
    BackupError, LeaseHeldError and OSError.
    """
    file = BackupFile(source)
    header = file.header()
    if header.schema_version > schema.SCHEMA_VERSION:
        raise BackupError(
            f"{source} is of a newer version of this project (schema {header.schema_version}, this one knows "
            f"{schema.SCHEMA_VERSION}); update the project"
        )
    _refuse_filled(store)
    file.check()
    with upkeep(store, "restored") as lease:
        schema.mark_restoring(store.db)
        counts, meta = dict[str, int](), None
        for name, documents in file.collections():
            if not _NAME.fullmatch(name):
                raise BackupError(f"{source} holds a collection with the odd name {name[:60]!r}; take another backup")
            lease.beat()
            if name == _META:
                counts[name] = len(kept := list(documents))
                meta = dict(kept[0]) if kept else None
                continue
            counts[name] = _fill(store, name, documents, lease.beat)
            report(name, counts[name])
        if meta is None:
            raise BackupError(f"{source} does not say which version wrote it; take another backup")
        for indexes in (collections.OF_THE_CRAWL, collections.OF_ALERTS):
            collections.create(store.db, indexes)
        schema.finish_restoring(store.db, meta)
    return counts


def _refuse_filled(store: Store) -> None:
    """Raise BackupError unless the database is empty, or was left by a restore that did not end."""
    if schema.is_restoring(store.db):
        return
    for name in (*collections.OF_THE_CRAWL, *collections.OF_ALERTS):
        wanted = {"n": {"$gt": 0}} if name == _COUNTER else {}
        if name not in {_META, *LEFT_OUT} and store.db[name].find_one(wanted, {"_id": 1}):
            raise BackupError(
                f"Database {store.db.name} is not empty ({name} holds documents): set MONGODB_DATABASE, or DATA_DIR, "
                "to a new one and restore there"
            )


def _fill(store: Store, name: str, documents: Any, beat: Callable[[], None]) -> int:
    raw = store.db.get_collection(
        name, codec_options=store.db.codec_options.with_options(document_class=RawBSONDocument)
    )
    raw.delete_many({})
    count = 0
    for batch in batches(documents, _AT_ONCE):
        raw.insert_many(batch, ordered=False)
        count += len(batch)
        beat()
    return count
