"""Tells a Socrata catalogue object in the words of the Guizhou interface: what the loopback server sends.

The interface knows two lists, `topicName` and `resourceFormats`. Categories, tags and columns all go into the first,
in the order in which they were recorded: a shuffled order is no change, but a word or a column that changes is one.
The parallel arrays of the columns (name, field, type, description) become one text a column, so that they stay together.
"""

from collections.abc import Iterator, Mapping
from itertools import zip_longest
from typing import Any

from tests.sequences.versions import moment

COLUMN_KEYS = ("columns_name", "columns_field_name", "columns_datatype", "columns_description")
_FREQUENCY = "frequency"


def list_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """One entry of a list page."""
    resource = row["resource"]
    return {
        **_common(row),
        "resourceFormats": [resource["type"]] if resource.get("type") else None,
        "views": _count(resource.get("page_views"), "page_views_total"),
        "calls": resource.get("download_count"),
    }


def detail(row: Mapping[str, Any]) -> dict[str, Any]:
    """The detail of one dataset: the promise is told here alone."""
    return {**_common(row), "frequency": _promise(row)}


def content(row: Mapping[str, Any]) -> dict[str, Any]:
    """What of a row may change only by a change: neither dates nor counters, lists in one order."""
    told = {**list_row(row), **detail(row)}
    for name in ("createTime", "updateTime", "views", "calls"):
        del told[name]
    return {name: sorted(value) if isinstance(value, list) else value for name, value in told.items()}


def _common(row: Mapping[str, Any]) -> dict[str, Any]:
    resource = row["resource"]
    return {
        "id": resource.get("id"),
        "name": resource.get("name"),
        "description": resource.get("description"),
        "orgName": resource.get("attribution") or (row.get("owner") or {}).get("display_name"),
        "topicName": [*_topics(row.get("classification") or {}), *_columns(resource)],
        "createTime": _milliseconds(resource.get("createdAt")),
        "updateTime": _milliseconds(resource.get("updatedAt")),
        "openAttribute": 0,
    }


def _topics(classification: Mapping[str, Any]) -> Iterator[str]:
    if classification.get("domain_category"):
        yield classification["domain_category"]
    for name in ("categories", "tags", "domain_tags"):
        yield from classification.get(name) or ()


def _columns(resource: Mapping[str, Any]) -> Iterator[str]:
    arrays = [resource.get(key) or () for key in COLUMN_KEYS]
    for parts in zip_longest(*arrays, fillvalue=""):
        yield " | ".join(str(part or "") for part in parts)


def _promise(row: Mapping[str, Any]) -> str | None:
    pairs = (row.get("classification") or {}).get("domain_metadata") or ()
    found = [str(pair.get("value")) for pair in pairs if str(pair.get("key", "")).lower().endswith(_FREQUENCY)]
    return min(found, default=None)


def _milliseconds(text: object) -> int | None:
    date = moment(text)
    return None if date is None else int(date.timestamp() * 1000)


def _count(counts: object, name: str) -> int | None:
    return counts.get(name) if isinstance(counts, Mapping) else None
