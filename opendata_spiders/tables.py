"""Reads the vocabularies of this package: csv files beside the code, so that a word is added without touching code."""

import csv
import re
from collections.abc import Container, Mapping, Sequence
from functools import cache
from importlib.resources import files

Row = Mapping[str, str]


class TableError(ValueError):
    """Raised when a vocabulary file is incoherent; the message names file, line and column."""


@cache
def rows(name: str, *columns: str) -> Sequence[Row]:
    """Read every row of `<name>.csv`; each of `columns` must stand in the header."""
    text = files(__package__).joinpath(f"{name}.csv").read_text("utf-8")
    reader = csv.DictReader(text.splitlines(), strict=True)
    missing = [column for column in columns if column not in (reader.fieldnames or ())]
    if missing:
        raise TableError(f"{name}.csv, line 1: column {missing[0]} is missing; put it back into the header.")
    return [_checked(name, line, row) for line, row in enumerate(reader, start=2)]


def _checked(name: str, line: int, row: dict[str, str]) -> Row:
    for column, value in row.items():
        if column is None or value is None:
            raise TableError(f"{name}.csv, line {line}: more or fewer cells than the header; quote cells with commas.")
        row[column] = value.strip()
    return row


def pattern(name: str, line: int, column: str, text: str) -> re.Pattern[str]:
    """Compile one cell that holds a regular expression."""
    try:
        return re.compile(text)
    except re.error as error:
        raise TableError(f"{name}.csv, line {line}, column {column}: not a regular expression ({error}).") from error


def keyed(name: str, key: str, column: str, *, allowed: Container[str]) -> Mapping[str, str]:
    """Read a table of one word and its meaning; a word that stands twice or a meaning not `allowed` is refused."""
    found: dict[str, str] = {}
    for line, row in enumerate(rows(name, key, column), start=2):
        refuse_double(name, line, key, row[key], found)
        if row[column] not in allowed:
            raise TableError(f"{name}.csv, line {line}, column {column}: {row[column]!r} is not known; correct it.")
        found[row[key]] = row[column]
    return found


def refuse_double(name: str, line: int, column: str, key: str, seen: Container[str]) -> None:
    """Raise TableError for a key that stands twice: the later row would silently win."""
    if key in seen:
        raise TableError(f"{name}.csv, line {line}, column {column}: {key!r} stands there twice; delete one row.")


@cache
def limits() -> Mapping[str, str]:
    """The few single figures of the policy (limits.csv) by name."""
    return {row["name"]: row["value"] for row in rows("limits", "name", "value", "note")}
