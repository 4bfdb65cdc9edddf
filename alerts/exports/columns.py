"""The data dictionary (columns.csv): the tables that are exported, and the columns of each."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import cache

from opendata_spiders.tables import Tables


class ColumnType(StrEnum):
    """Type of the values of a column."""

    STRING = "string"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATETIME = "datetime"
    """A time in UTC to the second, ISO 8601 where the format has no type for it."""
    ARRAY = "array"
    """A list of strings; JSON text in CSV."""
    JSON = "json"
    """Any JSON value; JSON text in CSV and Parquet."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of one table."""

    table: str
    name: str
    type: ColumnType
    zh: str
    en: str
    meaning: str


@cache
def dictionary() -> Mapping[str, tuple[Column, ...]]:
    """The columns of every table, tables and columns in the order of the file. Raises TableError."""
    names = [one.name for one in fields(Column)]
    found: dict[str, dict[str, Column]] = {}
    for row in Tables("alerts.exports").rows("columns", *names):
        columns = found.setdefault(row["table"], {})
        row.refuse_double("name", row["name"], columns)
        try:
            kind = ColumnType(row["type"])
        except ValueError:
            raise row.error("type", f"{row['type']!r} is not one of {', '.join(ColumnType)}; correct it.") from None
        columns[row["name"]] = Column(row["table"], row["name"], kind, row["zh"], row["en"], row["meaning"])
    return {table: tuple(columns.values()) for table, columns in found.items()}
