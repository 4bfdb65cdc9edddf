"""Writes the site's files: only those that differ, so that unchanged files keep their date."""

import filecmp
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

_PART = ".part-"
"""Prefix of the names of files that are not complete yet."""
_STALE_SECONDS = 3600


@dataclass
class Folder:
    """The folder of a site, and the number of files written and unchanged."""

    root: Path
    written: int = 0
    same: int = 0
    _made: set[str] = field(default_factory=set)

    def clear(self) -> None:
        """Remove old incomplete files of killed processes; recent ones may be in use. Raises OSError."""
        for part in self.root.rglob(f"{_PART}*"):
            if part.stat().st_mtime < time.time() - _STALE_SECONDS:
                part.unlink(missing_ok=True)

    def put(self, path: str, content: str | bytes) -> None:
        """Write the file atomically: readers see the old content or the new. Raises OSError."""
        content = content.encode() if isinstance(content, str) else content
        target, part = self._places(path)
        if _holds(target, content):
            self.same += 1
            return
        with _whole(part), open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), "wb") as opened:  # noqa: PTH123
            opened.write(content)
        self._replace(part, target)

    @contextmanager
    def stream(self, path: str) -> Iterator[IO[bytes]]:
        """A binary file that replaces the file at the end of the block, if it differs; for what memory cannot hold.

        If the block raises, the file stays as it was. Raises OSError.
        """
        target, part = self._places(path)
        with _whole(part), open(part, "w+b") as file:  # noqa: PTH123
            yield file
        if Path(target).exists() and filecmp.cmp(part, target, shallow=False):
            Path(part).unlink()
            self.same += 1
        else:
            self._replace(part, target)

    def _places(self, path: str) -> tuple[str, str]:
        """The path of a file and the one it has while it is not complete, in a folder that is there.

        As strings: a site has a hundred thousand files, and `Path` costs more than writing most of them.
        """
        folder, _, name = f"{self.root}/{path}".rpartition("/")
        if folder not in self._made:
            Path(folder).mkdir(parents=True, exist_ok=True)
            self._made.add(folder)
        return f"{folder}/{name}", f"{folder}/{_PART}{os.getpid()}-{name}"

    def _replace(self, part: str, target: str) -> None:
        os.chmod(part, 0o644)  # noqa: PTH101 -- a web server runs as somebody else
        os.replace(part, target)  # noqa: PTH105
        self.written += 1

    def names(self, folder: str) -> set[str]:
        """Names of the files in a folder below the root."""
        try:
            return {entry.name for entry in os.scandir(self.root / folder)}
        except FileNotFoundError:
            return set()


@contextmanager
def _whole(part: str) -> Iterator[None]:
    """Remove the incomplete file if the block raises, as on a full disk."""
    try:
        yield
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise


def _holds(path: str, content: bytes) -> bool:
    """Whether the file is there with exactly this content."""
    with suppress(FileNotFoundError):
        if os.stat(path).st_size == len(content):  # noqa: PTH116
            return Path(path).read_bytes() == content
    return False
