"""Manifests that nothing refers to: of what was believed after a partial run, or of a process that was killed."""

from collections import defaultdict
from collections.abc import Iterator

from alerts.upkeep.references import manifests_held
from opendata_spiders.store.content import read_canonical
from opendata_spiders.store.manifests import get_manifest, read_lines
from opendata_spiders.store.store import Store


def strays(store: Store) -> dict[str, set[str]]:
    """The manifests that no run, state, checkpoint or import refers to, by the portal whose datasets they list.

    One without a dataset whose version is stored belongs to nobody and is left out.
    """
    found: dict[str, set[str]] = defaultdict(set)
    for address in _unreferenced(store):
        if portal := _portal_of(store, address):
            found[portal].add(address)
    # What memories and imports refer to is asked for those portals alone.
    return {portal: left for portal, held in found.items() if (left := held.difference(manifests_held(store, portal)))}


def _unreferenced(store: Store) -> Iterator[str]:
    """Manifests of no run: two sorted streams side by side, so that no list of all is in memory."""
    listed = store.db["runs"].aggregate(
        [{"$match": {"manifest": {"$ne": None}}}, {"$group": {"_id": "$manifest"}}, {"$sort": {"_id": 1}}],
        allowDiskUse=True,
    )
    wanted = next(listed, None)
    for stored in store.db["manifests"].find({}, {"_id": 1}).sort("_id", 1):
        while wanted is not None and wanted["_id"] < stored["_id"]:
            wanted = next(listed, None)
        if wanted is None or wanted["_id"] != stored["_id"]:
            yield stored["_id"]


def _portal_of(store: Store, address: str) -> str:
    """The portal whose datasets a manifest lists; empty if no version of it is stored."""
    for chunk in list(get_manifest(store.db, address).chunks.values())[:1]:
        for _, lines in read_lines(store.db, [chunk]):
            versions = [read_canonical(line)["version"] for line in lines]
            found = store.db["versions"].find_one({"_id": {"$in": versions}}, {"portal": 1})
            return str(found["portal"]) if found else ""
    return ""
