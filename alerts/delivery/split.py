"""Cuts a message to what a service takes: between datasets, else between lines, else between characters."""

from collections.abc import Callable, Sequence

from alerts.text.sanitising import BREAK

Size = Callable[[str], int]


def split(body: str, limit: int, size: Size) -> list[str]:
    """Parts of at most `limit` (as `size` counts), none empty; 0 means one part.

    Nothing is lost: joined with the line breaks that were cut at, the parts are the body.
    """
    blocks = [block for block in body.split(BREAK) if block.strip()]
    if not limit:
        return ["".join(blocks).strip("\n")]
    parts: list[str] = []
    for block in blocks:
        if parts and size((parts[-1] + block).strip("\n")) <= limit:
            parts[-1] += block
        else:
            parts += _pieces(block, limit, size)
    return [part.strip("\n") for part in parts]


def _pieces(block: str, limit: int, size: Size) -> list[str]:
    """One block, cut only if it must be."""
    if size(block.strip("\n")) <= limit:
        return [block]
    pieces = [""]
    for line in block.splitlines(keepends=True):
        for piece in _cut(line, limit, size):
            if size((pieces[-1] + piece).strip("\n")) <= limit:
                pieces[-1] += piece
            else:
                pieces.append(piece)
    return [piece for piece in pieces if piece.strip("\n")]


def _cut(line: str, limit: int, size: Size) -> Sequence[str]:
    """A line longer than a whole message, cut between characters."""
    if size(line.strip("\n")) <= limit:
        return [line]
    pieces, rest = [], line
    while size(rest.strip("\n")) > limit:
        end = _fits(rest, limit, size)
        pieces.append(rest[:end])
        rest = rest[end:]
    return [*pieces, rest]


def _fits(text: str, limit: int, size: Size) -> int:
    """How many characters of `text` fit, at least one (bisection: size grows with length)."""
    low, high = 1, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if size(text[:middle]) <= limit else (low, middle - 1)
    return low
