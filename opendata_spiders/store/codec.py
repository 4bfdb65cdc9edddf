"""Dataclasses to MongoDB documents and back: the codec of everything that is stored field by field.

A stored field that the class does not have is ignored; a field that is not stored takes its default. Five layouts are
not field by field and have their own functions: versions (the portal's text is compressed, because a document could not
hold it), counters (one compressed document for all datasets of a portal), dates of catalogues (counts, with two bytes a
dataset), habits and states of missing datasets (one for each bucket of a portal).
"""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from opendata_spiders.store.content import pack, read_canonical, storable, unpack
from opendata_spiders.store.errors import DocumentError
from opendata_spiders.store.writing import Document

T = TypeVar("T")


_ADAPTERS: dict[Any, TypeAdapter[Any]] = {}
"""By type: building one takes milliseconds."""


def _adapter(kind: type[T]) -> TypeAdapter[T]:
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]


def to_document(value: Any, key: str = "id") -> Document:
    """Return a dataclass as a document: enums as text, tuples as lists, times in UTC and whole milliseconds.

    The field named by `key`, where there is one, is stored as `_id`. Whatever a portal wrote becomes something that
    MongoDB can hold (see `storable`).
    """
    names = (one.name for one in fields(value))
    return {"_id" if name == key else name: storable(getattr(value, name)) for name in names}


def from_document(kind: type[T], document: Mapping[str, Any], key: str = "id") -> T:
    """Return the dataclass `kind` that a document holds, with `_id` as its field `key`.

    Raises DocumentError naming the fields that are missing or hold something else, never their values.
    """
    values = {**document, key: document["_id"]} if "_id" in document else document
    try:
        return _adapter(kind).validate_python(values)
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False)
        faults = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in found]
        raise DocumentError(
            f"A document of the database holds no {kind.__name__} ({'; '.join(faults)}); restore it from a backup"
        ) from None


def changed_fields(value: Any) -> Document:
    """Return the fields of a dataclass that differ from their defaults, text exactly as it is."""
    kept: Document = _adapter(type(value)).dump_python(value, exclude_defaults=True, warnings=False)
    return kept


def from_line(kind: type[T], line: bytes) -> T:
    """Return the dataclass `kind` that a line of canonical JSON holds; raises DocumentError as `from_document` does."""
    try:
        return _adapter(kind).validate_json(line)
    except ValidationError:  # also where portal text holds half surrogate pairs, which are no valid UTF-8
        return from_document(kind, read_canonical(line))


def changed_fields_json(value: Any) -> Document:
    """Like `changed_fields`, with times and enums as text, for the canonical JSON of packed documents."""
    kept: Document = _adapter(type(value)).dump_python(value, mode="json", exclude_defaults=True, warnings=False)
    return kept


def to_blob(value: Any) -> bytes:
    """Return a dataclass that is never queried, compressed."""
    return pack(_adapter(type(value)).dump_json(value))


def from_blob(kind: type[T], blob: bytes) -> T:
    """Undo `to_blob`."""
    return _adapter(kind).validate_json(unpack(blob))
