"""Manifests: the entries of one reading in 256 chunks by hash of the native id, each stored once under its own hash.

An unchanged night gives the same chunks and the same manifest, and so writes nothing. A night with few changes writes
of its chunks what differs (`chunks.py`).
"""

import hashlib
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields

from opendata_spiders.store.chunks import READ_AT_ONCE, ChunkRead, Lines, address_of, differing, put_chunks, read_stored
from opendata_spiders.store.codec import from_document, from_line
from opendata_spiders.store.content import batches, canonical, digest, pack, read_canonical, unpack
from opendata_spiders.store.errors import PrunedError, StoreError
from opendata_spiders.store.models import Entry
from opendata_spiders.store.writing import StoreDatabase, add_new, missing_ids

BUCKETS = 256
LINES_AT_ONCE = 20_000
"""Lines of a manifest that are compared or written together: all of nearly every portal's."""


def _chunks_at_once(n: int) -> int:
    """How many chunks of a manifest of `n` entries are worked on together."""
    return min(READ_AT_ONCE, 1 + LINES_AT_ONCE * BUCKETS // (1 + n))


@dataclass(frozen=True, slots=True)
class Manifest:
    """The chunks that make up one reading."""

    id: str
    chunks: Mapping[str, str] = field(default_factory=dict)
    """Bucket (`00` to `ff`) to hash of the chunk; empty buckets are left out."""
    n: int = 0
    """Entries in all chunks together."""


@dataclass(frozen=True, slots=True)
class SeenAgain:
    """The entries of an earlier manifest that a run saw again as they stand there: all but those it does not list."""

    manifest: str
    unseen: Collection[str]
    """Native ids in the manifest that the run did not see."""


NOTHING = Manifest("")
"""The manifest of a portal that was never read."""


def bucket(dataset: str) -> str:
    """Return the bucket of a native id."""
    return hashlib.sha256(dataset.encode("utf-8", "surrogatepass")).hexdigest()[:2]


_DEFAULTS = {one.name: one.default if one.default is not MISSING else {} for one in fields(Entry)}
"""What a field of an entry holds that its line leaves out; those without a default are never an empty mapping."""


def line_of(entry: Entry) -> bytes:
    """Return the line of a chunk that holds an entry: the fields that differ from their defaults."""
    values = ((name, getattr(entry, name), default) for name, default in _DEFAULTS.items())
    return canonical({name: value for name, value, default in values if value != default})


def _cut(entries: Iterable[Entry]) -> dict[str, dict[str, bytes]]:
    """Encode entries and sort them into buckets, by id; of two entries with one id the later one wins."""
    buckets: dict[str, dict[str, bytes]] = defaultdict(dict)
    for entry in entries:
        buckets[bucket(entry.id)][entry.id] = line_of(entry)
    return buckets


def put_entries(
    db: StoreDatabase,
    entries: Iterable[Entry],
    over: str | None = None,
    without: Collection[str] = (),
    *,
    against: str | None = None,
) -> str:
    """Store a set of entries and return the hash of its manifest; nothing is written if it is there already.

    Entries of the manifest `over` that are not replaced are part of the set, but for the native ids `without`; its
    chunks that hold neither are not read. New chunks may be stored as what differs from those of `over` or, without it,
    of the manifest `against`, as far as that is stored, whose entries are no part of the set. Chunks are written before
    the manifest, so a manifest that can be read has all its chunks.
    """
    known, fresh, dropped = get_manifest(db, over), _cut(entries), defaultdict[str, list[str]](list)
    beside = None if over or missing_ids(db.manifests, [against or ""]) else against
    bases = get_manifest(db, beside).chunks if beside else known.chunks
    for id_ in without:
        dropped[bucket(id_)].append(id_)
    chunks, count = dict(known.chunks), known.n
    most = max(known.n, sum(map(len, fresh.values())))
    for names in batches(sorted({*fresh, *dropped}), _chunks_at_once(most)):
        held = dict(read_stored(db, [chunks[name] for name in names if name in chunks]))
        made = dict[str, tuple[str, list[bytes]]]()
        for name in names:
            former = held[chunks.pop(name)].lines if name in chunks else []
            if lines := _replaced(former, fresh[name], dropped[name]):
                chunks[name] = address_of(lines)
                made[chunks[name]] = bases.get(name, ""), lines
            count += len(lines) - len(former)
        new = {address: made[address] for address in missing_ids(db.chunks, made)}
        held |= read_stored(db, {base for base, _ in new.values() if base}.difference(held))
        put_chunks(db, {address: (lines, held.get(base)) for address, (base, lines) in new.items()})
    text = canonical(chunks)
    address = digest(text)
    if address != known.id:
        add_new(db.manifests, [{"_id": address, "n": count, "chunks": pack(text)}])
    return address


class _Ids(dict[bytes, str]):
    """Native ids by line, each read when it is first asked for."""

    def __missing__(self, line: bytes) -> str:
        self[line] = id_of(line)
        return self[line]


def _replaced(known: Lines, fresh: Mapping[str, bytes], dropped: Iterable[str]) -> list[bytes]:
    """Return the known lines with those of `fresh` (by id) in place of theirs and without `dropped`; all sorted by id.

    Of the known lines only a few are read for each that changes.
    """
    if not known:
        return [fresh[id_] for id_ in sorted(fresh)]
    ids, lines = _Ids(), list(known)
    for id_ in {*fresh, *dropped}:
        place = bisect_left(lines, id_, key=ids.__getitem__)
        end = place + (place < len(lines) and ids[lines[place]] == id_)
        lines[place:end] = [fresh[id_]] if id_ in fresh else []
    return lines


def get_manifest(db: StoreDatabase, address: str | None) -> Manifest:
    """Return a manifest; NOTHING for None (a portal that was never read).

    Raises PrunedError if it was thinned out with other old readings, StoreError if it is not stored.
    """
    if address is None:
        return NOTHING
    found = db.manifests.find_one({"_id": address})
    if found is None:
        raise _gone(db, address)
    packed = isinstance(found["chunks"], bytes)  # older versions stored the mapping itself
    return from_document(Manifest, found | {"chunks": read_canonical(unpack(found["chunks"]))} if packed else found)


def _gone(db: StoreDatabase, address: str) -> StoreError:
    """Say why a manifest is not stored."""
    pruned = db.pruned.find_one({"_id": address})
    if pruned is None:
        return StoreError(f"Manifest {address} is missing from the store; restore the database from a backup")
    return PrunedError(
        f"The list of {pruned['n']:,} datasets as read on {pruned['read']:%Y-%m-%d} ({address}) was thinned out "
        f"on {pruned['at']:%Y-%m-%d}, as old lists are; what events cite of it is kept: name a later reading"
    )


def read_lines(db: StoreDatabase, addresses: Iterable[str]) -> Iterator[tuple[str, list[bytes]]]:
    """Yield the chunks asked for, by address, in no particular order; each entry as the line that holds it.

    Equal entries are equal lines. Raises StoreError if a chunk is not there.
    """
    return ((address, chunk.lines) for address, chunk in read_stored(db, addresses))


def differing_lines(
    db: StoreDatabase,
    before: Manifest,
    after: Manifest,
    read: ChunkRead | None = None,
) -> Iterator[tuple[set[bytes], set[bytes]]]:
    """Yield, bucket by bucket, the lines of the first manifest alone and those of the second alone.

    Chunks that both share are not read; of others what was stored of them as a difference, where that is enough. The
    rest is read whole, by `read` where it is given; a part of it at a time. Raises StoreError if a chunk is not there.
    """

    def read_whole(addresses: Sequence[str]) -> list[list[bytes]]:
        found = dict(read_lines(db, addresses))
        return [found[one] for one in addresses]

    names = sorted(before.chunks.keys() | after.chunks.keys())
    pairs = ((before.chunks.get(name), after.chunks.get(name)) for name in names)
    changed = (pair for pair in pairs if pair[0] != pair[1])
    for batch in batches(changed, _chunks_at_once(max(before.n, after.n))):
        yield from differing(db, batch, read or read_whole)


def entry_of(line: bytes) -> Entry:
    """Return the entry that a line of a chunk holds."""
    return from_line(Entry, line)


_ID = b'"id":"'
"""What stands before the native id in a line: within texts a quote is escaped, and no other key has this name."""


def id_of(line: bytes) -> str:
    """Return the native id in a line of a chunk, of which the rest is decoded only where the id holds escapes."""
    start = line.index(_ID) + len(_ID)
    written = line[start : line.index(b'"', start)]
    return str(read_canonical(line)["id"]) if b"\\" in written else written.decode("utf-8", "surrogatepass")


def read_chunks(db: StoreDatabase, addresses: Iterable[str]) -> Iterator[tuple[str, list[Entry]]]:
    """Yield the chunks asked for, by address, in no particular order. Raises StoreError if one is not there."""
    return ((address, [entry_of(line) for line in lines]) for address, lines in read_lines(db, addresses))


def read_entries(db: StoreDatabase, chunks: Mapping[str, str]) -> dict[str, Entry]:
    """Return all entries of some chunks (bucket to hash), by native id."""
    return {entry.id: entry for _, entries in read_chunks(db, chunks.values()) for entry in entries}


def find_entries(db: StoreDatabase, manifest: Manifest, datasets: Iterable[str]) -> dict[str, Entry]:
    """Return the entries of some native ids, as far as they are in a manifest; of its chunks only theirs are read.

    Raises StoreError if a chunk is not there.
    """
    wanted = defaultdict[str, list[str]](list)
    for one in datasets:
        if chunk := manifest.chunks.get(bucket(one)):
            wanted[chunk].append(one)
    found: dict[str, Entry] = {}
    for chunk, lines in read_lines(db, wanted):
        ids = _Ids()
        for one in wanted[chunk]:
            place = bisect_left(lines, one, key=ids.__getitem__)
            if place < len(lines) and ids[lines[place]] == one:
                found[one] = entry_of(lines[place])
    return found


def overlay(db: StoreDatabase, addresses: Iterable[str]) -> dict[str, Entry]:
    """Return the entries of several manifests, later ones replacing earlier ones by id.

    A chunk that is the same as in the manifest before is not loaded again.
    """
    entries: dict[str, Entry] = {}
    top: dict[str, str] = {}
    for address in addresses:
        chunks = get_manifest(db, address).chunks
        fresh = {name: chunk for name, chunk in chunks.items() if top.get(name) != chunk}
        entries |= read_entries(db, fresh)
        top |= fresh
    return entries
