"""What a site's folder holds and what it was made from (`.site.json`), so that nothing is made twice."""

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from alerts.publish.folder import Folder
from alerts.text.jsonable import jsonable

MARK = ".site.json"


@dataclass(frozen=True, slots=True)
class Made:
    """One part of the site as it was last written."""

    fingerprint: str
    """Of all that it is made from; empty if it has to be made again."""
    paths: tuple[str, ...]
    """Its files, relative to the folder."""


@dataclass
class Ledger:
    """The parts of a site, read from its folder and written back after a build."""

    folder: Folder
    look: str
    """Fingerprint of what every page is made from: templates, texts, code."""
    seq: int = 0
    """The last event whose page is there."""
    whole: str = ""
    """Fingerprint of what all parts together are made from."""
    parts: dict[str, Made] = field(default_factory=dict)

    @classmethod
    def read(cls, folder: Folder, look: str) -> "Ledger":
        """The ledger of the folder; an empty one if it is missing, damaged or of another look."""
        with suppress(FileNotFoundError, ValueError, KeyError, TypeError, AttributeError):
            found = json.loads((folder.root / MARK).read_text("utf-8"))
            parts = {str(name): Made(one["from"], tuple(one["paths"])) for name, one in found["parts"].items()}
            if found["look"] == look:
                return cls(folder, look, int(found["seq"]), str(found["whole"]), parts)
            return cls(folder, look, 0, "", {name: Made("", made.paths) for name, made in parts.items()})
        return cls(folder, look)

    @cached_property
    def present(self) -> set[str]:
        """Paths of all files that the folder held before the build."""
        root = self.folder.root
        return {
            os.path.relpath(os.path.join(base, name), root)  # noqa: PTH118 -- hundreds of thousands of files
            for base, _, names in os.walk(root)
            for name in names
        }

    def holds(self, name: str, fingerprint: str) -> bool:
        """Whether the part was made from the same and all its files are there."""
        made = self.parts.get(name)
        return made is not None and made.fingerprint == fingerprint != "" and self.present.issuperset(made.paths)

    def holds_all(self, fingerprint: str) -> bool:
        """Whether every part was made from the same, none failed, and all their files are there."""
        return self.whole == fingerprint and all(self.holds(name, one.fingerprint) for name, one in self.parts.items())

    def has(self, name: str) -> bool:
        """Whether the part has files, of this build or of an earlier one."""
        return name in self.parts and bool(self.parts[name].paths)

    def begun(self, name: str) -> None:
        """Record that a part is being written: if it fails, its old files stay and the next build tries again."""
        self.parts[name] = Made("", self.parts[name].paths if name in self.parts else ())

    def made(self, name: str, fingerprint: str, paths: Iterable[str]) -> None:
        """Record that a part was written, and remove the files that it no longer has."""
        old, self.parts[name] = self.parts.get(name), Made(fingerprint, tuple(sorted(paths)))
        self._remove(set(old.paths if old else ()).difference(self.parts[name].paths))

    def keep_only(self, names: Iterable[str]) -> None:
        """Remove the files of all parts but these."""
        for name in self.parts.keys() - set(names):
            self._remove(self.parts.pop(name).paths)

    def _remove(self, paths: Iterable[str]) -> None:
        for path in paths:
            (self.folder.root / path).unlink(missing_ok=True)

    def write(self) -> None:
        """Write it to the folder. Raises OSError."""
        parts = {name: {"from": one.fingerprint, "paths": one.paths} for name, one in sorted(self.parts.items())}
        document = {"look": self.look, "seq": self.seq, "whole": self.whole, "parts": parts}
        self.folder.put(MARK, json.dumps(document, ensure_ascii=False, indent=0) + "\n")


def fingerprint(made_from: Mapping[str, Any]) -> str:
    """Hash of values of any kind that MongoDB holds."""
    text = json.dumps(jsonable(made_from, str), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
