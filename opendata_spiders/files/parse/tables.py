"""Readers of tables: bytes or text in, rows of text out. Each raises UnreadableError for what it cannot read."""

import csv
import io
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException, ElementTree
from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum

from opendata_spiders.files.parse.content import Sheet
from opendata_spiders.files.parse.delimiters import delimiter_of
from opendata_spiders.files.parse.errors import ReaderError, UnreadableError
from opendata_spiders.files.parse.header import Row

_DEPTH = 5
"""Levels down to which a list of records is searched for."""


def text_sheet(text: str) -> Sheet:
    """Read separated text."""
    most = max(csv.field_size_limit(), len(text) + 1)  # the default refuses shapes of more than 131,072 characters
    csv.field_size_limit(most)
    return Sheet(_separated(text, delimiter_of(text) or ","))


def _separated(text: str, delimiter: str) -> Iterator[Row]:
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    except csv.Error as error:
        raise UnreadableError(f"no separated text: {error}") from error


def book_sheets(body: bytes) -> list[Sheet]:
    """Read a workbook (xlsx, xls, ods), one row at a time once a sheet is loaded."""
    with _refusals():
        book = CalamineWorkbook.from_filelike(io.BytesIO(body))
        names = [one.name for one in book.sheets_metadata if one.typ == SheetTypeEnum.WorkSheet]
        return [Sheet(_rows_of(book, name)) for name in names]


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except (CalamineError, OSError, ValueError) as error:
        raise UnreadableError(f"no workbook: {error}") from error
    except BaseException as error:
        if type(error).__name__ == "PanicException":  # of the Rust library: derives from BaseException
            raise ReaderError(str(error)) from None
        raise


def _rows_of(book: CalamineWorkbook, name: str) -> Iterator[Row]:
    with _refusals():
        for row in book.get_sheet_by_name(name).iter_rows():
            yield [_cell(value) for value in row]


def _cell(value: Any) -> str:
    """Write a cell as a person would: whole numbers without a point, times in ISO 8601."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value.isoformat() if isinstance(value, datetime | date | time) else str(value)


def json_sheet(text: str) -> Sheet | None:
    """Read the records of a JSON text, or of one JSON object a line; None where there are none."""
    try:
        value = _json(text)
    except (ValueError, RecursionError) as error:
        value = _json_lines(text)
        if value is None:
            raise UnreadableError(f"no JSON: {str(error)[:100]}") from error
    return _json_records(value)


def _json(text: str) -> Any:
    """Parse JSON; numbers stay as they are written."""
    return json.loads(text.removeprefix("\ufeff"), parse_int=str, parse_float=str, parse_constant=str)


def _json_lines(text: str) -> list[Any] | None:
    lines = [line for line in text.removeprefix("\ufeff").splitlines() if line.strip()]
    try:
        found = [_json(line) for line in lines]
    except (ValueError, RecursionError):
        return None
    return found if len(found) > 1 and all(isinstance(one, dict) for one in found) else None


def _json_records(value: Any) -> Sheet | None:
    """The shallowest list of objects (or of lists); an empty one only if there is no other."""
    level, empty = [value], False
    for _ in range(_DEPTH):
        for one in level:
            if isinstance(one, list) and one and all(isinstance(part, dict) for part in one):
                return _sheet_of_objects(one)
            if isinstance(one, list) and one and all(isinstance(part, list) for part in one):
                return Sheet([[_json_cell(cell) for cell in row] for row in one])
            empty = empty or one == []
        level = [part for one in level if isinstance(one, dict) for part in one.values()]
    return Sheet([], ()) if empty else None


def _sheet_of_objects(records: Sequence[Mapping[str, Any]]) -> Sheet:
    columns = tuple(dict.fromkeys(name for record in records for name in record))
    rows = ([_json_cell(record.get(name)) for name in columns] for record in records)
    return Sheet(rows, columns)


def _json_cell(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)


def xml_sheet(text: str) -> Sheet | None:
    """Read the records of an XML text: the largest group of like elements, on the shallowest level that has one.

    None for a text with entities of its own, which are not expanded: they can be made to fill the memory.
    """
    try:
        root = ElementTree.fromstring(text.lstrip("\ufeff \t\r\n"))
    except DefusedXmlException:
        return None
    except (ParseError, ValueError, LookupError) as error:
        raise UnreadableError(f"no XML: {error}") from error
    records = [_fields(element) for element in _xml_records(root)]
    return _sheet_of_objects(records)


def _xml_records(root: Element) -> list[Element]:
    level = [root]
    while level:
        groups = [_largest_group(element) for element in level]
        largest: list[Element] = max(groups, key=len)
        if len(largest) > 1:
            return largest
        single = next((element for element in level if len(element) and not any(map(len, element))), None)
        if single is not None:
            return [single]
        level = [child for element in level for child in element]
    return []


def _largest_group(element: Element) -> list[Element]:
    counted = Counter(child.tag for child in element).most_common(1)
    return [child for child in element if child.tag == counted[0][0]] if counted else []


def _fields(element: Element) -> dict[str, Any]:
    fields = {_local(name): value for name, value in element.attrib.items()}
    fields |= {_local(child.tag): "".join(child.itertext()).strip() for child in element}
    return fields or {_local(element.tag): (element.text or "").strip()}


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
