"""CSV tables for Excel without formulas: UTF-8 with byte order mark, every cell one clean line."""

import csv
from collections.abc import Iterable, Sequence
from typing import TextIO

from opendata_spiders import normalise

BOM = "\ufeff"
"""Without it Excel reads a UTF-8 file in the code page of the machine."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_CELL = 2000


def safe(value: object) -> object:
    """A cell that no spreadsheet reads as a formula: a whole number, or one line, with a leading quote if necessary."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raw = "" if value is None else str(value)
    shown = (normalise.text(raw) or "")[:_CELL]
    return f"'{shown}" if raw.startswith(_FORMULA) or shown.startswith(_FORMULA) else shown


def write(file: TextIO, header: Sequence[str], lines: Iterable[Sequence[object]]) -> int:
    """Write a table into a file opened with newline="" and UTF-8; return the number of lines below the header."""
    file.write(BOM)
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(header)
    count = 0
    for line in lines:
        writer.writerow([safe(value) for value in line])
        count += 1
    return count
