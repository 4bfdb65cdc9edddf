"""A copy of the database in one file: streamed, compressed, with counts and checksums.

The file is a zstd stream of frames, each a length and that many bytes of BSON: a header; of each collection its name,
its documents as they lie in the database, and how many they were with their hash; at last the hash of all before.

It is one moment of the database, whatever is written meanwhile: what changes is read at one cluster time, and after it
what is only ever added (a list is stored before the run that names it). Nothing is thinned out meanwhile.
"""

import hashlib
import os
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

import bson
import zstandard
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from pymongo.client_session import ClientSession
from pymongo.errors import OperationFailure, PyMongoError

from alerts.upkeep.lock import upkeep
from opendata_spiders.store import collections
from opendata_spiders.store.errors import StoreError
from opendata_spiders.store.schema import read_meta
from opendata_spiders.store.store import Store

FORMAT = "opendata-nightwatch backup 1"
ONLY_ADDED = ("manifests", "chunks", "versions")
"""Collections whose documents never change; they are read last."""
LEFT_OUT = ("leases",)
"""Collections of what is under way."""
_END = b"whole\n"
"""Behind the compressed stream, so that a file that lacks its last byte is known at once."""
_LENGTH = struct.Struct("<I")
_LEVEL = 6
_TOO_OLD = frozenset({239, 246})
"""Error codes of a server that does not keep the moment any longer: SnapshotTooOld, SnapshotUnavailable."""
_KEPT_SECONDS = 3600
"""How long the embedded server is asked to keep a moment; by default it is five minutes."""
_BEAT = 5_000
"""Documents after which the lease is renewed."""


