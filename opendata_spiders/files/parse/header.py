"""Which row of a table is its header: titles, notes and the upper half of a header may stand above it.

The header is the last row of the data's width before the first row of data. A row is data if it has figures or dates in
the columns where the rows below have them. Where no column has figures, or the header's own cells are figures (years),
the header is the first row of that width.
"""

import re
from collections import Counter
from collections.abc import Sequence

from opendata_spiders.normalise import is_blank, text

Row = list[str]

LOOK_AHEAD = 40
"""Rows from which the width and the columns of figures are determined."""
_CANDIDATES = 10
"""Rows of that width among which the header is searched for."""
_FIGURES_SHARE = 0.6
"""Share of a column's values that are figures, from the first one on, that makes it a column of figures."""
_UNKNOWN = frozenset({"不详", "未知", "待定", "缺", "缺失", "unknown", "tbd"})
"""Words for a missing figure, in addition to normalise/blanks.csv."""
_LABELLED = re.compile(r"[^:：()（）\d][^:：()（）]{0,30}[:：]\s*\S.*", re.DOTALL)
_LABEL = re.compile(r"[^:：]{1,30}[:：]")
_BRACKETED = re.compile(r"[(（\[【].*[)）\]】]")
_FIGURES = re.compile(r"[-+~≈<>￥¥$]?\d[\d,.\-/:% T~年月日时分秒+]*")
_SENTENCE = re.compile(r"[。；;，！!]|[,、].*[,、]")


def header_at(rows: Sequence[Row]) -> int | None:
    """Index of the header among a table's first rows; None where no row can be one.

    `rows` are stripped, and have no blank cells at their ends.
    """
    width = _width(rows)
    figures = _columns_of_figures(rows, width)
    found, data = None, None
    for at in [at for at, row in enumerate(rows) if _fits(row, width)][:_CANDIDATES]:
        if not _is_data(rows[at], figures):
            if found is None or _names_better(rows[at], rows[found], figures):
                found = at
        elif found is not None or data is not None:
            break
        else:
            data = at
    return data if found is None else found


def names_of(rows: Sequence[Row], at: int) -> tuple[str, ...]:
    """The columns' names, from the header; where it has a blank or a repeated name, the row above is prepended."""
    lower, above = rows[at], rows[at - 1] if at else []
    has_gaps = "" in lower or len(set(lower)) < len(lower)
    if sum(map(bool, above)) < 2 or _is_note(above) or not has_gaps:
        return tuple(lower)
    upper = _spread(above, len(lower))
    double = {name for name, count in Counter(lower).items() if count > 1}
    pairs = zip(lower, upper, strict=True)
    return tuple(f"{group} {name}".strip() if name in double or not name else name for name, group in pairs)


def _width(rows: Sequence[Row]) -> int:
    """Width that most rows have, titles and notes left out; the larger of two that are as frequent."""
    counts = Counter(len(row) for row in rows if len(row) > 1 and not _is_note(row)) or Counter(map(len, rows))
    return max(counts, key=lambda width: (counts[width], width))


def _columns_of_figures(rows: Sequence[Row], width: int) -> list[int]:
    """Columns that hold figures from some row on, two or more of them."""
    found = []
    for column in range(width):
        values = [_is_figure(row[column]) for row in rows if column < len(row) and not _is_missing(row[column])]
        below = values[values.index(True) :] if True in values else []
        if sum(below) > 1 and sum(below) >= _FIGURES_SHARE * len(below):
            found.append(column)
    return found


def _fits(row: Row, width: int) -> bool:
    """More than half of the width is filled, and not with notes or units."""
    filled = [cell for cell in row if cell]
    return len(filled) * 2 > width and not _is_note(row) and not (width > 1 and all(map(_BRACKETED.fullmatch, filled)))


def _is_note(row: Row) -> bool:
    """Whether a cell of it is a label with its value, in one cell or in the next one."""
    labels = [bool(_LABEL.fullmatch(cell)) for cell in row]
    beside = any(one and next_ and not label for one, next_, label in zip(labels, row[1:], labels[1:], strict=False))
    return beside or any(_LABELLED.fullmatch(cell) and not _is_figure(cell) for cell in row)


def _is_data(row: Row, figures: Sequence[int]) -> bool:
    """Whether it has figures where the table has, in half of these columns that it fills."""
    known = [row[column] for column in figures if column < len(row) and not _is_missing(row[column])]
    return bool(known) and sum(map(_is_figure, known)) * 2 >= len(known)


def _names_better(row: Row, other: Row, figures: Sequence[int]) -> bool:
    """Whether a row names more columns than one above it; or as many, two of them above columns of figures.

    A single word above figures may stand for a missing value.
    """
    over = sum(column < len(row) and not _is_missing(row[column]) for column in figures)
    return _names(row) > _names(other) or (over > 1 and _names(row) == _names(other))


def _names(row: Row) -> int:
    """How many of its cells can name a column, each name once."""
    return len({cell for cell in row if cell and not _is_figure(cell) and not _SENTENCE.search(cell)})


def _is_missing(cell: str) -> bool:
    return is_blank(cell) or (text(cell) or "").casefold() in _UNKNOWN


def _is_figure(cell: str) -> bool:
    return bool(_FIGURES.fullmatch(cell))


def _spread(row: Row, width: int) -> Row:
    """Repeat the name of a merged cell, which only its first column holds, in its other columns."""
    spread, last = [], ""
    for at in range(width):
        last = row[at] if at < len(row) and row[at] else last
        spread.append(last)
    return spread
