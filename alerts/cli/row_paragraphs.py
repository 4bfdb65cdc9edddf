"""A table for a terminal that is too narrow for it: each row as a paragraph, no word cut in two."""

from collections.abc import Iterator, Sequence

from rich.console import Console, RenderableType
from rich.measure import Measurement
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

_UNBOUND = 10_000
"""Columns of a terminal on which nothing is folded."""
_NOTHING = "–"


def fits(table: Table, console: Console) -> bool:
    """Whether the terminal can show the table without folding a word, an id or a Chinese title."""
    options = console.options.update(max_width=_UNBOUND)
    return Measurement.get(console, options, table).minimum <= console.width


def paragraphs(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[RenderableType]:
    """Each row as its first cell, and below it the other cells that hold something, each after its column's heading."""
    for head, *others in rows:
        yield Text(head, style="bold")
        told = Text(" · ").join(
            Text.assemble((f"{column} ", "dim"), value)
            for column, value in zip(columns[1:], others, strict=True)
            if value != _NOTHING
        )
        yield Padding(told, (0, 0, 0, 2))
