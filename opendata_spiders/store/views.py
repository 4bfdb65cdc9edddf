"""`datasets`: today's view, one document a dataset, for people to query; touched only where something changed."""

from collections.abc import Iterable, Mapping
from typing import Any

from pymongo import ReplaceOne, UpdateOne

from opendata_spiders.store.content import batches, storable
from opendata_spiders.store.models import Run
from opendata_spiders.store.writing import BATCH, StoreDatabase

_AT_ONCE = 50
"""Documents of a bulk: unlike the rest of what is written these are whole, and a portal's entry may have a megabyte."""


def key(portal: str, dataset: str) -> str:
    """Return the `_id` of a dataset's document."""
    return str(storable(f"{portal}:{dataset}"))


def put(db: StoreDatabase, run: Run, views: Iterable[Mapping[str, Any]]) -> int:
    """Replace the documents of new and changed datasets; return how many.

    Each view has at least `id`; `portal`, `slug`, `listed` and `changed_run` are set here.
    """
    written = 0
    for batch in batches(views, _AT_ONCE):
        db.datasets.bulk_write([_replacement(run, view) for view in batch], ordered=False)
        written += len(batch)
    return written


def _replacement(run: Run, view: Mapping[str, Any]) -> ReplaceOne[dict[str, Any]]:
    document = storable({name: value for name, value in view.items() if name != "_id"})
    document |= {"portal": run.portal, "slug": run.slug, "listed": True, "changed_run": run.id}
    return ReplaceOne({"_id": key(run.portal, view["id"])}, document, upsert=True)


def mark_missing(db: StoreDatabase, run: Run, datasets: Iterable[str]) -> None:
    """Mark datasets that the list no longer shows; their last content stays."""
    change = {"$set": {"listed": False, "changed_run": run.id, "missing_since": run.at}}
    for batch in batches(datasets, BATCH):
        updates = [UpdateOne({"_id": key(run.portal, dataset), "listed": True}, change) for dataset in batch]
        db.datasets.bulk_write(updates, ordered=False)
