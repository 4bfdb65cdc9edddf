"""Writes the site's files: only those that differ, so that unchanged files keep their date."""

import os
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

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
        if target.parent not in self._made:
            target.parent.mkdir(parents=True, exist_ok=True)
            self._made.add(target.parent)
        part = target.with_name(f"{_PART}{os.getpid()}-{target.name}")
        part.write_bytes(content)
        part.chmod(0o644)  # a web server runs as somebody else
        part.replace(target)
        self.written += 1

    def names(self, folder: str) -> set[str]:
        """Names of the files in a folder below the root."""
        try:
            return {entry.name for entry in os.scandir(self.root / folder)}
        except FileNotFoundError:
            return set()
