"""Splits a message to a service's limit: between datasets, else between lines, else between characters."""

from collections.abc import Callable, Iterable, Iterator

from alerts.text.sanitising import BREAK

Size = Callable[[str], int]


def split(body: str, limit: int, size: Size) -> list[str]:
    """Parts of at most `limit` (as `size` counts), none empty; 0 means one part.

    Nothing is lost: joined with the line breaks at which they were split, the parts are the body.
    """
    blocks = [block for block in body.split(BREAK) if block.strip()]
    if not limit:
        return ["".join(blocks).strip("\n")]

    def fits(text: str) -> bool:
        return size(text.strip("\n")) <= limit

    def packed(texts: Iterable[str], finer: Callable[[str], Iterable[str]]) -> list[str]:
        """Parts with as many of the texts as fit; a text that is longer than a whole part is split by `finer`."""
        parts: list[str] = []
        for text in texts:
            if parts and fits(parts[-1] + text):
                parts[-1] += text
            else:
                parts += [text] if fits(text) else finer(text)
        return parts

    def lines(block: str) -> list[str]:
        return packed(block.splitlines(keepends=True), characters)

    def characters(line: str) -> Iterator[str]:
        while not fits(line):
            # How many fit, at least one (bisection: size grows with length).
            low, high = 1, len(line)
            while low < high:
                middle = (low + high + 1) // 2
                low, high = (middle, high) if size(line[:middle]) <= limit else (low, middle - 1)
            yield line[:low]
            line = line[low:]
        yield line

    return [part.strip("\n") for part in packed(blocks, lines) if part.strip("\n")]
