"""`datasets`: the current content, one document a dataset, for people to query; written only where it changed."""

import zlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import bson
from pymongo import ReplaceOne, UpdateOne

from opendata_spiders.store.content import batches, storable
from opendata_spiders.store.models import Run
from opendata_spiders.store.writing import BATCH, StoreDatabase

_AT_ONCE = 50
"""Documents in one bulk write: they are not compressed, and a portal's entry may have a megabyte."""


class PackedViews:
    """Views kept compressed until each is written: they are most of a crawl's memory."""

    def __init__(self) -> None:
        self._packed: list[bytes] = []

    def add(self, view: Mapping[str, Any]) -> None:
        """Add a view, in the form that MongoDB can hold."""
        self._packed.append(zlib.compress(bson.encode(storable(view)), 1))

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return (bson.decode(zlib.decompress(one)) for one in self._packed)


def key(portal: str, dataset: str) -> str:
    """Return the `_id` of a dataset's document."""
    return str(storable(f"{portal}:{dataset}"))


def put(db: StoreDatabase, run: Run, views: Iterable[Mapping[str, Any]]) -> None:
    """Replace the documents of new and changed datasets.

    Each view has at least `id`; `portal`, `slug`, `listed` and `changed_run` are set here.
    """
    ours = {"portal": run.portal, "slug": run.slug, "listed": True, "changed_run": run.id}
    for batch in batches(views, _AT_ONCE):
        documents = [{name: value for name, value in view.items() if name != "_id"} | ours for view in batch]
        if not isinstance(views, PackedViews):
            documents = [storable(one) for one in documents]
        replacements = [ReplaceOne({"_id": key(run.portal, one["id"])}, one, upsert=True) for one in documents]
        db.datasets.bulk_write(replacements, ordered=False)


def mark_missing(db: StoreDatabase, run: Run, datasets: Iterable[str]) -> None:
    """Mark datasets that the list no longer shows; their last content stays."""
    change = {"$set": {"listed": False, "changed_run": run.id, "missing_since": run.at}}
    for batch in batches(datasets, BATCH):
        updates = [UpdateOne({"_id": key(run.portal, dataset), "listed": True}, change) for dataset in batch]
        db.datasets.bulk_write(updates, ordered=False)
