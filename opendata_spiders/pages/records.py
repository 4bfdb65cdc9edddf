"""Reads JSON answers by a map from their keys to canonical fields: lists of records and single ones."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from opendata_spiders.items import RawValues
from opendata_spiders.pages import bodies
from opendata_spiders.pages.contract import ListPage, ListRow, PageDriftedError
from opendata_spiders.store.fields import fields

if TYPE_CHECKING:
    from scrapy.http import Response


def answer_of(response: "Response", charset: str | None) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Read an answer and what was odd about its characters; raises PageError for an error code and for no object."""
    read = bodies.decode(response, charset)
    answer = bodies.json_object(read.text)
    bodies.check_envelope(answer)
    return answer, read.oddities


def list_page(
    entries: Sequence[Any], keys: Mapping[str, str], total: object, oddities: Iterable[str], *, id_key: str = "id"
) -> ListPage:
    """Make a list page of JSON records; a record without an id is counted."""
    declared, odd_total = bodies.total(total)
    rows = tuple(filter(None, (_row(entry, keys, id_key) for entry in entries)))
    return ListPage(rows, declared, len(entries) - len(rows), (*oddities, *odd_total))


def _row(entry: Any, keys: Mapping[str, str], id_key: str) -> ListRow | None:
    id_ = bodies.native_id(entry.get(id_key)) if isinstance(entry, dict) else ""
    return ListRow(id_, values_of(entry, keys), bodies.json_text(entry)) if id_ else None


def values_of(record: Mapping[str, Any], keys: Mapping[str, str]) -> RawValues:
    """Take the raw values a record has; a missing key is left out, null becomes ''."""
    return {
        field: bodies.many(record[key]) if fields()[field].many else bodies.scalar(record[key])
        for key, field in keys.items()
        if key in record
    }


def drifted(key: str, answer: Mapping[str, Any], due: str) -> PageDriftedError:
    """Make the error for an answer that does not hold what is `due` (a list, an object) under a key."""
    if key not in answer:
        return PageDriftedError(f"the answer has no key {key!r}, only: {bodies.plain(', '.join(answer) or 'nothing')}")
    found = "null" if answer[key] is None else f"a JSON {type(answer[key]).__name__}"
    return PageDriftedError(f"the key {key!r} holds {found} where {due} is due")
