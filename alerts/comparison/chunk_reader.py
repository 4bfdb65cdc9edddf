"""Manifests as a fold reads them from the store: every chunk is loaded and decoded once."""

from collections.abc import Iterable, Mapping

from alerts.comparison.run_view import Entries
from opendata_spiders.store.manifests import get_manifest, read_chunks
from opendata_spiders.store.models import Entry, Version
from opendata_spiders.store.store import Store


class ChunkReader:
    """A `ManifestReader` on the store that holds decoded chunks from one fold to the next.

    Two manifests of a portal share the chunks in which nothing changed; `keep` drops those that are not needed again.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._chunks: dict[str, dict[str, Entry]] = {}
        """Decoded chunks by their hash; entries by native id."""
        self._whole: dict[str, dict[str, Entry]] = {}
        """All entries of the manifests that were asked for whole, by the manifest's hash."""

    def entries(self, manifest: str | None) -> Entries:
        """All entries of a manifest by native id; none for None. Raises StoreError if it is not there."""
        if manifest is None:
            return {}
        if manifest not in self._whole:
            self._whole[manifest] = self._of(self._buckets(manifest).values())
        return self._whole[manifest]

    def changed_entries(self, before: str | None, after: str | None) -> tuple[Entries, Entries]:
        """The entries of both manifests in those chunks that differ; chunks that both have are not read."""
        if before == after:
            return {}, {}
        old, new = self._buckets(before), self._buckets(after)
        differing = [name for name in old.keys() | new.keys() if old.get(name) != new.get(name)]
        return (
            self._of(old[name] for name in differing if name in old),
            self._of(new[name] for name in differing if name in new),
        )

    def versions(self, ids: Iterable[str], *, evidence: bool = True) -> Mapping[str, Version]:
        """Versions by id; without `evidence` their page_url and bodies stay empty."""
        return self._store.versions(ids, evidence=evidence)

    def keep(self, manifest: str | None) -> None:
        """Drop all chunks but those of this manifest, the one that the next run is compared with."""
        wanted = set(self._buckets(manifest).values())
        self._chunks = {name: chunk for name, chunk in self._chunks.items() if name in wanted}
        self._whole = {name: whole for name, whole in self._whole.items() if name == manifest}

    def _buckets(self, manifest: str | None) -> Mapping[str, str]:
        return get_manifest(self._store.db, manifest).chunks

    def _of(self, chunks: Iterable[str]) -> dict[str, Entry]:
        wanted = list(chunks)
        missing = [name for name in wanted if name not in self._chunks]
        for name, entries in read_chunks(self._store.db, missing):
            self._chunks[name] = {entry.id: entry for entry in entries}
        return {id_: entry for name in wanted for id_, entry in self._chunks[name].items()}
