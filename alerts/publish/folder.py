"""Writes the site's files: only those that differ, so that unchanged files keep their date."""

import filecmp
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import NamedTemporaryFile
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

    def put(self, path: str, text: str) -> None:
        """Write `text` to the file atomically: readers see the old content or the new. Raises OSError."""
        target = self.root / path
        content = text.encode()
        with suppress(FileNotFoundError):
            if target.stat().st_size == len(content) and target.read_bytes() == content:
                self.same += 1
                return
        with self._part(target) as part:
            part.write(content)
        self._replace(Path(part.name), target)

    @contextmanager
    def stream(self, path: str) -> Iterator[IO[bytes]]:
        """A binary file that replaces the file at the end of the block, if it differs; for what memory cannot hold.

        If the block raises, the file stays as it was. Raises OSError.
        """
        target = self.root / path
        with self._part(target) as part:
            try:
                yield part
            except BaseException:
                Path(part.name).unlink()
                raise
        whole = Path(part.name)
        if target.exists() and filecmp.cmp(whole, target, shallow=False):
            whole.unlink()
            self.same += 1
        else:
            self._replace(whole, target)

    @contextmanager
    def _part(self, target: Path) -> Iterator[IO[bytes]]:
        if target.parent not in self._made:
            target.parent.mkdir(parents=True, exist_ok=True)
            self._made.add(target.parent)
        with NamedTemporaryFile(dir=target.parent, prefix=_PART, delete=False) as part:
            yield part

    def _replace(self, whole: Path, target: Path) -> None:
        whole.chmod(0o644)  # a web server runs as somebody else
        whole.replace(target)
        self.written += 1

    def names(self, folder: str) -> set[str]:
        """Names of the files in a folder below the root."""
        try:
            return {entry.name for entry in os.scandir(self.root / folder)}
        except FileNotFoundError:
            return set()
