"""Reads and checks csv tables, which hold the words, rules and thresholds of the code beside them."""

import csv
import io
import re
from collections.abc import Collection, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from enum import Enum
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

T = TypeVar("T")
_YES_OR_NO = {"yes": True, "no": False, "": False}


class TableError(ValueError):
    """Raised when a table is incoherent; the message names file, line and column, and what to do."""


class Row(dict[str, str]):
    """One row of a table, stripped text by column, with the file and line it was read from.

    A column that may be left out and is left out reads as empty.
    """

    def __init__(self, file: Path, line: int, cells: Mapping[str, str]) -> None:
        """`line`: the line of the file on which the row begins; the header is line 1."""
        super().__init__(cells)
        self.file = file
        self.line = line

    def error(self, column: str, said: str) -> TableError:
        """Return the error that says what is wrong with one cell."""
        return _error(self.file, self.line, column, said)

    def pattern(self, column: str) -> re.Pattern[str]:
        """Compile a cell that holds a regular expression."""
        try:
            return re.compile(self[column])
        except re.error as error:
            raise self.error(column, f"not a regular expression ({error}); correct it.") from error

    def refuse_double(self, column: str, key: str, seen: Container[str]) -> None:
        """Raise TableError for a repeated key: the later row would silently win."""
        if key in seen:
            raise self.error(column, f"{key!r} stands there twice; delete one row.")


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables of one package (its dotted name)."""

    package: str

    def rows(self, name: str, *columns: str) -> Sequence[Row]:
        """Read every row of `<name>.csv`; each of `columns` must stand in the header. Read once."""
        return _rows(self.package, name, columns)

    def policy(self, kind: type[T], name: str = "policy") -> T:
        """Fill the dataclass `kind` from a table of `name` and `value`, one row a field.

        Values are read by the field's type: str, int, float, date, bool (yes or nothing), an enumeration, one of these
        or None (an empty cell), or several of one type separated by blanks (tuple[int, ...], frozenset[str]).
        """
        types = get_type_hints(kind)
        rows = self.rows(name, "name", "value")
        read: dict[str, Any] = {}
        for row in rows:
            row.refuse_double("name", row["name"], read)
            if row["name"] not in types:
                raise row.error("name", f"the code knows no {row['name']!r}; delete the row.")
            read[row["name"]] = _value(row, "value", types[row["name"]])
        missing = [field.name for field in fields(kind) if field.name not in read]  # type: ignore[arg-type]
        if missing:
            raise TableError(f"{rows[0].file}: the row {missing[0]!r} is missing; put it back.")
        return kind(**read)

    def records(self, kind: type[T], name: str, key: str) -> Mapping[str, T]:
        """Read every row of `<name>.csv` into the dataclass `kind`, by its column `key`, which is never the same twice.

        Fields are columns of the table, which may have more; values are read by the field's type, as in `policy`.
        """
        found: dict[str, T] = {}
        for row, one in self.each(kind, name, key):
            row.refuse_double(key, row[key], found)
            found[row[key]] = one
        return found

    def each(self, kind: type[T], name: str, *columns: str) -> Iterator[tuple[Row, T]]:
        """Read every row of `<name>.csv` into the dataclass `kind`, as in `records`, with the row itself."""
        types = get_type_hints(kind)
        for row in self.rows(name, *columns, *types):
            yield row, kind(**{column: _value(row, column, wanted) for column, wanted in types.items()})

    def keyed(self, name: str, key: str, column: str, *, allowed: Container[str]) -> Mapping[str, str]:
        """Read a table of one word and its meaning; a word that stands twice or a meaning not `allowed` is refused."""
        found: dict[str, str] = {}
        for row in self.rows(name, key, column):
            row.refuse_double(key, row[key], found)
            if row[column] not in allowed:
                raise row.error(column, f"{row[column]!r} is not known; correct it.")
            found[row[key]] = row[column]
        return found


def _value(row: Row, column: str, kind: Any) -> Any:
    text, many = row[column], get_origin(kind)
    if many is UnionType:
        return _value(row, column, get_args(kind)[0]) if text else None
    special = {date: date.fromisoformat, bool: _YES_OR_NO.__getitem__}
    try:
        return many(map(get_args(kind)[0], text.split())) if many else special.get(kind, kind)(text)
    except (ValueError, KeyError):
        wanted = "whole numbers" if many else f"a value of type {kind.__name__}"
        if not many and issubclass(kind, Enum):
            wanted = f"one of {', '.join(kind)}"
        raise row.error(column, f"{text!r} is not {wanted}; correct it.") from None


@cache
def _rows(package: str, name: str, columns: tuple[str, ...]) -> Sequence[Row]:
    return read_table(Path(str(files(package).joinpath(f"{name}.csv"))), columns)


def read_table(file: Path, required: Collection[str], optional: Collection[str] | None = None) -> list[Row]:
    """Read a csv file whose header holds every required column; with `optional`, no others but these.

    Raises TableError for a file that cannot be read, is not UTF-8 or not csv, and for a row of the wrong width.
    """
    records = _records(file, _text(file))
    try:
        _, header = next(records)
    except StopIteration:
        raise _error(file, 1, "(all)", "the file is empty; begin it with the header row") from None
    _check_header(file, header, required, optional)
    blank = dict.fromkeys(optional or (), "")
    return [Row(file, line, blank | _cells(file, line, header, cells)) for line, cells in records if any(cells)]


def _error(file: Path, line: int, column: str, said: str) -> TableError:
    return TableError(f"{file}, line {line}, column {column}: {said}")


def _text(file: Path) -> str:
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise TableError(f"{file}: cannot be read ({error.strerror}); check the path and its permissions") from error
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        line, column = before.count(b"\n") + 1, before.rpartition(b"\n")[2].count(b",") + 1
        said = "this is not UTF-8 text; save the file as CSV in UTF-8 (in Excel: «CSV UTF-8»)"
        raise _error(file, line, f"number {column}", said) from None


def _records(file: Path, text: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            said = f"this is not CSV ({error}); put cells that hold commas or quotes between double quotes"
            raise _error(file, line, "(unknown)", said) from error
        yield line, [cell.strip() for cell in cells]


def _check_header(
    file: Path, header: Sequence[str], required: Collection[str], optional: Collection[str] | None
) -> None:
    for name in header:
        if optional is not None and name not in required and name not in optional:
            known = ", ".join(sorted({*required, *optional}))
            raise _error(file, 1, name or "(no name)", f"no such column; the columns are {known}")
        if header.count(name) > 1:
            raise _error(file, 1, name, "the column stands twice in the header; remove one")
    if missing := sorted(set(required) - set(header)):
        raise _error(file, 1, missing[0], "the column is missing; add it to the header and to every row")


def _cells(file: Path, line: int, header: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    if len(cells) < len(header):
        raise _error(file, line, header[len(cells)], "the row ends before this column; add the missing cells")
    if len(cells) > len(header):
        said = f"the row has {len(cells)} cells, the header {len(header)}; quote a cell that holds a comma"
        raise _error(file, line, header[-1], said)
    return dict(zip(header, cells, strict=True))
