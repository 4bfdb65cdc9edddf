"""The formats of tables: rows are written one at a time (Parquet: in batches) as CSV, JSON Lines or Parquet.

All hold the same values. CSV is for Excel too: no cell is a formula, control characters are left out, and a cell is cut
at the length that Excel takes. JSON Lines and Parquet hold every text whole.
"""

import gzip
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.util import find_spec
from io import TextIOWrapper
from typing import IO, Any

from alerts.exports.columns import Column, ColumnType
from alerts.exports.source import Row
from alerts.text import spreadsheets
from alerts.text.jsonable import jsonable
from opendata_spiders.safe_json import safe_json
from opendata_spiders.store.content import batches
from opendata_spiders.store.errors import StoreError

_BATCH = 5000
"""Rows in memory at a time, and in one group of a Parquet file."""
_LEVEL = 5
"""Of compression: a tenth of the size in half the time of the highest."""
_STRUCTURED = (ColumnType.ARRAY, ColumnType.JSON)


def stamp(moment: datetime) -> str:
    """A time as ISO 8601 in UTC, to the second."""
    return f"{moment.astimezone(UTC).isoformat()[:19]}Z"


def as_json(value: Any) -> str:
    """A value as one line of JSON with invisible characters escaped."""
    return safe_json(jsonable(value, stamp))


def write_csv(file: IO[bytes], columns: Sequence[Column], rows: Iterable[Row]) -> None:
    """Write a table as UTF-8 with a byte order mark, lists and objects as JSON text."""
    text = TextIOWrapper(file, "utf-8", newline="")
    lines = ([_cell(column, row.get(column.name)) for column in columns] for row in rows)
    spreadsheets.write(text, [column.name for column in columns], lines, spreadsheets.whole)
    text.detach()


def _cell(column: Column, value: Any) -> object:
    if value is None:
        return None
    if isinstance(value, datetime):
        return stamp(value)
    if isinstance(value, bool):
        return str(value).lower()
    return as_json(value) if column.type in _STRUCTURED else value


def write_jsonl(file: IO[bytes], columns: Sequence[Column], rows: Iterable[Row]) -> None:
    """Write a table as one JSON object a line, all columns in it."""
    for row in rows:
        file.write(as_json({column.name: row.get(column.name) for column in columns}).encode() + b"\n")


def write_jsonl_gz(file: IO[bytes], columns: Sequence[Column], rows: Iterable[Row]) -> None:
    """Write the same compressed; equal rows give equal bytes."""
    with packed(file) as text:
        write_jsonl(text, columns, rows)


@contextmanager
def packed(file: IO[bytes]) -> Iterator[IO[bytes]]:
    """A file that is compressed (gzip) into `file`, without a date in it."""
    with gzip.GzipFile("", "wb", _LEVEL, fileobj=file, mtime=0) as text:
        yield text  # type: ignore[misc]  # a GzipFile is a binary file


def write_parquet(file: IO[bytes], columns: Sequence[Column], rows: Iterable[Row]) -> None:
    """Write a table as Parquet, JSON values as text. Raises StoreError if pyarrow is not installed."""
    if not has_parquet():
        raise StoreError(NO_PARQUET)
    import pyarrow as pa  # noqa: PLC0415 -- an optional package
    from pyarrow import parquet  # noqa: PLC0415

    types = {
        ColumnType.STRING: pa.string(),
        ColumnType.INTEGER: pa.int64(),
        ColumnType.NUMBER: pa.float64(),
        ColumnType.BOOLEAN: pa.bool_(),
        ColumnType.DATETIME: pa.timestamp("ms", "UTC"),
        ColumnType.ARRAY: pa.list_(pa.string()),
        ColumnType.JSON: pa.string(),
    }
    schema = pa.schema([(column.name, types[column.type]) for column in columns])
    with parquet.ParquetWriter(file, schema, compression="zstd") as writer:
        for batch in batches(rows, _BATCH):
            arrays = [pa.array([_value(one, row) for row in batch], types[one.type]) for one in columns]
            writer.write_batch(pa.record_batch(arrays, schema=schema))


def _value(column: Column, row: Row) -> Any:
    value = row.get(column.name)
    if value is None:
        return None
    if column.type is ColumnType.ARRAY:
        return [stamp(one) if isinstance(one, datetime) else str(one) for one in value]
    return as_json(value) if column.type is ColumnType.JSON else value


def has_parquet() -> bool:
    """Whether the package that writes Parquet is installed."""
    return find_spec("pyarrow") is not None


NO_PARQUET = (
    "Parquet needs the package pyarrow, which is not installed: run `pip install pyarrow` in this environment, or "
    "choose `--format csv --format jsonl`"
)


@dataclass(frozen=True, slots=True)
class Format:
    """One format of tables in a snapshot."""

    suffix: str
    media_type: str
    write: Callable[[IO[bytes], Sequence[Column], Iterable[Row]], None]


FORMATS: Mapping[str, Format] = {
    "csv": Format("csv", "text/csv", write_csv),
    "jsonl": Format("jsonl.gz", "application/gzip", write_jsonl_gz),
    "parquet": Format("parquet", "application/vnd.apache.parquet", write_parquet),
}
"""By the word of `--format`."""
