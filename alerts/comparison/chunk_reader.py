"""Reads manifests from the store for a fold: each manifest, chunk, entry and version is loaded and decoded once."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from alerts.comparison.run_view import Entries
from opendata_spiders.store.manifests import Manifest, bucket, differing_lines, entry_of, get_manifest, read_lines
from opendata_spiders.store.models import Entry, Version
from opendata_spiders.store.store import Store
from opendata_spiders.store.versions import get_page_urls


class ManifestEntries(Mapping[str, Entry]):
    """The entries of a manifest by native id: a lookup reads one chunk, an iteration reads all of them at once."""

    def __init__(self, manifest: Manifest, reader: "ChunkReader") -> None:
        self._manifest = manifest
        self._reader = reader
        self._whole: dict[str, Entry] | None = None

    def __getitem__(self, name: str) -> Entry:
        if self._whole is not None:
            return self._whole[name]
        address = self._manifest.chunks.get(bucket(name))
        found = self._reader.find(address, name) if address else None
        if found is None:
            raise KeyError(name)
        return found

    def __iter__(self) -> Iterator[str]:
        if self._whole is None:
            self._whole = {entry.id: entry for entry in self._reader.decoded(self._manifest.chunks.values())}
        return iter(self._whole)

    def __len__(self) -> int:
        return self._manifest.n


class ChunkReader:
    """A `ManifestReader` on the store that caches what it has read from one fold to the next.

    Two manifests of a portal share unchanged chunks, and two chunks share unchanged entries; `keep` drops the rest.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._manifests: dict[str | None, Manifest] = {}
        self._catalogues: dict[str | None, ManifestEntries] = {}
        self._lines: dict[str, list[bytes]] = {}
        """Chunks by their hash."""
        self._changed: dict[tuple[str | None, str | None], tuple[Entries, Entries]] = {}
        """What differs, by two manifests."""
        self._entries: dict[bytes, Entry] = {}
        """Decoded lines."""
        self._versions: dict[str, Version] = {}
        """Without evidence, by id."""
        self._page_urls: dict[str, str] = {}

    def entries(self, manifest: str | None) -> Entries:
        """All entries of a manifest by native id; none for None. Raises StoreError if the manifest is missing."""
        if manifest not in self._catalogues:
            self._catalogues[manifest] = ManifestEntries(self._manifest(manifest), self)
        return self._catalogues[manifest]

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
        if missing := wanted - self._versions.keys():
            self._versions |= self._store.versions(missing, evidence=False)
        found = {name: self._versions[name] for name in wanted if name in self._versions}
        if not evidence:
            return found
        if missing := found.keys() - self._page_urls.keys():
            self._page_urls |= get_page_urls(self._store.db, missing)
        return {name: replace(one, page_url=self._page_urls[name]) for name, one in found.items()}

    def keep(self, *manifests: str | None) -> None:
        """Drop all but what was read of these manifests: of the one that the next run is compared with."""
        self._manifests = {name: self._manifest(name) for name in manifests}
        chunks = {name for known in self._manifests.values() for name in known.chunks.values()}
        self._lines = {name: lines for name, lines in self._lines.items() if name in chunks}
        wanted = {line for lines in self._lines.values() for line in lines}
        self._entries = {line: entry for line, entry in self._entries.items() if line in wanted}
        self._changed = {pair: found for pair, found in self._changed.items() if self._manifests.keys() >= {*pair}}
        for cache in (self._catalogues, self._versions, self._page_urls):
            cache.clear()

    def find(self, address: str, name: str) -> Entry | None:
        """The entry with the native id `name` in the chunk with the hash `address`; its lines are sorted by id."""
        lines = self._lines_of([address])
        place = bisect_left(lines, name, key=lambda line: self._entry(line).id)
        entry = self._entry(lines[place]) if place < len(lines) else None
        return entry if entry and entry.id == name else None

    def decoded(self, addresses: Iterable[str]) -> Iterator[Entry]:
        """All entries of some chunks, by their hashes."""
        return map(self._entry, self._lines_of(addresses))

    def _lines_of(self, addresses: Iterable[str]) -> list[bytes]:
        return [line for lines in self._read(list(addresses)) for line in lines]

    def _read(self, addresses: Sequence[str]) -> list[list[bytes]]:
        """The lines of each of these chunks."""
        self._lines.update(read_lines(self._store.db, [name for name in addresses if name not in self._lines]))
        return [self._lines[name] for name in addresses]

    def _entry(self, line: bytes) -> Entry:
        if line not in self._entries:
            self._entries[line] = entry_of(line)
        return self._entries[line]

    def _manifest(self, address: str | None) -> Manifest:
        if address not in self._manifests:
            self._manifests[address] = get_manifest(self._store.db, address)
        return self._manifests[address]
