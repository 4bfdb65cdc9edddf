"""Deletes the lists of thinned runs: manifests, chunks and versions that nothing else of the portal refers to.

Safe beside everything else. A crawl of the portal is kept out by its lease. A diff or a correction may reuse a chunk
that is about to go: each transaction that deletes also raises the counter by which they find out that what they loaded
is no longer so, and they begin again. Chunks and versions belong to one portal, for a version's id is made of it.

A process that ends on the way leaves a marker with the chunks that it had not come to, and the next one goes on.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from graphlib import TopologicalSorter
from itertools import chain
from typing import Any

from pymongo.client_session import ClientSession

from alerts.records.citations import cited_versions
from alerts.upkeep.references import manifests_held, named_in_memory, parts_query
from opendata_spiders.store.content import batches, read_canonical
from opendata_spiders.store.errors import StoreError
from opendata_spiders.store.leases import Lease
from opendata_spiders.store.manifests import NOTHING, Manifest, differing_lines, get_manifest, read_lines
from opendata_spiders.store.store import Store
from opendata_spiders.store.writing import missing_ids

_AT_ONCE = 200
"""Documents deleted in one transaction: the embedded database ends one after twenty seconds."""
_ALIVE_AT_ONCE = 64
_LOOKED_UP = 1000
_PENDING: Mapping[str, Any] = {"chunks": {"$exists": True}}
"""The query for markers of manifests whose chunks are still to be looked at."""
_VERSIONS_GONE = "versions_gone"
"""Field of such a marker once the versions of its chunks were deleted."""


class DisturbedError(StoreError):
    """Raised when a diff or a correction of the portal was committed meanwhile: it may refer to what was to go."""


@dataclass(frozen=True, slots=True)
class Swept:
    """How many documents were deleted."""

    manifests: int = 0
    chunks: int = 0
    versions: int = 0

    def __add__(self, more: "Swept") -> "Swept":
        return Swept(self.manifests + more.manifests, self.chunks + more.chunks, self.versions + more.versions)


@dataclass
class Sweep:
    """The sweep of one portal, whose lease is held."""

    store: Store
    lease: Lease
    now: datetime
    """Domain time (UTC)."""
    upkeep: Lease | None = None
    """The lease under which the whole database is thinned out; renewed with the portal's."""
    _believed: dict[str, tuple[int, int]] = field(init=False)
    """Of each memory of the portal: its last run and how often it was corrected, as they must still be."""

    def __post_init__(self) -> None:
        found = self.store.db["states"].find(parts_query(self.portal), {"last_seq": 1, "corrections": 1})
        self._believed = {one["_id"]: (one["last_seq"], one.get("corrections") or 0) for one in found}

    def _beat(self) -> None:
        self.lease.beat()
        if self.upkeep:
            self.upkeep.beat()

    @property
    def portal(self) -> str:
        """Its id."""
        return self.lease.portal

    def run(self, dead: Iterable[str], *, strays: Collection[str] = ()) -> Swept:
        """Delete these manifests, and what the sweep before left; `strays` among them never belonged to a run.

        Raises DisturbedError.
        """
        gone = 0
        for batch in batches(sorted({*dead, *strays}), _AT_ONCE):
            gone += self._delete(partial(self._bury, batch, strays))
        versions = self._drop_versions()
        chunks = self._drop("chunks", self._those_on_them_first(self._dead_chunks({})))
        swept = Swept(gone, versions=versions, chunks=chunks)
        pruned = self.store.db["pruned"]
        pruned.delete_many({"portal": self.portal, "stray": True})
        pruned.update_many({"portal": self.portal, **_PENDING}, {"$unset": {"chunks": 1, _VERSIONS_GONE: 1}})
        return swept

    def _drop_versions(self) -> int:
        """Before the chunks that name them go, after which nobody could tell which they were."""
        untold = {_VERSIONS_GONE: {"$exists": False}}
        dead = self._dead_chunks(untold)
        versions = self._versions_of(dead)
        dropped = self._drop("versions", sorted(versions - self._versions_alive(versions)))
        self.store.db["pruned"].update_many({"portal": self.portal, **_PENDING}, {"$set": {_VERSIONS_GONE: True}})
        return dropped

    def _dead_chunks(self, which: Mapping[str, Any]) -> set[str]:
        """The stored chunks of these markers, and those they stand on, that nothing of the portal holds any more."""
        found = self.store.db["pruned"].find({"portal": self.portal, **_PENDING, **which}, {"chunks": 1})
        chunks = {chunk for one in found for chunk in one["chunks"]}
        chunks |= self._bases(chunks)
        chunks -= missing_ids(self.store.db["chunks"], chunks)
        return chunks - self._chunks_alive(chunks)

    def _bury(self, manifests: list[str], strays: Collection[str], session: ClientSession) -> int:
        """Replace manifests by markers, which name the chunks to be looked at."""
        db = self.store.db
        read = {
            one["_id"]: one["at"]
            for one in db["runs"].aggregate(
                [
                    {"$match": {"portal": self.portal, "manifest": {"$in": manifests}}},
                    {"$group": {"_id": "$manifest", "at": {"$max": "$at"}}},
                ]
            )
        }
        for address in manifests:
            known = get_manifest(db, address)
            marker: dict[str, Any] = {
                "portal": self.portal,
                "n": known.n,
                "read": read.get(address, self.now),
                "at": self.now,
                "chunks": sorted(known.chunks.values()),
            }
            if address in strays:
                marker["stray"] = True
            db["pruned"].replace_one({"_id": address}, marker, upsert=True, session=session)
        return db["manifests"].delete_many({"_id": {"$in": manifests}}, session=session).deleted_count

    def _chunks_alive(self, wanted: Collection[str]) -> set[str]:
        """Those of the chunks that a stored manifest of the portal holds, or that such a chunk stands on."""
        alive: set[str] = set()
        for manifest in self._manifests() if wanted else ():
            alive.update(manifest.chunks.values())
        return (alive | self._bases(alive)).intersection(wanted) if wanted else set()

    def _bases(self, chunks: Collection[str]) -> set[str]:
        """The chunks that these stand on, directly or not: a chunk may be stored as what differs from its base."""
        found: set[str] = set()
        frontier = set(chunks)
        while frontier:
            told: set[str] = set()
            for batch in batches(sorted(frontier), _LOOKED_UP):
                self._beat()
                query = {"_id": {"$in": batch}, "base": {"$exists": True}}
                told |= {one["base"] for one in self.store.db["chunks"].find(query, {"base": 1})}
            frontier = told - found
            found |= frontier
        return found

    def _those_on_them_first(self, chunks: Collection[str]) -> list[str]:
        """The chunks in an order in which each comes before its base.

        A chunk whose base is gone cannot be read, and yet counts as stored for whoever writes the same one again.
        """
        standing: dict[str, set[str]] = {chunk: set() for chunk in chunks}
        for batch in batches(sorted(chunks), _LOOKED_UP):
            query = {"_id": {"$in": batch}, "base": {"$exists": True}}
            for one in self.store.db["chunks"].find(query, {"base": 1}):
                standing.setdefault(one["base"], set()).add(one["_id"])
        return [chunk for chunk in TopologicalSorter(standing).static_order() if chunk in chunks]

    def _manifests(self) -> Iterator[Manifest]:
        """Each stored manifest that the portal refers to."""
        manifests, seen = self.store.db["manifests"], set[str]()
        for batch in batches(manifests_held(self.store, self.portal), _ALIVE_AT_ONCE):
            self._beat()
            fresh = [one for one in dict.fromkeys(batch) if one not in seen]
            seen.update(fresh)
            stored = {one["_id"] for one in manifests.find({"_id": {"$in": fresh}}, {"_id": 1})}
            yield from (get_manifest(self.store.db, one) for one in fresh if one in stored)

    def _versions_of(self, chunks: Collection[str]) -> set[str]:
        found: set[str] = set()
        for batch in batches(sorted(chunks), _ALIVE_AT_ONCE):
            self._beat()
            for _, lines in read_lines(self.store.db, batch):
                found.update(read_canonical(line)["version"] for line in lines)
        return found

    def _versions_alive(self, wanted: Collection[str]) -> set[str]:
        """Those of the versions that a list or an excerpt of the portal names, or what is believed of it or shown."""
        left = set(wanted) - named_in_memory(self.store, self.portal, wanted)
        query = {"portal": self.portal, "version": {"$in": sorted(left)}}
        left -= {one["version"] for one in self.store.db["datasets"].find(query, {"version": 1})} if left else set()
        for named in chain(cited_versions(self.store, self.portal), self._versions_listed()) if left else ():
            left -= named
            if not left:
                break
        return set(wanted) - left

    def _versions_listed(self) -> Iterator[set[str]]:
        """The versions in the stored lists of the portal: those of the first, then what each has beside the one before.

        Of lists that stand on one another, what differs is all that is read.
        """
        before = NOTHING
        for manifest in self._manifests():
            for _, came in differing_lines(self.store.db, before, manifest):
                yield {read_canonical(line)["version"] for line in came}
            before = manifest

    def _drop(self, name: str, ids: Iterable[str]) -> int:
        def delete(batch: list[str], session: ClientSession) -> int:
            return self.store.db[name].delete_many({"_id": {"$in": batch}}, session=session).deleted_count

        return sum(self._delete(partial(delete, batch)) for batch in batches(ids, _AT_ONCE))

    def _delete(self, work: Callable[[ClientSession], int]) -> int:
        """Delete in a transaction that a diff or correction which is under way meets as a correction by another."""
        self._beat()

        def touched(session: ClientSession) -> int:
            for part, (last, corrections) in self._believed.items():
                known = {"_id": part, "last_seq": last, "corrections": corrections or {"$in": [0, None]}}
                change = {"$inc": {"corrections": 1}}
                if not self.store.db["states"].update_one(known, change, session=session).matched_count:
                    raise DisturbedError(
                        f"{self.lease.slug} is being compared or corrected; it is thinned out the next time"
                    )
            return work(session)

        count = self.store.transact(touched)
        self._believed = {part: (last, corrections + 1) for part, (last, corrections) in self._believed.items()}
        return count
