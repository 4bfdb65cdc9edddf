"""Chunks: sorted lines under the hash of their text, stored whole or as the lines that differ from another chunk."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from opendata_spiders.store import chains
from opendata_spiders.store.content import batches, canonical, digest, pack, read_canonical, unpack
from opendata_spiders.store.errors import StoreError
from opendata_spiders.store.writing import Document, StoreDatabase, add_new, missing_ids

Lines = Sequence[bytes]

READ_AT_ONCE = 64
"""Chunks read together; one holds a few hundred entries of the biggest portals."""


@dataclass(frozen=True, slots=True)
class ChunkDifference:
    """The lines in which two chunks differ; all others are in both, in the same order."""

    gone: Mapping[int, bytes]
    """By their places in the first chunk."""
    came: Mapping[int, bytes]
    """By their places in the second."""

    @classmethod
    def between(cls, before: Lines, after: Lines) -> "ChunkDifference":
        """Compare two chunks."""
        return cls(_not_in(set(after), before), _not_in(set(before), after))

    @classmethod
    def unpacked(cls, blob: bytes) -> "ChunkDifference":
        """Undo `packed`."""
        head, *lines = unpack(blob).split(b"\n")
        gone, came = read_canonical(head)
        return cls(dict(zip(gone, lines, strict=False)), dict(zip(came, lines[len(gone) :], strict=True)))

    def packed(self) -> bytes:
        """Return it as it is stored: a line of the places of both, then the lines themselves, compressed."""
        return pack(
            b"\n".join((canonical([list(self.gone), list(self.came)]), *self.gone.values(), *self.came.values()))
        )

    def inverse(self) -> "ChunkDifference":
        """Return the difference of the same two chunks in the other order."""
        return ChunkDifference(self.came, self.gone)

    def applied(self, lines: Lines) -> list[bytes]:
        """Turn the lines of the first chunk into those of the second; raises StoreError if they are of another one."""
        if any(place >= len(lines) or lines[place] != line for place, line in self.gone.items()):
            raise StoreError("A chunk does not fit the one it was stored against; restore the database from a backup")
        kept = [line for place, line in enumerate(lines) if place not in self.gone]
        for place in sorted(self.came):
            kept.insert(place, self.came[place])
        return kept


def _not_in(others: set[bytes], lines: Lines) -> dict[int, bytes]:
    return {place: line for place, line in enumerate(lines) if line not in others}


@dataclass(frozen=True, slots=True)
class Chunk:
    """A chunk as it was read."""

    lines: list[bytes]
    chain: Sequence[Document]
    """Its document and those that it stands on, the whole one last."""


def address_of(lines: Lines) -> str:
    """Return the address of a chunk: the hash of its text, however it is stored."""
    return digest(b"\n".join(lines))


def read_stored(
    db: StoreDatabase, addresses: Iterable[str], held: dict[str, Document] | None = None
) -> Iterator[tuple[str, Chunk]]:
    """Yield the chunks asked for, by address, in no particular order. Raises StoreError if one is not there.

    `held`: documents loaded before, to which those that are loaded now are added.
    """
    for batch in batches(sorted(set(addresses)), READ_AT_ONCE):
        documents = {} if held is None else held
        _extend(documents, db, batch)
        for address in batch:
            chain = chains.chain(documents, address)
            yield address, Chunk(_lines(chain), chain)


def put_chunks(db: StoreDatabase, chunks: Mapping[str, tuple[Lines, Chunk | None]]) -> None:
    """Store chunks (address to lines, and the chunk that they were made of) that are not stored yet."""
    missing = missing_ids(db.chunks, chunks)
    add_new(db.chunks, (_document(address, *chunks[address]) for address in sorted(missing)))


def _document(address: str, lines: Lines, former: Chunk | None) -> Document:
    document = {"_id": address, "n": len(lines)}
    if former is not None:
        blob = ChunkDifference.between(former.lines, lines).packed()
        if chains.may_stand_on(former.chain, blob):
            return document | {"base": former.chain[0]["_id"], "blob": blob}
    return document | {"blob": pack(b"\n".join(lines))}


def differing(
    db: StoreDatabase, pairs: Iterable[tuple[str | None, str | None]], held: dict[str, Document] | None = None
) -> Iterator[tuple[set[bytes], set[bytes]]]:
    """Yield for each pair of chunks (None: no lines), in their order, the lines of the first and of the second alone.

    Where the second was stored as what differs from the first, in whatever steps, only these steps are read; where both
    stand on a third, the steps from there to both; else both chunks. `held` and errors as for `read_stored`.
    """
    for batch in batches(pairs, READ_AT_ONCE):
        documents = {} if held is None else held
        _extend(documents, db, [one for _, one in batch if one], enough=[one for one, _ in batch if one])
        apart = [pair for pair in batch if pair[0] not in chains.way(documents, pair[1])]
        _extend(documents, db, [one for pair in apart for one in pair if one])
        for before, after in batch:
            yield _differing(documents, before, after)


def _differing(held: Mapping[str, Document], before: str | None, after: str | None) -> tuple[set[bytes], set[bytes]]:
    old, new = chains.way(held, before), chains.way(held, after)
    meeting = next((address for address in new if address in old), None)
    if meeting is None:
        first, second = (set(_lines([held[one] for one in way])) for way in (old, new))
        return first - second, second - first
    back = [_difference(held[one]).inverse() for one in old[: old.index(meeting)]]
    forth = [_difference(held[one]) for one in new[: new.index(meeting)]]
    gone, came = set[bytes](), set[bytes]()
    for step in (*back, *reversed(forth)):
        left, arrived = set(step.gone.values()), set(step.came.values())
        gone, came = gone - arrived | left - came, came - left | arrived - gone
    return gone, came


def _extend(
    held: dict[str, Document], db: StoreDatabase, addresses: Collection[str], enough: Collection[str] = ()
) -> None:
    if missing := chains.extend(held, db.chunks, addresses, enough):
        raise StoreError(
            f"{len(missing)} manifest chunks are missing from the store; restore the database from a backup"
        )


def _lines(chain: Sequence[Document]) -> list[bytes]:
    """Return the lines of the first chunk of a chain; none of an empty one."""
    if not chain:
        return []
    *differences, whole = chain
    lines = unpack(whole["blob"]).split(b"\n")
    for document in reversed(differences):
        lines = _difference(document).applied(lines)
    return lines


def _difference(document: Document) -> ChunkDifference:
    return ChunkDifference.unpacked(document["blob"])
