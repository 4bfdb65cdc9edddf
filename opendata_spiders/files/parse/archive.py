"""Zip archives: one that holds a single table is read as that table; others are identified by their listing."""

import io
import lzma
import re
import struct
import zipfile
import zlib
from pathlib import PurePosixPath

from opendata_spiders.files.parse.errors import UnreadableError
from opendata_spiders.files.policy import file_policy
from opendata_spiders.store.content import canonical, digest

_TABLES = frozenset({"csv", "xls", "xlsx", "ods", "json", "xml", "txt"})
_ENCRYPTED = 0x1
_JUNK = re.compile(r"^__MACOSX/|(?:\.DS_Store|Thumbs\.db)$")
_DAMAGED = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, OSError, EOFError, NotImplementedError, RuntimeError,
    ValueError,
)  # fmt: skip
"""What zipfile raises for archives that are broken, locked or of a method it does not know."""


class Archive:
    """A zip file that has been opened; raises UnreadableError for one that is damaged."""

    def __init__(self, body: bytes) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(body))
            self._members = [one for one in self._zip.infolist() if not one.is_dir() and not _JUNK.search(one.filename)]
        except _DAMAGED as error:
            raise UnreadableError(f"no zip archive: {error}") from error

    @property
    def names(self) -> list[str]:
        return [one.filename for one in self._members]

    @property
    def listing_hash(self) -> str:
        """Hash of names, sizes and checksums: packing the same files again gives the same hash."""
        listed = sorted((one.filename, one.file_size, one.CRC) for one in self._members)
        return digest(canonical(listed))

    @property
    def is_safe(self) -> bool:
        """Whether it may be inflated, by the sizes it states."""
        limits = file_policy()
        size = sum(one.file_size for one in self._members)
        return len(self._members) <= limits.members and size <= limits.inflated_bytes

    def only_table(self) -> tuple[str, bytes] | None:
        """Return format and bytes of the only table in it; None for none, several, an encrypted or a too large one."""
        tables = [one for one in self._members if _suffix(one.filename) in _TABLES]
        if len(tables) != 1 or tables[0].flag_bits & _ENCRYPTED or not self.is_safe:
            return None
        body = self._inflated(tables[0])
        return None if body is None else (_suffix(tables[0].filename), body)

    def _inflated(self, member: zipfile.ZipInfo) -> bytes | None:
        """Inflate one member up to the limit, whatever size the archive states."""
        most = file_policy().inflated_bytes
        try:
            with self._zip.open(member) as stream:
                body = stream.read(most + 1)
        except _DAMAGED as error:
            raise UnreadableError(f"damaged archive: {error}") from error
        return body if len(body) <= most else None


def _suffix(name: str) -> str:
    return PurePosixPath(name).suffix.lstrip(".").lower()
