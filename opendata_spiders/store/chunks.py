"""Chunks: sorted lines under the hash of their text, stored whole or as what differs from another chunk, their `base`.

A document that has no `base` is whole. What has been written is never written otherwise, and a base is there before
what stands on it, so that every chain of bases ends at a whole chunk.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from opendata_spiders.store.content import batches, canonical, digest, pack, read_canonical, unpack
from opendata_spiders.store.errors import StoreError
from opendata_spiders.store.writing import Document, StoreDatabase, add_new

Lines = Sequence[bytes]
Pair = tuple[str | None, str | None]
"""The addresses of a chunk before and after a change; None: it has no lines."""
ChunkRead = Callable[[Sequence[str]], Sequence[Lines]]
"""Reads chunks whole: addresses in, the lines of each out, in the same order."""

MOST_STEPS = 16
"""Differences between a chunk and a whole one, at most: each is one more query for who reads a catalogue whole."""
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
        old, new = set(before), set(after)
        return cls(
            {place: line for place, line in enumerate(before) if line not in new},
            {place: line for place, line in enumerate(after) if line not in old},
        )

    @classmethod
    def unpacked(cls, blob: bytes) -> "ChunkDifference":
        """Undo `packed`."""
        head, *lines = unpack(blob).split(b"\n")
        gone, came = read_canonical(head)
        return cls(dict(zip(gone, lines, strict=False)), dict(zip(came, lines[len(gone) :], strict=True)))

    def packed(self) -> bytes:
        """Return it as it is stored: a line of the places of both, then the lines themselves, compressed."""
        head = canonical([list(self.gone), list(self.came)])
        return pack(b"\n".join([head, *self.gone.values(), *self.came.values()]))

    def applied(self, lines: list[bytes]) -> list[bytes]:
        """Turn the lines of the first chunk into those of the second; raises StoreError if they are of another one."""
        kept = list(lines)
        for place in sorted(self.gone, reverse=True):
            if kept[place : place + 1] != [self.gone[place]]:
                raise StoreError(
                    "A chunk does not fit the one it was stored against; restore the database from a backup"
                )
            del kept[place]
        for place in sorted(self.came):
            kept.insert(place, self.came[place])
        return kept


@dataclass(frozen=True, slots=True)
class Chunk:
    """A chunk as it was read."""

    lines: list[bytes]
    chain: Sequence[Document]
    """Its document and those that it stands on, the whole one last."""


def address_of(lines: Lines) -> str:
    """Return the address of a chunk: the hash of its text, however it is stored."""
    return digest(b"\n".join(lines))


def put_chunks(db: StoreDatabase, chunks: Mapping[str, tuple[Lines, Chunk | None]]) -> None:
    """Store chunks, by address: the lines of each, and a chunk that they may be stored against."""
    add_new(db.chunks, (_document(address, *chunks[address]) for address in sorted(chunks)))


def _document(address: str, lines: Lines, former: Chunk | None) -> Document:
    document = {"_id": address, "n": len(lines)}
    if former is not None:
        blob = ChunkDifference.between(former.lines, lines).packed()
        if _is_worth_it(former.chain, blob):
            return document | {"base": former.chain[0]["_id"], "blob": blob}
    return document | {"blob": pack(b"\n".join(lines))}


def _is_worth_it(chain: Sequence[Document], blob: bytes) -> bool:
    """Whether this difference from the first chunk of a chain is to be stored, and not a whole chunk.

    It is not after MOST_STEPS, nor where all differences of the chain together are larger than the whole chunk: a
    reader would load more than twice what a whole one takes.
    """
    *differences, whole = chain
    size = sum(len(one["blob"]) for one in differences) + len(blob)
    return len(differences) < MOST_STEPS and size <= len(whole["blob"])


def read_stored(db: StoreDatabase, addresses: Iterable[str]) -> Iterator[tuple[str, Chunk]]:
    """Yield the chunks asked for, by address, in no particular order. Raises StoreError if one is not there."""
    for batch in batches(sorted(set(addresses)), READ_AT_ONCE):
        held = _loaded(db, batch, ())
        for address in batch:
            chain = [held[one] for one in _way(held, address)]
            *differences, whole = chain
            yield address, Chunk(_formed(unpack(whole["blob"]).split(b"\n"), differences), chain)


def read_beside(
    db: StoreDatabase, addresses: Iterable[str], known: Mapping[str, Lines]
) -> Iterator[tuple[str, list[bytes]]]:
    """Yield the lines of chunks, by address; `known`: lines of chunks that they may stand on, which are not read again.

    Raises StoreError if a chunk is not there.
    """
    for batch in batches(sorted(set(addresses)), READ_AT_ONCE):
        held = _loaded(db, batch, known)
        for address in batch:
            *differences, last = _way(held, address)
            lines = list(known[last]) if last in known else unpack(held[last]["blob"]).split(b"\n")
            yield address, _formed(lines, [held[one] for one in differences])


def _loaded(db: StoreDatabase, addresses: Iterable[str], known: Collection[str]) -> dict[str, Document]:
    """Load chunks and those they stand on, but for the known ones."""
    held = dict[str, Document]()
    wanted = set(addresses).difference(known)
    while wanted:
        held |= {one["_id"]: one for one in db.chunks.find({"_id": {"$in": sorted(wanted)}})}
        if missing := wanted.difference(held):
            raise StoreError(
                f"{len(missing)} manifest chunks are missing from the store; restore the database from a backup"
            )
        wanted = {held[one]["base"] for one in wanted if "base" in held[one]}.difference(held, known)
    return held


def _formed(lines: list[bytes], differences: Sequence[Document]) -> list[bytes]:
    """Return the lines of a chunk from those it stands on; `differences`: its own first."""
    for document in reversed(differences):
        lines = ChunkDifference.unpacked(document["blob"]).applied(lines)
    return lines


def differing(db: StoreDatabase, pairs: Sequence[Pair], read: ChunkRead) -> list[tuple[set[bytes], set[bytes]]]:
    """Return for each pair of chunks, in their order, the lines of the first alone and those of the second alone.

    Where the second was stored as what differs from the first, in whatever steps, only these steps are read; where both
    stand on a third, the steps from there to both; else `read` reads both chunks whole.
    """
    steps = dict[str, Document]()
    _load_steps(steps, db, [after for _, after in pairs if after], enough=[before for before, _ in pairs if before])
    _load_steps(steps, db, [before for before, after in pairs if before and before not in _way(steps, after)])
    known = [_by_steps(steps, *pair) for pair in pairs]
    unknown = sorted({one for pair, found in zip(pairs, known, strict=True) if found is None for one in pair if one})
    lines = dict(zip(unknown, map(set[bytes], read(unknown)), strict=True)) if unknown else {}
    nothing = set[bytes]()
    whole = ((lines.get(before or "", nothing), lines.get(after or "", nothing)) for before, after in pairs)
    return [found or (old - new, new - old) for found, (old, new) in zip(known, whole, strict=True)]


def _load_steps(
    steps: dict[str, Document], db: StoreDatabase, addresses: Collection[str], enough: Collection[str] = ()
) -> None:
    """Load the differences by which these chunks stand on others, up to those in `enough`, and no whole chunk."""
    wanted = set(addresses).difference(enough)
    while wanted:
        query = {"_id": {"$in": sorted(wanted)}, "base": {"$exists": True}}
        found = {one["_id"]: one for one in db.chunks.find(query, {"base": 1, "blob": 1})}
        steps |= found
        wanted = {one["base"] for one in found.values()}.difference(enough, steps)


def _way(held: Mapping[str, Document], address: str | None) -> list[str]:
    """Return the addresses of a chunk and of those that it stands on, up to the first that is not held."""
    found = [address] if address else []
    while found and (base := held.get(found[-1], {}).get("base")):
        found.append(base)
    return found


def _by_steps(
    steps: Mapping[str, Document], before: str | None, after: str | None
) -> tuple[set[bytes], set[bytes]] | None:
    """Return the lines of the first alone and of the second alone if steps lead from one to the other; else None."""
    old, new = _way(steps, before), _way(steps, after)
    meeting = next((one for one in new if one in old), None)
    if meeting is None:
        return None
    back, forth = (
        [ChunkDifference.unpacked(steps[one]["blob"]) for one in way[: way.index(meeting)]] for way in (old, new)
    )
    moves = [(one.came, one.gone) for one in back] + [(one.gone, one.came) for one in reversed(forth)]
    gone, came = set[bytes](), set[bytes]()
    for left, arrived in ((set(one.values()), set(other.values())) for one, other in moves):
        gone, came = gone - arrived | left - came, came - left | arrived - gone
    return gone, came
