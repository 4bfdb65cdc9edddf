"""Reads what a snapshot holds: a catalogue as CKAN, Socrata, DCAT-US or our own exports write it, or a flat table.

A format is recognised by the keys of its entries (catalogue_formats.csv), and its values are found by JMESPath
(catalogue_fields.csv; of several paths of one field the first that is filled counts). A list of names alone, as CKAN's
`package_list` gives, shows which datasets there are and nothing of them. Everything else is read as a flat table, its
columns by the usual words for fields.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from alerts.imports.file_rows import FileRow, file_rows
from alerts.imports.limits import ImportRefusedError, limits
from alerts.imports.old_crawl import columns_of, field_values, key_of
from opendata_spiders.items import RawValues
from opendata_spiders.normalise.field_words import KEYS
from opendata_spiders.pages import bodies
from opendata_spiders.pages.contract import ListRow, PageError, PageUnreachableError
from opendata_spiders.pages.json_values import search, zoned
from opendata_spiders.register import Portal
from opendata_spiders.store.fields import fields
from opendata_spiders.tables import Tables

TABLE = "import"
"""Family of flat tables: that of no portal."""
NAMES = "ckan_names"
"""Family of lists of names alone."""
_EXPORT = "export"
_LISTED = "listed"
"""Status of a dataset in our exports that the portal listed."""
_UTC = "utc"
"""Reading of a date whose times are UTC and do not say so."""
_ANSWERS = (("result.results", "result.count"), ("result", ""), ("results", "resultSetSize"), ("dataset", ""))
"""Where an answer holds its entries, and its total."""
_ARRAY = re.compile(r'\s*\[|\s*\{.*?"(?:results|result|dataset)"\s*:\s*\[', re.DOTALL)
_TOTAL = re.compile(r'"(?:count|resultSetSize)"\s*:\s*(\d+)')


@dataclass(frozen=True, slots=True)
class CatalogueFormat:
    """One row of catalogue_formats.csv."""

    format: str
    family: str
    """The family whose native ids the entries carry, by its first id rule; empty: the portal's own."""
    known_by: tuple[str, ...]
    """Paths that an entry of this format has, and none of another."""
    id: str
    page_url: str
    """Path of the address of a dataset's page; empty where an entry tells none."""
    on_portal: bool
    """Whether that page lies on the portal's own servers."""
    meaning: str


@dataclass(frozen=True, slots=True)
class FieldPath:
    """One row of catalogue_fields.csv: where the entries of a format hold a field."""

    path: str
    field: str
    reading: str


