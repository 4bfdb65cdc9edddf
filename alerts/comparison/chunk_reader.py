"""Manifests as a fold reads them from the store: each manifest, chunk, entry and version is loaded and decoded once."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain

from alerts.comparison.run_view import Entries
from opendata_spiders.store.manifests import Manifest, bucket, entry_of, get_manifest, read_lines
from opendata_spiders.store.models import Entry, Version
from opendata_spiders.store.store import Store
from opendata_spiders.store.versions import get_page_urls


class Catalogue(Mapping[str, Entry]):
    """The entries of a manifest by native id: one that is asked for costs its chunk, walking through costs all."""

    def __init__(self, manifest: Manifest, reader: "ChunkReader") -> None:
        self._manifest = manifest
        self._reader = reader
        self._chunks: dict[str, dict[str, Entry]] = {}
        """Decoded entries by bucket."""
        self._whole: dict[str, Entry] | None = None

    def __getitem__(self, name: str) -> Entry:
        return (self._chunk(bucket(name)) if self._whole is None else self._whole)[name]

    def __iter__(self) -> Iterator[str]:
        if self._whole is None:
            self._reader.load(self._manifest.chunks.values())
            chunks = map(self._chunk, self._manifest.chunks)
            self._whole = {name: entry for chunk in chunks for name, entry in chunk.items()}
        return iter(self._whole)

    def __len__(self) -> int:
        return self._manifest.n

    def _chunk(self, place: str) -> dict[str, Entry]:
        if place not in self._chunks:
            address = self._manifest.chunks.get(place)
            self._chunks[place] = self._reader.chunk(address) if address else {}
        return self._chunks[place]


class ChunkReader:
    """A `ManifestReader` on the store that holds what it has read from one fold to the next.

    Two manifests of a portal share the chunks in which nothing changed, and two chunks the entries that did not; `keep`
    drops what is not needed again.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._manifests: dict[str | None, Manifest] = {}
        self._catalogues: dict[str | None, Catalogue] = {}
        self._lines: dict[str, list[bytes]] = {}
        """Chunks by their hash."""
        self._entries: dict[bytes, Entry] = {}
        """Decoded lines."""
        self._versions: dict[str, Version] = {}
        """Without evidence, by id."""
        self._page_urls: dict[str, str] = {}

    def entries(self, manifest: str | None) -> Entries:
        """All entries of a manifest by native id; none for None. Raises StoreError if it is not there."""
        if manifest not in self._catalogues:
            self._catalogues[manifest] = Catalogue(self._manifest(manifest), self)
        return self._catalogues[manifest]

    def changed_entries(self, before: str | None, after: str | None) -> tuple[Entries, Entries]:
        """The entries that differ from one manifest to the other, as either has them; chunks both have are not read."""
        if before == after:
            return {}, {}
        old, new = self._manifest(before).chunks, self._manifest(after).chunks
        differing = [name for name in sorted(old.keys() | new.keys()) if old.get(name) != new.get(name)]
        addresses = [[chunks[name] for name in differing if name in chunks] for chunks in (old, new)]
        self.load(chain(*addresses))
        lines = [[line for address in side for line in self._lines[address]] for side in addresses]
        shared = set(lines[0]).intersection(lines[1])
        left, right = ([self._entry(line) for line in side if line not in shared] for side in lines)
        old_entries, new_entries = {entry.id: entry for entry in left}, {entry.id: entry for entry in right}
        # Another version of this program may have written an equal entry as another line.
        for name in [name for name, entry in old_entries.items() if new_entries.get(name) == entry]:
            del old_entries[name], new_entries[name]
        return old_entries, new_entries

    def versions(self, ids: Iterable[str], *, evidence: bool = True) -> Mapping[str, Version]:
        """Versions by id, without bodies; without `evidence` their page_url stays empty as well."""
        wanted = set(ids)
        if missing := wanted - self._versions.keys():
            self._versions |= self._store.versions(missing, evidence=False)
        found = {name: self._versions[name] for name in wanted if name in self._versions}
        if not evidence:
            return found
        if missing := found.keys() - self._page_urls.keys():
            self._page_urls |= get_page_urls(self._store.db, missing)
        return {name: replace(one, page_url=self._page_urls[name]) for name, one in found.items()}

    def keep(self, manifest: str | None) -> None:
        """Drop all but the chunks of this manifest, the one that the next run is compared with."""
        known = self._manifest(manifest)
        self._manifests = {manifest: known}
        self._lines = {name: self._lines[name] for name in known.chunks.values() if name in self._lines}
        wanted = {line for lines in self._lines.values() for line in lines}
        self._entries = {line: entry for line, entry in self._entries.items() if line in wanted}
        for cache in (self._catalogues, self._versions, self._page_urls):
            cache.clear()

    def load(self, chunks: Iterable[str]) -> None:
        """Read these chunks at once, by their hashes, so that each of them is at hand."""
        missing = [name for name in chunks if name not in self._lines]
        self._lines.update(read_lines(self._store.db, missing))

    def chunk(self, address: str) -> dict[str, Entry]:
        """The entries of a chunk by native id."""
        self.load([address])
        return {entry.id: entry for entry in map(self._entry, self._lines[address])}

    def _entry(self, line: bytes) -> Entry:
        if line not in self._entries:
            self._entries[line] = entry_of(line)
        return self._entries[line]

    def _manifest(self, address: str | None) -> Manifest:
        if address not in self._manifests:
            self._manifests[address] = get_manifest(self._store.db, address)
        return self._manifests[address]
