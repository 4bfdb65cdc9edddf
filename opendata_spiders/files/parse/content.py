"""The content of tables: header, rows, and a hash that depends neither on the order of rows nor on generated stamps."""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import chain, islice

from opendata_spiders.files.parse.header import LOOK_AHEAD, Row, header_at, names_of
from opendata_spiders.files.policy import file_policy
from opendata_spiders.store.content import canonical, digest
from opendata_spiders.tables import Tables

_MODULUS = 1 << 256
_DAY = r"\d{4}\s*[-/.年]\s*\d{1,2}(?:\s*[-/.月]\s*\d{1,2}\s*日?)?"
_CLOCK = r"\d{1,2}[:：时]\d{1,2}(?:[:：分]\d{1,2}秒?(?:\.\d+)?)?"
_MOMENT = rf"{_DAY}(?:[ T]*{_CLOCK})?Z?"


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table as a reader gives it."""

    rows: Iterable[Row]
    columns: tuple[str, ...] | None = None
    """Names of the columns where the format itself has them (JSON, XML); None: the header is among the rows."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a table holds."""

    columns: tuple[str, ...]
    rows: int
    content_hash: str


def content_of(sheets: Iterable[Sheet]) -> Content:
    """Read header and rows of the first table that has any, and hash all tables (a change on any sheet counts)."""
    read = [_read(sheet) for sheet in sheets]
    if len(read) == 1:
        return read[0]
    full = [one for one in read if one.columns or one.rows] or [Content((), 0, "")]
    return Content(full[0].columns, full[0].rows, digest(canonical(sorted(one.content_hash for one in full))))


def _read(sheet: Sheet) -> Content:
    rows = filter(None, map(_tidy, sheet.rows))
    if sheet.columns is not None:
        return _summed(sheet.columns, [], rows)
    first = list(islice(rows, LOOK_AHEAD))
    if not first:
        return Content((), 0, digest(canonical([0, hex(0)])))
    at = header_at(first)
    if at is None:
        return _summed((), [], chain(first, rows))
    return _summed(names_of(first, at), first[:at], chain(first[at + 1 :], rows))


def _summed(columns: tuple[str, ...], above: list[Row], rows: Iterable[Row]) -> Content:
    """Hash each row and add the hashes up: equal for equal multisets of rows, in memory for one row.

    Rows above the header (a title) are hashed, but are no rows of data.
    """
    stamped = [at for at, name in enumerate(columns) if _label().fullmatch(name)]
    total, count = 0, 0
    for row in _without(stamped, rows):
        total, count = (total + _row_hash(row)) % _MODULUS, count + 1
    total = (total + sum(map(_row_hash, above))) % _MODULUS
    return Content(kept(columns), count, digest(canonical([count + len(above), hex(total)])))


def _without(stamped: list[int], rows: Iterable[Row]) -> Iterator[Row]:
    """Blank the columns that hold the time at which the file was generated."""
    for row in rows:
        for at in stamped:
            if at < len(row):
                row[at] = ""
        yield row


def _row_hash(row: Row) -> int:
    return int.from_bytes(hashlib.sha256(canonical(row)).digest())


def _tidy(row: Row) -> Row:
    """Strip cells, blank stamps, drop blank cells at the end; a row without any cell left is empty."""
    cells = _unstamped([cell.strip() for cell in row])
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _unstamped(cells: Row) -> Row:
    """Blank a stamp in one cell («导出时间：2026-11-02 02:15»), or in two that are the whole row."""
    filled = [cell for cell in cells if cell]
    if len(filled) == 2 and _label().fullmatch(filled[0]) and _moment().fullmatch(filled[1]):
        return []
    return ["" if _stamp().fullmatch(cell) else cell for cell in cells]


def kept(columns: tuple[str, ...]) -> tuple[str, ...]:
    """The names of columns, cut to the number and length that are stored (policy.csv)."""
    limits = file_policy()
    return tuple(name[: limits.column_chars] for name in columns[: limits.columns])


@cache
def _labels() -> str:
    return "|".join(re.escape(row["label"]) for row in Tables("opendata_spiders.files.parse").rows("stamps", "label"))


@cache
def _label() -> re.Pattern[str]:
    return re.compile(rf"(?:{_labels()})\s*[:：]?", re.IGNORECASE)


@cache
def _moment() -> re.Pattern[str]:
    return re.compile(_MOMENT)


@cache
def _stamp() -> re.Pattern[str]:
    return re.compile(rf"[(（\[【]?\s*(?:{_labels()})\s*[:：]?\s*{_MOMENT}\s*[)）\]】]?", re.IGNORECASE)
