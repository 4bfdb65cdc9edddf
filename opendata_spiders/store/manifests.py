"""Manifests: the entries of one reading in 256 chunks by hash of the native id, each stored once under its own hash.

An unchanged night gives the same chunks and the same manifest, and so writes nothing.
"""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import MISSING, dataclass, field, fields

from opendata_spiders.store.codec import from_document, from_line, to_document
from opendata_spiders.store.content import batches, canonical, digest, pack, read_canonical, unpack
from opendata_spiders.store.errors import PrunedError, StoreError
from opendata_spiders.store.models import Entry
from opendata_spiders.store.writing import StoreDatabase, add_new, missing_ids

READ_AT_ONCE = 64
"""Chunks to a query; one holds a few hundred entries of the biggest portals."""


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
    db: StoreDatabase, entries: Iterable[Entry], over: str | None = None, without: Collection[str] = ()
) -> str:
    """Store a set of entries and return the hash of its manifest; nothing is written if it is there already.

    Entries of the manifest `over` that are not replaced are part of the set, but for the native ids `without`; its
    chunks that hold neither are not read. Chunks are written before the manifest, so a manifest that can be read has
    all its chunks.
    """
    known, buckets, dropped = get_manifest(db, over), _cut(entries), frozenset(without)
    for name in map(bucket, dropped):
        buckets.setdefault(name, {})
    places = {known.chunks[name]: name for name in buckets if name in known.chunks}
    replaced = 0
    for address, lines in read_lines(db, places):
        replaced += len(lines)
        place = places[address]
        kept = {id_: line for line in lines if (id_ := _id_of(line)) not in dropped}
        buckets[place] = {**kept, **buckets[place]}
    emptied = [name for name, lines in buckets.items() if not lines]
    texts = {name: b"\n".join(lines[key] for key in sorted(lines)) for name, lines in buckets.items() if lines}
    fresh = {name: digest(text) for name, text in texts.items()}
    chunks = {name: chunk for name, chunk in sorted({**known.chunks, **fresh}.items()) if name not in emptied}
    address = digest(canonical(chunks))
    if not missing_ids(db.manifests, [address]):
        return address
    missing = missing_ids(db.chunks, fresh.values())
    add_new(
        db.chunks,
        (
            {"_id": fresh[name], "n": len(buckets[name]), "blob": pack(text)}
            for name, text in texts.items()
            if fresh[name] in missing
        ),
    )
    count = known.n - replaced + sum(map(len, buckets.values()))
    add_new(db.manifests, [to_document(Manifest(address, chunks, count))])
    return address


def get_manifest(db: StoreDatabase, address: str | None) -> Manifest:
    """Return a manifest; NOTHING for None (a portal that was never read).

    Raises PrunedError if it was thinned out with other old readings, StoreError if it is not stored.
    """
    if address is None:
        return NOTHING
    found = db.manifests.find_one({"_id": address})
    if found is None:
        raise _gone(db, address)
    return from_document(Manifest, found)


def _gone(db: StoreDatabase, address: str) -> StoreError:
    """Say why a manifest is not stored."""
    pruned = db.pruned.find_one({"_id": address})
    if pruned is None:
        return StoreError(f"Manifest {address} is missing from the store; restore the database from a backup")
    return PrunedError(
        f"The list of {pruned['n']:,} datasets as read on {pruned['read']:%Y-%m-%d} ({address}) was thinned out "
        f"on {pruned['at']:%Y-%m-%d}, as old lists are that no event cites: name a later reading"
    )


def read_lines(db: StoreDatabase, addresses: Iterable[str]) -> Iterator[tuple[str, list[bytes]]]:
    """Yield the chunks asked for, by address, in no particular order; each entry as the line that holds it.

    Equal entries are equal lines. Raises StoreError if a chunk is not there.
    """
    wanted = set(addresses)
    for batch in batches(sorted(wanted), READ_AT_ONCE):
        for found in db.chunks.find({"_id": {"$in": batch}}):
            wanted.discard(found["_id"])
            yield found["_id"], unpack(found["blob"]).split(b"\n")
    if wanted:
        raise StoreError(
            f"{len(wanted)} manifest chunks are missing from the store; restore the database from a backup"
        )


def entry_of(line: bytes) -> Entry:
    """Return the entry that a line of a chunk holds."""
    return from_line(Entry, line)


def _id_of(line: bytes) -> str:
    id_: str = read_canonical(line)["id"]
    return id_


def read_chunks(db: StoreDatabase, addresses: Iterable[str]) -> Iterator[tuple[str, list[Entry]]]:
    """Yield the chunks asked for, by address, in no particular order. Raises StoreError if one is not there."""
    return ((address, [entry_of(line) for line in lines]) for address, lines in read_lines(db, addresses))


def read_entries(db: StoreDatabase, chunks: Mapping[str, str]) -> dict[str, Entry]:
    """Return all entries of some chunks (bucket to hash), by native id."""
    return {entry.id: entry for _, entries in read_chunks(db, chunks.values()) for entry in entries}


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