class BackupError(StoreError):
    """Raised when no backup can be made or read; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class BackupHeader:
    """What a backup says of itself, at its beginning."""

    format: str
    database: str
    schema_version: int
    at: datetime
    """Domain time (UTC) at which it was begun."""


class FrameWriter:
    """Writes frames into a compressed stream, and hashes them."""

    def __init__(self, stream: Any) -> None:
        self._stream, self._whole = stream, hashlib.sha256()

    def write(self, document: bytes) -> None:
        """Write one document, as BSON."""
        frame = _LENGTH.pack(len(document)) + document
        self._whole.update(frame)
        self._stream.write(frame)

    def end(self) -> None:
        """Write the last frame, with the hash of all before."""
        document = bson.encode({"whole": self._whole.hexdigest()})
        self._stream.write(_LENGTH.pack(len(document)) + document)


def back_up(store: Store, target: Path, now: datetime, report: Callable[[str, int], None]) -> dict[str, int]:
    """Write a backup into a new file that only its owner can read; returns the documents by collection.

    `report` is told of each collection. Raises BackupError, LeaseHeldError while the database is being thinned out,
    and OSError.
    """
    if target.exists():
        raise BackupError(f"{target} exists already: name another file, backups are never overwritten")
    meta = read_meta(store.db)
    if meta is None:
        raise BackupError(f"Database {store.db.name} is empty: there is nothing to back up")
    header = BackupHeader(FORMAT, store.db.name, meta.schema_version, now)
    with upkeep(store, "backed up") as lease, _new_file(target) as file, _compressed(file) as stream:
        frames, counts = FrameWriter(stream), dict[str, int]()
        frames.write(bson.encode(asdict(header)))
        for name, documents in _documents(store):
            counts[name] = _write_collection(frames, name, _beating(documents, lease.beat))
            report(name, counts[name])
        frames.end()
    return counts


@contextmanager
def _new_file(target: Path) -> Iterator[BinaryIO]:
    """A file that appears under its name only when it is whole and on the disk."""
    part = target.with_name(f".{target.name}.part")
    part.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            yield file
            file.write(_END)
            file.flush()
            os.fsync(file.fileno())
        part.rename(target)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def _compressed(file: BinaryIO) -> Iterator[Any]:
    compressor = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True)
    with compressor.stream_writer(file, closefd=False) as stream:
        yield stream


def _documents(store: Store) -> Iterator[tuple[str, Iterable[bytes]]]:
    """Every collection of ours with its documents, as BSON."""
    names = [*collections.OF_THE_CRAWL, *collections.OF_ALERTS]
    apart = {*ONLY_ADDED, *LEFT_OUT, *collections.DERIVED}
    changing = [name for name in names if name not in apart]
    _keep_moments(store)
    with store.db.client.start_session(snapshot=True) as session:
        for name in changing:
            yield name, _read(store, name, session)
    for name in ONLY_ADDED:
        yield name, _read(store, name, None)


def _keep_moments(store: Store) -> None:
    """Ask the server to keep a moment for an hour; one that does not let us keeps it as long as it does."""
    with suppress(OperationFailure):
        store.db.client.admin.command("setParameter", 1, minSnapshotHistoryWindowInSeconds=_KEPT_SECONDS)


def _read(store: Store, name: str, session: ClientSession | None) -> Iterator[bytes]:
    options: CodecOptions[Any] = CodecOptions(document_class=RawBSONDocument)
    raw: Any = store.db.get_collection(name, codec_options=options)
    try:
        for document in raw.find({}, session=session).sort("_id", 1):
            yield document.raw
    except PyMongoError as error:
        if not _TOO_OLD.isdisjoint({getattr(error, "code", None)}):
            raise BackupError(
                "The database server forgot the moment that is copied before all of it was read: give the command "
                "again when nothing else runs, or raise minSnapshotHistoryWindowInSeconds of the server"
            ) from error
        raise


def _beating(documents: Iterable[bytes], beat: Callable[[], None]) -> Iterator[bytes]:
    for number, document in enumerate(documents):
        if number % _BEAT == 0:
            beat()
        yield document


class CollectionSum:
    """Counts the documents of a collection, and hashes them."""

    def __init__(self, name: str) -> None:
        self._name, self.count, self._hashed = name, 0, hashlib.sha256()

    def add(self, document: bytes) -> None:
        """Count one document, as BSON."""
        self.count += 1
        self._hashed.update(document)

    @property
    def end(self) -> dict[str, Any]:
        """The frame after the last document."""
        return {"end": self._name, "count": self.count, "sha256": self._hashed.hexdigest()}


def _write_collection(frames: FrameWriter, name: str, documents: Iterable[bytes]) -> int:
    made = CollectionSum(name)
    frames.write(bson.encode({"collection": name}))
    for document in documents:
        made.add(document)
        frames.write(bson.encode({"document": RawBSONDocument(document)}))
    frames.write(bson.encode(made.end))
    return made.count


class BackupFile:
    """A backup as a stream of what it holds."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def header(self) -> BackupHeader:
        """What it says of itself. Raises BackupError, and OSError."""
        with self._frames() as frames:
            return self._header(next(frames, b""))

    def check(self) -> dict[str, int]:
        """Read it whole; returns the documents by collection. Raises BackupError if it is cut or altered."""
        return {name: sum(1 for _ in documents) for name, documents in self.collections()}

    def collections(self) -> Iterator[tuple[str, Iterator[RawBSONDocument]]]:
        """Each collection with its documents, which must be read before the next. Raises BackupError."""
        with self._frames() as frames:
            self._header(next(frames, b""))
            for frame in frames:
                document = bson.decode(frame)
                if "whole" in document:
                    return
                yield document["collection"], self._collection(document["collection"], frames)
        raise self._cut()

    def _collection(self, name: str, frames: Iterator[bytes]) -> Iterator[RawBSONDocument]:
        found = CollectionSum(name)
        for frame in frames:
            held = RawBSONDocument(frame)
            if "document" not in held:
                if dict(held) != found.end:
                    raise BackupError(f"{self.path} is altered: the checksum of {name} does not fit; take another one")
                return
            found.add(held["document"].raw)
            yield held["document"]
        raise self._cut()

    @contextmanager
    def _frames(self) -> Iterator[Iterator[bytes]]:
        self._refuse_cut()
        with self.path.open("rb") as file, zstandard.ZstdDecompressor().stream_reader(file) as stream:
            yield self._each(stream)

    def _refuse_cut(self) -> None:
        with self.path.open("rb") as file:
            file.seek(max(0, self.path.stat().st_size - len(_END)))
            if file.read() != _END:
                raise self._cut()

    def _each(self, stream: BinaryIO) -> Iterator[bytes]:
        """The frames; the last one must hold the hash of all others, and nothing may follow."""
        whole = hashlib.sha256()
        try:
            while length := stream.read(_LENGTH.size):
                frame = stream.read(_LENGTH.unpack(length)[0])
                if len(frame) != _LENGTH.unpack(length)[0]:
                    raise self._cut()
                if (said := _whole(frame)) is not None:
                    if said != whole.hexdigest():
                        raise BackupError(f"{self.path} is altered: its checksum does not fit; take another backup")
                    yield frame
                    return
                whole.update(length + frame)
                yield frame
        except (zstandard.ZstdError, struct.error) as error:
            raise BackupError(f"{self.path} is no whole backup ({error}); take another one") from error
        raise self._cut()

    def _cut(self) -> BackupError:
        return BackupError(f"{self.path} is no whole backup: it ends early, or is another file; take another one")

    def _header(self, frame: bytes) -> BackupHeader:
        try:
            known: Mapping[str, Any] = bson.decode(frame, bson.CodecOptions(tz_aware=True))
            header = BackupHeader(**known)
        except (bson.errors.BSONError, TypeError) as error:
            raise BackupError(f"{self.path} is no backup of this project: name a file of `alerts backup`") from error
        if header.format != FORMAT:
            raise BackupError(f"{self.path} was written by another version ({header.format}); restore it with that one")
        return header


def _whole(frame: bytes) -> str | None:
    """The hash in a last frame; None for any other frame."""
    if len(frame) > 200 or b"whole" not in frame[:12]:
        return None
    return str(bson.decode(frame)["whole"])
