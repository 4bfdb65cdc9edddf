"""Canonical form, hashes and compression: the same content always gives the same bytes and the same address."""

import hashlib
import json
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields as fields_of
from dataclasses import is_dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeVar

import zstandard

from opendata_spiders.store.clock import to_stored
from opendata_spiders.store.fields import Role, fields, of_roles

T = TypeVar("T")

HASH_DIGITS = 32
"""Hex digits kept of a SHA-256: 128 bits, so that a collision is out of the question."""
_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))
_INT64 = 1 << 63
_DEPTH = 30
"""Levels a queryable document may have; MongoDB refuses at 100."""


def canonical(value: Any) -> bytes:
    """Return the one JSON text of a value: keys sorted, no spaces, UTF-8.

    Portal text may hold half surrogate pairs, which are kept. Raises TypeError for what JSON cannot hold.
    """
    return _ENCODER.encode(value).encode("utf-8", "surrogatepass")


def read_canonical(data: bytes) -> Any:
    """Return the value of a canonical JSON text."""
    return json.loads(data.decode("utf-8", "surrogatepass"))


def digest(data: bytes) -> str:
    """Return the address of some bytes: 32 hex digits."""
    return hashlib.sha256(data).hexdigest()[:HASH_DIGITS]


class _Zstd(threading.local):
    """The compressor and the decompressor of a thread: to make one takes longer than to compress a small document."""

    def __init__(self) -> None:
        # At level 6 chunks come out larger, versions 3 % smaller at most, and both take two or three times as long.
        self.packer = zstandard.ZstdCompressor(level=3)
        self.unpacker = zstandard.ZstdDecompressor()


_ZSTD = _Zstd()


def pack(data: bytes) -> bytes:
    """Compress (zstd)."""
    return _ZSTD.packer.compress(data)


def unpack(blob: bytes) -> bytes:
    """Undo `pack`."""
    return _ZSTD.unpacker.decompress(blob)


def ordered(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values with the lists of many-valued fields sorted: portals list tags and files in any order."""
    known = fields()
    return {
        name: sorted(value, key=canonical) if isinstance(value, (list, tuple)) and known[name].many else value
        for name, value in values.items()
    }


def version_id(portal: str, dataset: str, content: Mapping[str, Any]) -> str:
    """Return the id of the version that has this content.

    `portal` is the portal's id, `dataset` the native id; of `content` (raw values by field name) only the fields of
    role content count. Raises KeyError for a field that the table of fields does not know.
    """
    return digest(canonical([portal, dataset, ordered(of_roles(content, Role.CONTENT))]))


def list_fingerprint(values: Mapping[str, Any]) -> str:
    """Return the fingerprint of a list row: its content and clocks, but no measures and counters.

    If it is unchanged since the last reading, the dataset's detail need not be read again.
    """
    return digest(canonical(ordered(of_roles(values, Role.CONTENT, Role.CLOCK))))


def storable(value: Any, depth: int = 0) -> Any:
    """Return hostile portal data in a form that a MongoDB document can hold and people can query.

    Half surrogates become U+FFFD, NUL leaves keys; integers beyond 64 bits, very deep values and unknown types
    become text. Raises ValueError for a time without a zone.
    """
    if isinstance(value, str):
        return _text(value)
    if value is None or isinstance(value, (float, bytes)):
        return value
    if isinstance(value, int):
        return value if -_INT64 <= value < _INT64 else str(value)
    if isinstance(value, datetime):
        return to_stored(value)
    return _container(value, depth)


def _container(value: Any, depth: int) -> Any:
    if depth < _DEPTH and isinstance(value, (list, tuple, set, frozenset)):
        return [storable(item, depth + 1) for item in value]
    if not isinstance(value, (dict, type)) and is_dataclass(value):
        value = {one.name: getattr(value, one.name) for one in fields_of(value)}
    if depth < _DEPTH and isinstance(value, (dict, Mapping)):
        return {_key(key): storable(item, depth + 1) for key, item in value.items()}
    return _text(str(value))


def _text(value: str) -> str:
    if value.isascii():
        return str(value)
    try:
        value.encode()
    except UnicodeEncodeError:
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return str(value)


@lru_cache(maxsize=1 << 12)
def _key(key: Any) -> str:
    return _text(str(key)).replace("\0", "\ufffd")


def batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Cut a stream into lists of `size`."""
    batch: list[T] = []
    for item in items:
        batch.append(item)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
