"""The store with what it has read kept in memory: a year of nights reads the same chunks again and again."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from opendata_spiders.store.connect import Store
from opendata_spiders.store.manifests import Manifest, read_chunks
from opendata_spiders.store.models import Entry, Version


class Shelf(Store):
    """Everything kept is addressed by its content, so it cannot grow stale. Clear it between portals."""

    def __init__(self, store: Store) -> None:
        super().__init__(store.db, store.mode)
        self.clear()

    def clear(self) -> None:
        self._manifests: dict[str, Manifest] = {}
        self._chunks: dict[str, dict[str, Entry]] = {}
        self._versions: dict[str, Version] = {}

    def manifest(self, manifest_hash: str) -> Manifest:
        if manifest_hash not in self._manifests:
            self._manifests[manifest_hash] = super().manifest(manifest_hash)
        return self._manifests[manifest_hash]

    def entries(self, manifest_hash: str | None) -> dict[str, Entry]:
        return self._read(self.manifest(manifest_hash).chunks.values()) if manifest_hash else {}

    def changed_entries(self, before: str | None, after: str | None) -> tuple[dict[str, Entry], dict[str, Entry]]:
        old, new = (self.manifest(one).chunks if one else {} for one in (before, after))
        differing = {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}
        return self._of(old, differing), self._of(new, differing)

    def _of(self, chunks: Mapping[str, str], buckets: set[str]) -> dict[str, Entry]:
        return self._read(chunks[name] for name in sorted(buckets) if name in chunks)

    def _read(self, addresses: Iterable[str]) -> dict[str, Entry]:
        wanted = list(addresses)
        for address, entries in read_chunks(self.db, [one for one in wanted if one not in self._chunks]):
            self._chunks[address] = {entry.id: entry for entry in entries}
        found: dict[str, Entry] = {}
        for address in wanted:
            found |= self._chunks[address]
        return found

    def versions(self, ids: Iterable[str], *, evidence: bool = True) -> dict[str, Version]:
        wanted = set(ids)
        if unknown := wanted - self._versions.keys():
            self._versions |= super().versions(unknown)
        found = {one: self._versions[one] for one in sorted(wanted) if one in self._versions}
        return found if evidence else {one: replace(version, page_url="") for one, version in found.items()}
