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
    _made: set[Path] = field(default_factory=set)

    def clear(self) -> None:
        """Remove old incomplete files of killed processes; recent ones may be in use. Raises OSError."""
        for part in self.root.rglob(f"{_PART}*"):
            if part.stat().st_mtime < time.time() - _STALE_SECONDS:
                part.unlink(missing_ok=True)

    def put(self, path: str, content: str | bytes) -> None:
        """Write the file atomically: readers see the old content or the new. Raises OSError."""
        target = self.root / path
        content = content.encode() if isinstance(content, str) else content
        with suppress(FileNotFoundError):
            if target.stat().st_size == len(content) and target.read_bytes() == content:
                self.same += 1
                return
        part = self._part(target)
        part.write_bytes(content)
        self._replace(part, target)

    @contextmanager
    def stream(self, path: str) -> Iterator[IO[bytes]]:
        """A binary file that replaces the file at the end of the block, if it differs; for what memory cannot hold.

        If the block raises, the file stays as it was. Raises OSError.
        """
        target = self.root / path
        part = self._part(target)
        try:
            with part.open("w+b") as file:
                yield file
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        if target.exists() and filecmp.cmp(part, target, shallow=False):
            part.unlink()
            self.same += 1
        else:
            self._replace(part, target)

    def _part(self, target: Path) -> Path:
        """The path of the file while it is not complete, in a folder that is there."""
        if target.parent not in self._made:
            target.parent.mkdir(parents=True, exist_ok=True)
            self._made.add(target.parent)
        return target.with_name(f"{_PART}{os.getpid()}-{target.name}")

    def _replace(self, part: Path, target: Path) -> None:
        part.chmod(0o644)  # a web server runs as somebody else
        part.replace(target)
        self.written += 1

    def names(self, folder: str) -> set[str]:
        """Names of the files in a folder below the root."""
        try:
            return {entry.name for entry in os.scandir(self.root / folder)}
        except FileNotFoundError:
            return set()
