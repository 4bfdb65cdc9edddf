"""What separates the cells of a table in plain text."""

import csv
from typing import Final

DELIMITERS: Final = ",\t;|"
_CHARACTERS = 16_384
_LINES = 20


def delimiter_of(text: str) -> str:
    """Tell the delimiter of a text; '' for text of one column.

    What counts is that the rows come out wide and equally so. csv.Sniffer guesses from how often characters occur, and
    takes a comma that stands in every row of a table separated by bars.
    """
    lines = [line for line in text[:_CHARACTERS].splitlines() if line.strip()][:_LINES]
    widths = {one: _widths(lines, one) for one in DELIMITERS}
    fitting = {one: found for one, found in widths.items() if _is_table(found)}
    return max(fitting, key=lambda one: (_evenness(fitting[one]), max(fitting[one])), default="")


def _widths(lines: list[str], delimiter: str) -> list[int]:
    try:
        return [len(row) for row in csv.reader(lines, delimiter=delimiter)]
    except csv.Error:
        return []


def _is_table(widths: list[int]) -> bool:
    """One row in two has cells beside each other: titles and stamps above a header have not."""
    wide = sum(width > 1 for width in widths)
    return wide > 0 and wide * 2 >= len(widths)


def _evenness(widths: list[int]) -> float:
    return max(widths.count(width) for width in set(widths) if width > 1) / len(widths)