@dataclass(slots=True)
class RecordedCatalogue:
    """The list that one snapshot holds."""

    family: str
    """Whose native ids and vocabulary it has."""
    rows: list[ListRow] = field(default_factory=list)
    """In the order of the file, repeated ones included."""
    pages: dict[str, str] = field(default_factory=dict)
    """The address of each dataset's page, by native id, where the entries tell it."""
    on_portal: bool = True
    """Whether these pages lie on the portal's own servers."""
    total: int | None = None
    """The total that the portal printed."""
    without_id: int = 0
    """Entries that have no id, or cannot be read."""
    cut: str = ""
    """Why the list is not whole; empty if nothing says so."""

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that any entry has."""
        return tuple(sorted({name for row in self.rows for name in row.values}))


@dataclass(slots=True)
class _Entries:
    """The entries of a file that is JSON."""

    found: list[Any] = field(default_factory=list)
    total: int | None = None
    broken: int = 0
    cut: str = ""

    def add(self, document: Any) -> None:
        """Add what a document holds: an answer with a list of entries, a list, or one entry."""
        if isinstance(document, dict):
            for rows, total in _ANSWERS:
                listed = search(rows, document)
                if isinstance(listed, list):
                    self.found += listed
                    printed = bodies.total(search(total, document))[0] if total else None
                    self.total = self.total if printed is None else printed
                    return
            if "success" in document:
                bodies.check_envelope(document)
        self.found += document if isinstance(document, list) else [document]


def read_catalogue(content: bytes, portal: Portal, given: Mapping[str, str]) -> RecordedCatalogue:
    """The list that a file holds; `given`: column to field, for flat tables. Raises ImportRefusedError."""
    text = bodies.decode_bytes(content).text
    if text.lstrip()[:1] not in ("{", "["):
        return _flat(file_rows(content), given)
    entries = _entries(text)
    if len(entries.found) > limits().rows:
        raise ImportRefusedError(f"it has more than {limits().rows:,} entries")
    sample = next(iter(entries.found), None)
    if sample is None:
        raise ImportRefusedError(entries.cut or "it holds no entry")
    if isinstance(sample, str):
        catalogue = _names(entries.found)
    elif known := _format_of(sample):
        catalogue = _read(entries.found, known, portal)
    else:
        rows = [FileRow(number, one if isinstance(one, dict) else {}) for number, one in enumerate(entries.found, 1)]
        catalogue = _flat(rows, given)
    catalogue.total, catalogue.cut = entries.total, entries.cut
    catalogue.without_id += entries.broken
    return catalogue


def _entries(text: str) -> _Entries:
    """The entries of one JSON document, or of one a line; what can be read of a document that is cut off."""
    entries, lines = _Entries(), [line for line in text.split("\n") if line.strip()]
    try:
        try:
            first = bodies.json_value(lines[0])
        except PageError:
            entries.add(bodies.json_value(text))
            return entries
        entries.add(first)
    except PageUnreachableError as error:
        entries = _salvaged(text)
        entries.cut = bodies.plain(error)
        return entries
    except PageError as error:
        raise ImportRefusedError(bodies.plain(error)) from None
    for line in lines[1:]:
        try:
            entries.add(bodies.json_value(line))
        except PageUnreachableError as error:
            if line is lines[-1]:
                entries.cut = f"the last line is cut off ({bodies.plain(error)})"
            entries.broken += 1
        except PageError:
            entries.broken += 1
    return entries


def _salvaged(text: str) -> _Entries:
    """The whole entries at the beginning of a list that is cut off."""
    entries, begun = _Entries(), _ARRAY.match(text)
    if begun is None:
        return entries
    if total := _TOTAL.search(text, 0, begun.end()):
        entries.total = bodies.total(total[1])[0]
    decoder, place = json.JSONDecoder(), begun.end()
    while True:
        while place < len(text) and (text[place].isspace() or text[place] == ","):
            place += 1
        try:
            _, end = decoder.raw_decode(text, place)
            entries.found.append(bodies.json_value(text[place:end]))
        except (ValueError, RecursionError, PageError):
            return entries
        place = end


def _names(entries: Sequence[Any]) -> RecordedCatalogue:
    found = [bodies.native_id(one) for one in entries]
    return _limited(RecordedCatalogue(NAMES, [ListRow(name, {}, bodies.json_text(name)) for name in found]))


def _format_of(sample: Any) -> CatalogueFormat | None:
    fitting = (one for one in formats().values() if all(search(path, sample) is not None for path in one.known_by))
    return next(fitting, None)


def _read(entries: Sequence[Any], known: CatalogueFormat, portal: Portal) -> RecordedCatalogue:
    catalogue = RecordedCatalogue(known.family or portal.family, on_portal=known.on_portal)
    paths = field_paths()[known.format]
    for entry in entries:
        if known.format == _EXPORT and (search("portal", entry), search("status", entry)) != (portal.id, _LISTED):
            continue
        name = bodies.native_id(search(known.id, entry))
        catalogue.rows.append(ListRow(name, _values(entry, paths), bodies.json_text(entry)))
        if known.page_url and (page := search(known.page_url, entry)):
            catalogue.pages[name] = bodies.whole(str(page))
    return _limited(catalogue)


def _values(entry: Any, paths: Iterable[FieldPath]) -> RawValues:
    """Raw values by field; a field of which the entry has nothing is left out."""
    found: RawValues = {}
    for one in paths:
        value = search(one.path, entry)
        if value is None or found.get(one.field) not in (None, "", []):
            continue
        value = zoned(value) if one.reading == _UTC else value
        found[one.field] = bodies.many(value) if fields()[one.field].many else bodies.scalar(value)
    return found


def _flat(rows: Sequence[FileRow], given: Mapping[str, str]) -> RecordedCatalogue:
    """A flat table, as the import of one file reads it; raises ImportRefusedError for one without titles."""
    columns, _ = columns_of(rows, given)
    keyed_by = next((key for key in KEYS if key in columns.values()), "title and office")
    catalogue = RecordedCatalogue(TABLE)
    for row in rows:
        values = field_values(row.values, columns)
        name, fault = ("", ("", row.fault)) if row.fault else key_of(values, keyed_by)
        raw = {key: value for key, value in values.items() if key in fields()}
        catalogue.rows.append(ListRow("" if fault else name, raw, bodies.json_text(dict(row.values))))
        if page := values.get("page_url"):
            catalogue.pages[name] = str(page)
    if rows and rows[-1].fault:
        catalogue.cut = f"the last row, on line {rows[-1].line}, is not whole ({rows[-1].fault})"
    return _limited(catalogue)


def _limited(catalogue: RecordedCatalogue) -> RecordedCatalogue:
    """The catalogue without the rows that carry no id, which are counted."""
    kept = [row for row in catalogue.rows if 0 < len(row.id) <= limits().id_chars]
    catalogue.without_id += len(catalogue.rows) - len(kept)
    catalogue.rows = kept
    return catalogue


@cache
def formats() -> Mapping[str, CatalogueFormat]:
    """Every format by name. Raises TableError."""
    return Tables("alerts.imports").records(CatalogueFormat, "catalogue_formats", "format")


@cache
def field_paths() -> Mapping[str, Sequence[FieldPath]]:
    """Where each format holds its fields, in the order of the table. Raises TableError."""
    found: dict[str, list[FieldPath]] = {name: [] for name in formats()}
    for row, one in Tables("alerts.imports").each(FieldPath, "catalogue_fields", "format"):
        if row["format"] not in found:
            raise row.error("format", f"{row['format']!r} is in no row of catalogue_formats.csv; correct it.")
        if one.field not in fields():
            raise row.error("field", f"there is no field {one.field!r} in fields.csv; correct it.")
        found[row["format"]].append(one)
    return found
