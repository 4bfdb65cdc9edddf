"""Which datasets are watched, for the crawl.

`alerts` writes the collection `watches`; the crawl reads two fields that every document has: `portal` (the portal's
id) and `dataset` (the native id).
"""

from collections.abc import Mapping

from opendata_spiders.store.writing import StoreDatabase


def watched(db: StoreDatabase) -> Mapping[str, tuple[str, ...]]:
    """Return the native ids of watched datasets by portal, each once, in order."""
    found: dict[str, set[str]] = {}
    for document in db.watches.find({}, {"portal": 1, "dataset": 1}):
        found.setdefault(document["portal"], set()).add(document["dataset"])
    return {portal: tuple(sorted(datasets)) for portal, datasets in sorted(found.items())}
