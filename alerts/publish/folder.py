"""Writes the site's files: only what differs, so that an unchanged night changes no date of any file."""

import os
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import NamedTemporaryFile

_PART = ".part-"
"""How the name of a file begins that is not whole yet."""
_STALE_SECONDS = 3600


@dataclass
class Folder:
    """The folder a site lies in, and what was done to it."""

    root: Path
    written: int = 0
    same: int = 0
    _made: set[Path] = field(default_factory=set)

    def clear(self) -> None:
        """Remove what a killed call had half written; another one may be at work now. Raises OSError."""
        for part in self.root.rglob(f"{_PART}*"):
            if part.stat().st_mtime < time.time() - _STALE_SECONDS:
                part.unlink(missing_ok=True)

    def put(self, path: str, text: str) -> None:
        """Let the file hold `text`; readers see the old content or the new, never half of one. Raises OSError."""
        target = self.root / path
        content = text.encode()
        with suppress(FileNotFoundError):
            if target.stat().st_size == len(content) and target.read_bytes() == content:
                self.same += 1
                return
        if target.parent not in self._made:
            target.parent.mkdir(parents=True, exist_ok=True)
            self._made.add(target.parent)
        with NamedTemporaryFile(dir=target.parent, prefix=_PART, delete=False) as part:
            part.write(content)
        whole = Path(part.name)
        whole.chmod(0o644)  # a web server runs as somebody else
        whole.replace(target)
        self.written += 1

    def names(self, folder: str) -> set[str]:
        """Names of the files in a folder below the root."""
        try:
            return {entry.name for entry in os.scandir(self.root / folder)}
        except FileNotFoundError:
            return set()
