"""`datasets`: the current content, one document a dataset, for people to query; written only where it changed."""

import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import bson
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from pymongo import ReplaceOne, UpdateOne

from opendata_spiders.store.content import batches, pack, storable, unpack
from opendata_spiders.store.models import Run
from opendata_spiders.store.writing import BATCH, Document, StoreDatabase

_BLOCK_BYTES = 1_000_000
"""Bytes of BSON that are compressed, and later written, together: a few hundred documents, or one large one."""
_Block = tuple[Sequence[str], bytes]
"""Native ids of some datasets, and their documents one after the other, compressed."""
_AS_THEY_ARE = CodecOptions(document_class=RawBSONDocument)


class PackedViews:
    """Views of one portal's datasets as BSON, compressed until they are written: they are most of a crawl's memory."""

    def __init__(self, portal: str, slug: str, views: Iterable[Mapping[str, Any]] = ()) -> None:
        self._whose = {"portal": portal, "slug": slug}
        self._packed: list[_Block] = []
        self._open: list[tuple[str, bytes]] = []
        self._open_bytes = 0
        for view in views:
            self.add(view)

    def add(self, view: Mapping[str, Any]) -> None:
        """Add a view, which has at least `id`, in the form that MongoDB can hold; `portal` and `slug` are set here."""
        document = bson.encode(storable({**view, **self._whose}))
        self._open.append((view["id"], document))
        self._open_bytes += len(document)
        if self._open_bytes >= _BLOCK_BYTES:
            self._packed.append(self._block())
            self._open, self._open_bytes = [], 0

    def _block(self) -> _Block:
        ids, documents = zip(*self._open, strict=True)
        return ids, pack(b"".join(documents))

    def blocks(self) -> Iterator[Iterable[tuple[str, RawBSONDocument]]]:
        """Yield native ids with their documents, so many together as may be written at once."""
        for ids, packed in (*self._packed, *([self._block()] if self._open else ())):
            yield zip(ids, bson.decode_iter(unpack(packed), _AS_THEY_ARE), strict=True)


def key(portal: str, dataset: str) -> str:
    """Return the `_id` of a dataset's document."""
    return str(storable(f"{portal}:{dataset}"))


def put(db: StoreDatabase, run: Run, views: PackedViews) -> None:
    """Replace the documents of new and changed datasets; `listed` and `changed_run` are set here."""
    ours = bson.encode({"listed": True, "changed_run": run.id})
    for block in views.blocks():
        replacements: list[ReplaceOne[Document]] = [
            ReplaceOne({"_id": key(run.portal, id_)}, _joined(view.raw, ours), upsert=True) for id_, view in block
        ]
        db.datasets.bulk_write(replacements, ordered=False)


def _joined(*documents: bytes | memoryview) -> RawBSONDocument:
    """Return one document of the fields of several: BSON is its length in four bytes, the fields, and a zero byte."""
    fields = b"".join(one[4:-1] for one in documents)
    return RawBSONDocument(struct.pack("<i", len(fields) + 5) + fields + b"\0")


def mark_missing(db: StoreDatabase, run: Run, datasets: Iterable[str]) -> None:
    """Mark datasets that the list no longer shows; their last content stays."""
    change = {"$set": {"listed": False, "changed_run": run.id, "missing_since": run.at}}
    for batch in batches(datasets, BATCH):
        updates = [UpdateOne({"_id": key(run.portal, dataset), "listed": True}, change) for dataset in batch]
        db.datasets.bulk_write(updates, ordered=False)
