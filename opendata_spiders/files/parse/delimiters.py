"""What separates the cells of a table in plain text."""

import csv
from typing import Final

DELIMITERS: Final = ",\t;|"
_CHARACTERS = 16_384
_LINES = 20


def delimiter_of(text: str) -> str:
    """Tell the delimiter of a text; '' for text of one column.

    The delimiter that gives wide rows of equal width wins. csv.Sniffer counts characters instead, and picks the comma
    in a table separated by bars if there is one in every row.
    """
    lines = [line for line in text[:_CHARACTERS].splitlines() if line.strip()][:_LINES]
    found = {one: fit for one in DELIMITERS if (fit := _fit(lines, one))}
    return max(found, key=lambda one: found[one], default="")


def _fit(lines: list[str], delimiter: str) -> tuple[float, int] | None:
    """Share of rows of the most frequent width, and the largest width; None unless one row in two has several cells.

    Titles and stamps above a header have one.
    """
    try:
        widths = [len(row) for row in csv.reader(lines, delimiter=delimiter)]
    except csv.Error:
        return None
    wide = [width for width in widths if width > 1]
    if not wide or len(wide) * 2 < len(widths):
        return None
    return max(map(wide.count, wide)) / len(widths), max(wide)
