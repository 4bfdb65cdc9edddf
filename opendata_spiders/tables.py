"""Tables beside the code: words, rules and thresholds as csv files of a package, changed without touching code."""

import csv
import io
import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, fields
from enum import Enum
from functools import cache
from importlib.resources import files
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

Row = Mapping[str, str]
Policy = TypeVar("Policy")
T = TypeVar("T")


class TableError(ValueError):
    """Raised when a table is incoherent; the message names file, line and column, and what to do."""


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables of one package (its dotted name)."""

    package: str

    def rows(self, name: str, *columns: str) -> Sequence[Row]:
        """Read every row of `<name>.csv`, cells stripped; each of `columns` must stand in the header. Read once."""
        return _rows(self.package, name, columns)

    def policy(self, kind: type[Policy], name: str = "policy") -> Policy:
        """Fill the dataclass `kind` from a table of `name` and `value`, one row a field.

        Values are read by the field's type: str, int, float, an enumeration, or several of one type separated by blanks
        (tuple[int, ...], frozenset[str]).
        """
        types = get_type_hints(kind)
        read: dict[str, Any] = {}
        for line, row in enumerate(self.rows(name, "name", "value"), start=2):
            self.refuse_double(name, line, "name", row["name"], read)
            if row["name"] not in types:
                raise TableError(f"{self._file(name)}, line {line}: the code knows no {row['name']!r}; delete the row.")
            read[row["name"]] = self._value(name, line, row["value"], types[row["name"]])
        names = [field.name for field in fields(kind)]  # type: ignore[arg-type]
        if missing := [field for field in names if field not in read]:
            raise TableError(f"{self._file(name)}: the row {missing[0]!r} is missing; put it back.")
        return kind(**read)

    def records(self, kind: type[T], name: str, key: str) -> Mapping[str, T]:
        """Read every row of `<name>.csv` into the dataclass `kind`, by its column `key`, which is never the same twice.

        Fields are columns of the table, which may have more; values are read by the field's type, as in `policy`.
        """
        types = get_type_hints(kind)
        found: dict[str, T] = {}
        for line, row in enumerate(self.rows(name, key, *types), start=2):
            self.refuse_double(name, line, key, row[key], found)
            values = {column: self._value(name, line, row[column], wanted) for column, wanted in types.items()}
            found[row[key]] = kind(**values)
        return found

    def pattern(self, name: str, line: int, column: str, text: str) -> re.Pattern[str]:
        """Compile one cell that holds a regular expression."""
        try:
            return re.compile(text)
        except re.error as error:
            where = f"{self._file(name)}, line {line}, column {column}"
            raise TableError(f"{where}: not a regular expression ({error}); correct it.") from error

    def keyed(self, name: str, key: str, column: str, *, allowed: Container[str]) -> Mapping[str, str]:
        """Read a table of one word and its meaning; a word that stands twice or a meaning not `allowed` is refused."""
        found: dict[str, str] = {}
        for line, row in enumerate(self.rows(name, key, column), start=2):
            self.refuse_double(name, line, key, row[key], found)
            if row[column] not in allowed:
                where = f"{self._file(name)}, line {line}, column {column}"
                raise TableError(f"{where}: {row[column]!r} is not known; correct it.")
            found[row[key]] = row[column]
        return found

    def refuse_double(self, name: str, line: int, column: str, key: str, seen: Container[str]) -> None:
        """Raise TableError for a key that stands twice: the later row would silently win."""
        if key in seen:
            where = f"{self._file(name)}, line {line}, column {column}"
            raise TableError(f"{where}: {key!r} stands there twice; delete one row.")

    def limits(self) -> Row:
        """The few single figures of the package (limits.csv) by name."""
        return {row["name"]: row["value"] for row in self.rows("limits", "name", "value")}

    def _value(self, name: str, line: int, text: str, kind: Any) -> Any:
        many = get_origin(kind)
        try:
            return many(get_args(kind)[0](part) for part in text.split()) if many else kind(text)
        except ValueError:
            wanted = "whole numbers" if many else f"a value of type {kind.__name__}"
            if not many and issubclass(kind, Enum):
                wanted = f"one of {', '.join(kind)}"
            raise TableError(f"{self._file(name)}, line {line}: {text!r} is not {wanted}; correct it.") from None

    def _file(self, name: str) -> str:
        return f"{self.package.replace('.', '/')}/{name}.csv"


@cache
def _rows(package: str, name: str, columns: tuple[str, ...]) -> Sequence[Row]:
    text = files(package).joinpath(f"{name}.csv").read_text("utf-8")
    reader, file = csv.DictReader(io.StringIO(text, newline=""), strict=True), f"{package.replace('.', '/')}/{name}.csv"
    missing = [column for column in columns if column not in (reader.fieldnames or ())]
    if missing:
        raise TableError(f"{file}, line 1: column {missing[0]} is missing; put it back into the header.")
    return [_checked(file, line, row) for line, row in enumerate(reader, start=2)]


def _checked(file: str, line: int, row: dict[str, str]) -> Row:
    for column, value in row.items():
        if column is None or value is None:
            raise TableError(f"{file}, line {line}: more or fewer cells than the header; quote cells with commas.")
        row[column] = value.strip()
    return row
