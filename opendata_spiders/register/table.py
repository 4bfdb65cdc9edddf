"""CSV files as lines that know where they stand, so that every complaint names file, line and column."""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from opendata_spiders.register.models import RegisterError


@dataclass(frozen=True, slots=True)
class TableLine:
    """One row of a table, with the place it was read from."""

    file: Path
    number: int
    """Line of the file on which the row begins; the header is line 1."""
    cells: Mapping[str, str]
    """Stripped text by column; a column that may be left out and is left out reads as empty."""

    def error(self, column: str, message: str) -> RegisterError:
        return place_error(self.file, self.number, column, message)


def place_error(file: Path, line: int, column: str, message: str) -> RegisterError:
    return RegisterError(f"{file}, line {line}, column {column}: {message}")


def read_table(file: Path, required: frozenset[str], optional: frozenset[str] = frozenset()) -> list[TableLine]:
    """Read a CSV file whose header holds every required column and none that is unknown.

    Raises RegisterError for a file that cannot be read, is not UTF-8 or not CSV, and for a row of the wrong width.
    """
    records = _records(file, _text(file))
    try:
        _, header = next(records)
    except StopIteration:
        raise place_error(file, 1, "(all)", "the file is empty; begin it with the header row") from None
    _check_header(file, header, required, optional)
    blank = dict.fromkeys(required | optional, "")
    return [
        TableLine(file, number, {**blank, **_cells(file, number, header, row)}) for number, row in records if any(row)
    ]


def _text(file: Path) -> str:
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise RegisterError(f"{file}: cannot be read ({error.strerror}); check the path and its permissions") from error
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        line, column = before.count(b"\n") + 1, before.rpartition(b"\n")[2].count(b",") + 1
        message = "this is not UTF-8 text; save the file as CSV in UTF-8 (in Excel: «CSV UTF-8»)"
        raise place_error(file, line, f"number {column}", message) from None


def _records(file: Path, text: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        number = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            message = f"this is not CSV ({error}); put cells that hold commas or quotes between double quotes"
            raise place_error(file, number, "(unknown)", message) from error
        yield number, [cell.strip() for cell in row]


def _check_header(file: Path, header: list[str], required: frozenset[str], optional: frozenset[str]) -> None:
    for name in header:
        if name not in required | optional:
            known = ", ".join(sorted(required | optional))
            raise place_error(file, 1, name or "(no name)", f"no such column; the columns are {known}")
        if header.count(name) > 1:
            raise place_error(file, 1, name, "the column stands twice in the header; remove one")
    if missing := sorted(required - set(header)):
        raise place_error(file, 1, missing[0], "the column is missing; add it to the header and to every row")


def _cells(file: Path, number: int, header: list[str], row: list[str]) -> dict[str, str]:
    if len(row) < len(header):
        raise place_error(file, number, header[len(row)], "the row ends before this column; add the missing cells")
    if len(row) > len(header):
        message = f"the row has {len(row)} cells, the header {len(header)}; quote a cell that holds a comma"
        raise place_error(file, number, header[-1], message)
    return dict(zip(header, row, strict=True))
