"""CSV tables for Excel without formulas: UTF-8 with byte order mark, cells as one clean line each or whole."""

import csv
import re
from collections.abc import Callable, Iterable, Sequence
from typing import TextIO

from opendata_spiders import normalise

BOM = "\ufeff"
"""Without it Excel reads a UTF-8 file in the code page of the machine."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_CELL = 2000
LONGEST = 32_767
"""Characters of a cell that Excel takes; a longer one would run over into the rows below."""
_ACTING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff]")
"""Characters that act on a screen instead of being shown on it; tab, newline and joiners of emoji are not."""


def safe(value: object) -> object:
    """A cell that no spreadsheet reads as a formula: a whole number, or one line, with a leading quote if necessary."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raw = "" if value is None else str(value)
    shown = (normalise.text(raw) or "")[:_CELL]
    return f"'{shown}" if raw.startswith(_FORMULA) or shown.startswith(_FORMULA) else shown


def whole(value: object) -> object:
    """The same for data that is read again: text keeps its notation and its line breaks, and is cut only for Excel."""
    if not isinstance(value, str):
        return "" if value is None else value
    shown = value if value.isprintable() else _ACTING.sub("", value)
    shown = f"'{shown}" if value.startswith(_FORMULA) or shown.startswith(_FORMULA) else shown
    return shown if len(shown) <= LONGEST else f"{shown[: LONGEST - 1]}…"


def write(
    file: TextIO,
    header: Sequence[str],
    lines: Iterable[Sequence[object]],
    cell: Callable[[object], object] = safe,
) -> int:
    """Write a table into a file opened with newline="" and UTF-8; return the number of lines below the header."""
    file.write(BOM)
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(header)
    count = 0
    for line in lines:
        writer.writerow([cell(value) for value in line])
        count += 1
    return count
