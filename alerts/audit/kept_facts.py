"""Facts kept from night to night, so that a night costs what has changed since.

The collection `dataset_facts` holds those of a portal in sixteen pieces, by the first digit of the bucket (manifests).
A piece names the chunks that it was made from: only datasets whose line differs from the one in those are read again.
A cache: what is missing, or was made by other definitions or from a later reading, is made anew.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pymongo import DeleteOne, ReplaceOne

from alerts.audit.facts import DatasetFacts, facts_of, is_settled
from alerts.audit.record import ReadAs
from alerts.audit.rules import definitions
from alerts.model.states import bucket_id
from opendata_spiders.normalise import NORMALISER_VERSION
from opendata_spiders.store.content import batches, canonical, digest, pack, read_canonical, unpack
from opendata_spiders.store.manifests import Manifest, bucket, differing_lines, entry_of
from opendata_spiders.store.store import Store
from opendata_spiders.store.writing import missing_ids

_FACTS_VERSION = 1
"""Raise it when facts.py changes what it makes of the same entry."""
_AT_ONCE = 2000
"""Number of versions in memory at a time."""
_PIECES = "0123456789abcdef"
_LARGEST = 15_000_000
"""Bytes of a piece that is kept; a document of the database has 16 MB at most, room for 100,000 datasets and more."""
_DEFAULTS = [DatasetFacts._field_defaults.get(name) for name in DatasetFacts._fields]


@dataclass
class _Piece:
    """The datasets of the buckets that begin with one digit."""

    chunks: dict[str, str] = field(default_factory=dict)
    """Bucket to hash of the chunk that it was made from."""
    facts: dict[str, DatasetFacts] = field(default_factory=dict)
    """Settled facts by native id."""
    lines: dict[str, bytes] = field(default_factory=dict)
    """The lines of all other datasets, whose facts are worked out every night."""


class KeptFacts:
    """Reads the facts of catalogues, and keeps those that no later night changes."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._last: tuple[str, str | None, ReadAs] | None = None
        self._datasets: list[DatasetFacts] = []

    def of(self, portal: str, manifest: str | None, how: ReadAs) -> list[DatasetFacts]:
        """The facts of every dataset of a portal's manifest, by id.

        The last ones are held: a portal and its parts have the same manifest. Raises StoreError if the database lacks
        a document that the manifest refers to.
        """
        if self._last != (portal, manifest, how):
            self._last, self._datasets = None, []
            self._datasets = self._read(portal, self._store.manifest(manifest), how)
            self._last = portal, manifest, how
        return self._datasets

    def _read(self, portal: str, manifest: Manifest, how: ReadAs) -> list[DatasetFacts]:
        pieces, is_latest = self._kept(portal, how)
        self._forget_gone(pieces, manifest)
        touched = self._exchange(pieces, manifest)
        loose = []
        for digit, facts, settled in self._made(pieces, how):
            if settled:
                del pieces[digit].lines[facts.dataset]
                pieces[digit].facts[facts.dataset] = facts
                touched.add(digit)
            else:
                loose.append(facts)
        if touched and is_latest:
            self._keep(portal, {digit: pieces[digit] for digit in touched}, how)
        whole = [*loose, *(facts for piece in pieces.values() for facts in piece.facts.values())]
        return sorted(whole, key=lambda one: one.dataset)

    def _kept(self, portal: str, how: ReadAs) -> tuple[dict[str, _Piece], bool]:
        """The pieces that can be used, empty ones for the others, and whether no later reading is kept.

        What is kept of a later reading a look at a past day leaves as it is.
        """
        names, made_from = {bucket_id(portal, digit): digit for digit in _PIECES}, _made_from(how)
        pieces, is_latest = {digit: _Piece() for digit in _PIECES}, True
        for found in self._store.db["dataset_facts"].find({"_id": {"$in": [*names]}}):
            if found["made_at"] > how.complete_at:
                is_latest = False
            elif found["made_from"] == made_from:
                pieces[names[found["_id"]]] = _unpacked(found)
        return pieces, is_latest

    def _forget_gone(self, pieces: dict[str, _Piece], manifest: Manifest) -> None:
        """Empty the pieces whose chunks were thinned out since, so that what differs from them cannot be known."""
        before = {chunk for piece in pieces.values() for chunk in piece.chunks.values()}
        if gone := missing_ids(self._store.db.chunks, before.difference(manifest.chunks.values())):
            pieces |= {digit: _Piece() for digit, one in pieces.items() if not gone.isdisjoint(one.chunks.values())}

    def _exchange(self, pieces: Mapping[str, _Piece], manifest: Manifest) -> set[str]:
        """Exchange the datasets that differ from those of the manifest for its lines; returns the pieces touched."""
        before = {name: chunk for piece in pieces.values() for name, chunk in piece.chunks.items()}
        for gone, came in differing_lines(self._store.db, Manifest("", before, manifest.n), manifest):
            for line in gone:
                dataset = read_canonical(line)["id"]
                piece = pieces[bucket(dataset)[0]]
                piece.facts.pop(dataset, None)
                piece.lines.pop(dataset, None)
            for line in came:
                dataset = read_canonical(line)["id"]
                pieces[bucket(dataset)[0]].lines[dataset] = line
        touched = {name[0] for name, _ in before.items() ^ manifest.chunks.items()}
        for digit in touched:
            pieces[digit].chunks = {name: chunk for name, chunk in manifest.chunks.items() if name[0] == digit}
        return touched

    def _made(self, pieces: Mapping[str, _Piece], how: ReadAs) -> Iterator[tuple[str, DatasetFacts, bool]]:
        """The facts of all datasets of which the line is kept, with their piece, and whether they are settled."""
        lines = ((digit, line) for digit, piece in pieces.items() for line in [*piece.lines.values()])
        for batch in batches(lines, _AT_ONCE):
            entries = [(digit, entry_of(line)) for digit, line in batch]
            versions = self._store.versions((entry.version for _, entry in entries), evidence=False)
            for digit, entry in entries:
                version = versions.get(entry.version)
                facts = facts_of(entry, version.content if version else None, how)
                yield digit, facts, facts.is_stored and is_settled(entry, how)

    def _keep(self, portal: str, pieces: Mapping[str, _Piece], how: ReadAs) -> None:
        writes: list[DeleteOne | ReplaceOne[dict[str, Any]]] = []
        for digit, piece in pieces.items():
            key, packed = {"_id": bucket_id(portal, digit)}, _packed(piece)
            document = {"made_from": _made_from(how), "made_at": how.complete_at, "packed": packed}
            is_kept = piece.chunks and len(packed) < _LARGEST
            writes.append(ReplaceOne(key, document, upsert=True) if is_kept else DeleteOne(key))
        self._store.db["dataset_facts"].bulk_write(writes, ordered=False)


def _made_from(how: ReadAs) -> str:
    """A hash of all beside entry and content that settled facts are worked out from."""
    layout = [_FACTS_VERSION, DatasetFacts._fields]
    return digest(canonical([*layout, NORMALISER_VERSION, definitions(), how.family, str(how.tz), sorted(how.lost)]))


def _packed(piece: _Piece) -> bytes:
    facts = [_row(one) for one in piece.facts.values()]
    return pack(canonical([piece.chunks, facts, [*map(bytes.hex, piece.lines.values())]]))


def _row(facts: DatasetFacts) -> list[Any]:
    """The values of a dataset without the defaults at the end: half of them, with most datasets."""
    row = list(facts)
    while row[-1] == _DEFAULTS[len(row) - 1]:
        row.pop()
    return row


def _unpacked(document: Mapping[str, Any]) -> _Piece:
    chunks, facts, lines = read_canonical(unpack(document["packed"]))
    read = map(bytes.fromhex, lines)
    return _Piece(
        chunks,
        {row[0]: DatasetFacts(*row) for row in facts},
        {read_canonical(line)["id"]: line for line in read},
    )
