"""Writes immutable documents; may be repeated."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import BulkWriteError

from opendata_spiders.store.content import batches

Document: TypeAlias = dict[str, Any]
StoreDatabase: TypeAlias = Database[Document]
StoreCollection: TypeAlias = Collection[Document]

BATCH = 1000
"""Documents in one write command: single durable inserts are a hundred times slower."""
DUPLICATE = 11000


def add_new(collection: StoreCollection, documents: Iterable[Mapping[str, Any]]) -> int:
    """Insert what is not there yet, by `_id`; return how many were new.

    For content-addressed documents only: a document under the same address is the same document.
    """
    return sum(_add_batch(collection, [dict(document) for document in batch]) for batch in batches(documents, BATCH))


def _add_batch(collection: StoreCollection, batch: list[Document]) -> int:
    try:
        return len(collection.insert_many(batch, ordered=False).inserted_ids)
    except BulkWriteError as error:
        details = error.details or {}
        others = [failure for failure in details.get("writeErrors", ()) if failure.get("code") != DUPLICATE]
        if others or details.get("writeConcernErrors"):
            raise
        return int(details.get("nInserted", 0))


def missing_ids(collection: StoreCollection, ids: Iterable[str]) -> set[str]:
    """Return those of the ids under which nothing is stored."""
    missing = set(ids)
    for batch in batches(sorted(missing), BATCH):
        missing.difference_update(found["_id"] for found in collection.find({"_id": {"$in": batch}}, {"_id": 1}))
    return missing
