"""The rows of a file, CSV with a header or one JSON object a line, as they stand there."""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from alerts.imports.limits import ImportRefusedError, limits
from opendata_spiders.pages.bodies import decode_bytes, plain

_CELL = 1 << 20
"""Characters of one cell; Python's own limit of 131,072 is less than a long description with markup."""


@dataclass(frozen=True, slots=True)
class FileRow:
    """One row, or what is wrong with it."""

    line: int
    """The line of the file on which it begins."""
    values: Mapping[str, Any]
    """By column; empty for a row that could not be read."""
    fault: str = ""


def file_rows(content: bytes) -> list[FileRow]:
    """Read every row; raises ImportRefusedError for a file that holds none, or more than a portal's."""
    if len(content) > limits().file_mb << 20:
        raise ImportRefusedError(f"the file has more than {limits().file_mb} MB; cut it into parts of one portal each")
    text = decode_bytes(content).text
    rows = []
    for row in _json_rows(text) if text.lstrip()[:1] == "{" else _csv_rows(text):
        rows.append(row)
        if len(rows) > limits().rows:
            raise ImportRefusedError(f"the file has more than {limits().rows:,} rows; cut it into one file a portal")
    if not any(row.values for row in rows):
        raise ImportRefusedError("no row can be read; give a CSV file with a header, or one JSON object a line")
    return rows


def _json_rows(text: str) -> Iterator[FileRow]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            yield FileRow(number, {}, f"no JSON ({plain(error)})")
            continue
        if isinstance(value, dict):
            yield FileRow(number, value)
        else:
            yield FileRow(number, {}, f"a JSON {type(value).__name__} where an object is due")


def _csv_rows(text: str) -> Iterator[FileRow]:
    before = csv.field_size_limit(_CELL)
    reader, header = csv.reader(io.StringIO(text, newline="")), list[str]()
    try:
        while True:
            line = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield FileRow(line, {}, f"no CSV ({plain(error)})")
                continue
            if not any(cell.strip() for cell in cells):
                continue
            if not header:
                header = _header(cells)
            elif len(cells) != len(header):
                yield FileRow(line, {}, f"{len(cells)} cells under a header of {len(header)}")
            else:
                yield FileRow(line, dict(zip(header, cells, strict=True)))
    finally:
        csv.field_size_limit(before)


def _header(cells: list[str]) -> list[str]:
    header = [cell.strip() for cell in cells]
    twice = next((name for name in header if header.count(name) > 1), None)
    if twice is not None:
        raise ImportRefusedError(f"the column {plain(twice)!r} stands twice in the header; rename or delete one")
    return header
