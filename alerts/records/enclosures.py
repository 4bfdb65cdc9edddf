"""Data shared by several deliveries, stored once under its hash: long lists of event ids, and attached files."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count, takewhile
from typing import Any

from pymongo import UpdateOne

from opendata_spiders.store.codec import from_document, to_document
from opendata_spiders.store.store import Store

INLINE = 100
"""Most event ids that a delivery document holds itself; a longer list is stored here."""
_CHUNK = 100_000
"""Event ids per document: far below MongoDB's limit of 16 MB."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A table that is attached to a mail."""

    filename: str
    content: bytes
    """CSV in UTF-8, with a byte order mark."""

    @property
    def name(self) -> str:
        """Hash under which it is stored; the same file of many deliveries has the same hash."""
        return _hash(self.filename.encode() + b"\n" + self.content)


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:24]


def list_name(events: Sequence[str]) -> str:
    """Hash under which a list of event ids is stored; empty for a short list, which is not stored here."""
    return _hash("\n".join(events).encode()) if len(events) > INLINE else ""


def keep_lists(store: Store, lists: Iterable[Sequence[str]], at: datetime) -> None:
    """Store the long ones of these lists. Must be called before the deliveries that name them are written."""
    named = {name: events for events in lists if (name := list_name(events))}
    parts = (
        (f"{name}.{start}", {"name": name, "events": list(events[start : start + _CHUNK])})
        for name, events in named.items()
        for start in range(0, len(events), _CHUNK)
    )
    _keep(store, "told", parts, at)


def keep_files(store: Store, files: Iterable[Attachment], at: datetime) -> None:
    """Store these files. Must be called before the deliveries that name them are written."""
    named = {one.name: one for one in files}
    rows = ((name, {"name": name, **to_document(one)}) for name, one in named.items())
    _keep(store, "attachments", rows, at)


def _keep(store: Store, collection: str, rows: Iterable[tuple[str, Mapping[str, Any]]], at: datetime) -> None:
    """Insert missing rows; renew the time of the others, so that they are not pruned before the delivery is written."""
    changes = [
        UpdateOne({"_id": name}, {"$setOnInsert": dict(values), "$max": {"at": at}}, upsert=True)
        for name, values in rows
    ]
    if changes:
        store.db[collection].bulk_write(changes, ordered=False)


def events_kept(store: Store, name: str) -> tuple[str, ...]:
    """The list of that name."""
    parts = (store.db["told"].find_one({"_id": f"{name}.{start}"}) for start in count(0, _CHUNK))
    found = takewhile(lambda part: part is not None, parts)
    return tuple(event for part in found if part for event in part["events"])


def file_kept(store: Store, name: str) -> Attachment | None:
    """The file of that name; None if it is no longer kept."""
    found = store.db["attachments"].find_one({"_id": name})
    return from_document(Attachment, found) if found else None
