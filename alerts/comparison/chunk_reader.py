"""Reads manifests and versions from the store for a fold: of each only what is asked for, a part of it at a time."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from alerts.comparison.run_view import Entries
from alerts.comparison.streamed_entries import StreamedEntries
from alerts.model.catalogue_dates import mark
from opendata_spiders.store.content import batches
from opendata_spiders.store.manifests import (
    BUCKETS,
    LINES_AT_ONCE,
    Manifest,
    bucket,
    differing_lines,
    entry_of,
    get_manifest,
    id_of,
    read_lines,
)
from opendata_spiders.store.models import Entry, Version
from opendata_spiders.store.store import Store
from opendata_spiders.store.versions import get_page_urls

_LINES_KEPT, _ENTRIES_KEPT, _VERSIONS_KEPT = 60_000, 1 << 15, 20_000
"""What is kept for the next question, and for the fold of the next run; together less than 200 MB."""


class ManifestEntries(StreamedEntries):
    """The entries of a manifest by native id; a lookup reads one chunk."""

    def __init__(self, manifest: Manifest, reader: "ChunkReader") -> None:
        self._manifest = manifest
        self._reader = reader

    def __getitem__(self, name: str) -> Entry:
        address = self._manifest.chunks.get(bucket(name))
        found = self._reader.find(address, name) if address else None
        if found is None:
            raise KeyError(name)
        return found

    def __len__(self) -> int:
        return self._manifest.n

    def stream(self) -> Iterator[Entry]:
        return self._reader.decoded(self._manifest)


class ChunkReader:
    """A `ManifestReader` on the store that keeps a bounded part of what it has read, from one fold to the next.

    Two manifests of a portal share unchanged chunks, and two chunks share unchanged entries.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._manifests: dict[str | None, Manifest] = {}
        self._lines: dict[str, list[bytes]] = {}
        """Chunks by their hash, the one read last at the end."""
        self._entry = lru_cache(_ENTRIES_KEPT)(entry_of)
        self._changed: dict[tuple[str | None, str | None], tuple[Entries, Entries]] = {}
        """What differs, by two manifests."""
        self._versions: dict[str, Version] = {}
        """Without evidence, by id."""
        self._page_urls: dict[str, str] = {}

    def entries(self, manifest: str | None) -> Entries:
        """All entries of a manifest by native id; none for None. Raises StoreError if the manifest is missing."""
        return ManifestEntries(self._manifest(manifest), self)

    def marked(self, manifest: str | None, marks: Collection[bytes]) -> Iterator[Entry]:
        """The entries of a manifest whose native ids have these marks (`catalogue_dates.mark`)."""
        whole, wanted = self._manifest(manifest), defaultdict[str, set[bytes]](set)
        for one in marks:
            wanted[f"{one[0]:02x}"].add(one)
        places = sorted(wanted.keys() & whole.chunks.keys())
        for place, lines in zip(places, self._chunks(whole, places), strict=True):
            found = (line for line in lines if mark(id_of(line)) in wanted[place])
            yield from map(self._entry, found)

    def changed_entries(self, before: str | None, after: str | None) -> tuple[Entries, Entries]:
        """The entries that differ between two manifests, as each of them has them; shared chunks are not read."""
        if (before, after) not in self._changed:
            self._changed[before, after] = self._differing(self._manifest(before), self._manifest(after))
        return self._changed[before, after]

    def _differing(self, before: Manifest, after: Manifest) -> tuple[Entries, Entries]:
        old, new = dict[str, Entry](), dict[str, Entry]()
        for lines in differing_lines(self._store.db, before, after, self._read):
            gone, came = (sorted(map(self._entry, side), key=lambda entry: entry.id) for side in lines)
            left, right = {entry.id: entry for entry in gone}, {entry.id: entry for entry in came}
            # Another version of this program may have written an equal entry as another line.
            old |= {name: entry for name, entry in left.items() if right.get(name) != entry}
            new |= {name: entry for name, entry in right.items() if left.get(name) != entry}
        return old, new

    def versions(self, ids: Iterable[str], *, evidence: bool = True) -> Mapping[str, Version]:
        """Versions by id, without bodies; without `evidence` their page_url stays empty as well."""
        wanted = set(ids)
        if wanted - self._versions.keys():
            if len(self._versions) > _VERSIONS_KEPT:
                self._versions.clear()
            self._versions |= self._store.versions(wanted - self._versions.keys(), evidence=False)
        found = {name: self._versions[name] for name in wanted if name in self._versions}
        if not evidence:
            return found
        if missing := found.keys() - self._page_urls.keys():
            self._page_urls |= get_page_urls(self._store.db, missing)
        return {name: replace(one, page_url=self._page_urls[name]) for name, one in found.items()}

    def keep(self, *manifests: str | None) -> None:
        """Forget all manifests but these, of which the next run is compared with one, and all versions."""
        self._manifests = {name: self._manifest(name) for name in manifests}
        self._changed = {pair: found for pair, found in self._changed.items() if self._manifests.keys() >= {*pair}}
        self._versions.clear()
        self._page_urls.clear()

    def find(self, address: str, name: str) -> Entry | None:
        """The entry with the native id `name` in the chunk with the hash `address`; its lines are sorted by id."""
        (lines,) = self._read([address])
        place = bisect_left(lines, name, key=lambda line: self._entry(line).id)
        entry = self._entry(lines[place]) if place < len(lines) else None
        return entry if entry and entry.id == name else None

    def decoded(self, manifest: Manifest) -> Iterator[Entry]:
        """All entries of a manifest."""
        return (self._entry(line) for lines in self._chunks(manifest, manifest.chunks) for line in lines)

    def _chunks(self, manifest: Manifest, places: Iterable[str]) -> Iterator[list[bytes]]:
        """The lines of a manifest's chunks in these places, in their order; only some of them are read together."""
        for batch in batches(places, _chunks_at_once(manifest.n)):
            yield from self._read([manifest.chunks[place] for place in batch])

    def _read(self, addresses: Sequence[str]) -> list[list[bytes]]:
        """The lines of each of these chunks."""
        found = {name: self._lines.pop(name) for name in addresses if name in self._lines}
        found |= read_lines(self._store.db, [name for name in addresses if name not in found])
        self._lines |= found
        spare = sum(map(len, self._lines.values())) - _LINES_KEPT
        for name in [*self._lines]:
            if spare > 0:
                spare -= len(self._lines.pop(name))
        return [found[name] for name in addresses]

    def _manifest(self, address: str | None) -> Manifest:
        if address not in self._manifests:
            self._manifests[address] = get_manifest(self._store.db, address)
        return self._manifests[address]


def _chunks_at_once(datasets: int) -> int:
    """How many chunks of a catalogue of so many datasets are read together."""
    return max(1, LINES_AT_ONCE * BUCKETS // max(1, datasets))
