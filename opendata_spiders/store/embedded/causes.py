"""Why the embedded database does not run, and what to do about it, in one sentence. Standard library only."""

import errno
import os
import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from opendata_spiders.store.embedded.layout import Layout

PORT_TAKEN = 48
"""mongod's exit status when it cannot listen."""
LOG_TAIL = 200_000
"""Bytes of mongod's log that are searched, from its end."""
ROOM = 8_000_000
"""Bytes that must fit on the disk; otherwise the disk counts as full."""

_MAKE_ROOM = "make room there (mongod wants some hundred MB), or set DATA_DIR to a folder on another disk"
_NO_LIMIT = "raise the limit (ulimit -f unlimited)"
_READ = "look into that log"
_NO_ROOM = ("No space left on device", "Disk quota exceeded", "OutOfDiskSpace")
_OTHER_FOLDER = "set DATA_DIR to another folder"
_DISK_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_NOT_OURS = frozenset({errno.EACCES, errno.EPERM})
_PACKAGES = {
    "libcurl.so.4": "libcurl4",
    "libcrypto.so.3": "libssl3",
    "libssl.so.3": "libssl3",
    "liblzma.so.5": "liblzma5",
}

_LIBRARY = re.compile(r"error while loading shared libraries: ([^\s:]+): cannot open shared object file")
_NOTE = re.compile(r'"s":"(?:I|W|D\d?)"')
_SYMBOL = re.compile(r"version [`']((?:GLIBC|GLIBCXX|OPENSSL)_[\w.]+)' not found")


@dataclass(frozen=True, slots=True)
class Cause:
    """Why the database does not run, and what to do: the middle and the end of the sentence in `binary.unavailable`."""

    why: str
    do: str


def of_os_error(error: OSError, doing: str, data_dir: Path) -> Cause:
    """Return the cause behind an error of the operating system, met while `doing` something in DATA_DIR."""
    place = f"{doing} {error.filename or f'in {data_dir}'}"
    if error.errno in _DISK_FULL:
        return disk_full(data_dir)
    if error.errno == errno.EROFS:
        return Cause(f"the disk of DATA_DIR ({data_dir}) is read-only", f"mount it writable, or {_OTHER_FOLDER}")
    if error.errno in _NOT_OURS:
        return Cause(f"{place} is not permitted to user {os.geteuid()}", f"chown it to that user, or {_OTHER_FOLDER}")
    if error.errno == errno.EFBIG:
        return Cause(f"{place} fails because files may not grow as large as needed", _NO_LIMIT)
    return Cause(f"{place} failed ({error.strerror or error})", f"correct that, or {_OTHER_FOLDER}")


def disk_full(data_dir: Path) -> Cause:
    """Return the cause that there is no room for the database."""
    return Cause(f"the disk of DATA_DIR ({data_dir}) is full", _MAKE_ROOM)


def of_mongod(status: int, output: str, layout: Layout, begun: int) -> Cause:
    """Return why mongod ended: by its output before it had a log, its log from byte `begun` on, and its exit status.

    A negative status is a signal.
    """
    if missing := _LIBRARY.search(output):
        package = _PACKAGES.get(missing[1])
        do = f"apt install {package} (Debian, Ubuntu)" if package else "install the package that holds it"
        return Cause(f"mongod needs the system library {missing[1]}, which is not installed", do)
    if missing := _SYMBOL.search(output):
        return Cause(f"mongod needs a newer system library ({missing[1]})", "point MONGOD at one made for this system")
    text = output + _faults(_tail(layout.mongod_log, begun))
    if any(word in text for word in _NO_ROOM) or has_no_room(layout.folder):
        return disk_full(layout.data_dir)
    found = next((cause for words, cause in _LOGGED if any(word in text for word in words)), None)
    cause = found or _BY_STATUS.get(status) or Cause(f"mongod ended with status {status}", _READ)
    return Cause(f"{cause.why} (its log: {layout.mongod_log})", cause.do)


def has_no_room(folder: Path) -> bool:
    """Tell whether the disk has no room for ROOM bytes more, or the quota has not."""
    try:
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(bytes(ROOM))
    except OSError as error:
        return error.errno in _DISK_FULL
    return False


def _faults(text: str) -> str:
    """Return the lines of mongod's log that are errors: every start logs some warnings."""
    return "\n".join(line for line in text.splitlines() if not _NOTE.search(line))


def _tail(log: Path, begun: int) -> str:
    try:
        with log.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(begun if begun <= size else 0, size - LOG_TAIL))
            return file.read().decode("utf-8", "replace")
    except OSError:
        return ""


_DAMAGED = Cause(
    "the files of the database are damaged",
    "restore DATA_DIR/mongo from a backup (docs/store.md), or move it away to begin anew",
)
_NEWER = Cause(
    "the files in DATA_DIR/mongo were written by a newer or much older MongoDB than this mongod",
    "point MONGOD at the mongod that wrote them",
)
_IN_USE = Cause("another mongod is running on the files in DATA_DIR/mongo", "stop that process")
_NO_RIGHTS = Cause(
    f"mongod may not read or write its files in DATA_DIR (as user {os.geteuid()})",
    "chown -R the folder to that user: it was filled by another one, perhaps by root",
)
_KEY_OPEN = Cause(
    "the file system of DATA_DIR keeps no permissions, so that everybody could read the key of the database",
    "set DATA_DIR to a folder on a local disk",
)
_LOGGED: tuple[tuple[tuple[str, ...], Cause], ...] = (
    (("are too open",), _KEY_OPEN),
    (("DBPathInUse",), _IN_USE),
    (
        (
            "unsupported WiredTiger",
            "invalid featureCompatibilityVersion",
            "too recent to start up on the existing data",
            "Wrong mongod version",
            "UPGRADE PROBLEM",
        ),
        _NEWER,
    ),
    (("Operation not permitted", "Permission denied"), _NO_RIGHTS),  # WiredTiger logs this of a newer version, too
    (
        (
            "illegal file format",
            "checksum error",
            "WT_TRY_SALVAGE",
            "file contains corruption",
            "WT_PANIC",
            "WT_ERROR: non-specific WiredTiger error",
            "storage engine metadata file",
        ),
        _DAMAGED,
    ),
)
"""Words in the errors of mongod's log to their cause; the first match counts."""
_BY_STATUS = {
    -4: Cause("this processor lacks instructions that mongod needs (AVX)", "point MONGOD at one made for it"),
    -9: Cause("mongod was killed, most likely for want of memory", "free some memory"),
    -25: Cause("files may not grow as large as mongod needs", _NO_LIMIT),
    PORT_TAKEN: Cause("every port that mongod tried was taken by another program", "run the command again"),
    62: _NEWER,
    100: Cause("mongod could not open its files in DATA_DIR", _READ),
}

Report = Callable[[Cause], None]
"""Passes the cause on to the process that started the supervisor."""
