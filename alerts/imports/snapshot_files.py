"""The dated snapshots in a folder: which files they are, when each was taken, and their bytes."""

import csv
import gzip
import hashlib
import itertools
import lzma
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, tzinfo
from pathlib import Path

import zstandard

from alerts.imports.limits import ImportRefusedError, limits
from opendata_spiders.pages.bodies import plain

MANIFEST = "manifest.csv"
"""Optional, in the folder: columns `file`, `at` and, where the portal printed one, `total`."""
_EXPORT = "datapackage.json"
"""Marks a folder that `alerts export` wrote: its list of datasets is one file of it."""
_EXPORTED_LIST = "datasets.jsonl.gz"
_CATALOGUES = frozenset({".json", ".jsonl", ".ndjson", ".csv"})
_PACKED = frozenset({".gz", ".xz", ".zst"})
_CHUNK = 1 << 20
_ZSTD_CHUNK = 1 << 10
"""Bytes given to zstd at once: each may become 30,000 times as many."""
_NOON = time(12)
_DATE = re.compile(
    r"(?<!\d)(?P<year>(?:19|20)\d\d)(?P<sign>[-_.]?)(?P<month>[01]\d)(?P=sign)(?P<day>[0-3]\d)"
    r"(?:[T_ ]?(?P<hour>[0-2]\d)[:h-]?(?P<minute>[0-5]\d)(?:[:m-]?(?P<second>[0-5]\d))?"
    r"(?P<zone>Z|[+-]\d\d:?\d\d)?(?!-?\d))?(?!\d)"
)


@dataclass(frozen=True, slots=True)
class SnapshotFile:
    """One file that holds one snapshot."""

    path: Path
    name: str
    """Path below the folder."""
    at: datetime
    """When it was taken (UTC); noon in the portal's zone where only the day is known."""
    total: int | None = None
    """The total that the portal printed, where the manifest tells it."""


@dataclass(frozen=True, slots=True)
class SnapshotBytes:
    """The content of a snapshot file."""

    content: bytes
    cut: str = ""
    """Why the content is not whole; empty if nothing says so."""


@dataclass(slots=True)
class _Dated:
    """What the manifest, or the names, say of the files."""

    files: list[SnapshotFile] = field(default_factory=list)
    undated: list[str] = field(default_factory=list)


def snapshot_files(folder: Path, tz: tzinfo, now: datetime) -> list[SnapshotFile]:
    """The snapshots of a folder and its subfolders, oldest first.

    Raises ImportRefusedError, naming the files, where one has no date or may have several, lies in the future, or was
    taken at the time of another; and for a folder without a snapshot.
    """
    found = [(path, str(path.relative_to(folder))) for path in _catalogues(folder)]
    if not found:
        raise ImportRefusedError(
            f"{plain(folder.name)} holds no snapshot; put files .json, .jsonl, .ndjson or .csv into it, plain or packed"
            " as .gz, .xz or .zst"
        )
    if len(found) > limits().files:
        raise ImportRefusedError(
            f"the folder holds more than {limits().files:,} files; import it in parts, oldest first"
        )
    listed = _manifest(folder / MANIFEST, tz)
    dated = _Dated()
    for path, name in found:
        at, total = listed.get(name, (None, None)) if listed is not None else (date_in(name, tz), None)
        if at is None:
            dated.undated.append(name)
        else:
            dated.files.append(SnapshotFile(path, name, at, total))
    _refuse(
        dated.undated,
        f"no single date in the name of {{}}; name them like 2024-03-01.jsonl, or list them in {MANIFEST}",
    )
    _refuse([one.name for one in dated.files if one.at > now], "{} lie in the future; correct their dates")
    files = sorted(dated.files, key=lambda one: (one.at, one.name))
    twice = [later.name for earlier, later in itertools.pairwise(files) if earlier.at == later.at]
    _refuse(twice, "{} were taken at the time of another file; leave one of them out, or give their times of day")
    return files


def _refuse(names: list[str], said: str) -> None:
    if names:
        few = ", ".join(plain(name, 80) for name in names[:3]) + (" and others" if len(names) > 3 else "")
        raise ImportRefusedError(said.format(few))


def _catalogues(folder: Path) -> Iterator[Path]:
    """The files that may be snapshots; of an export of ours its list of datasets."""
    if (folder / _EXPORT).exists():
        if (folder / _EXPORTED_LIST).exists():
            yield folder / _EXPORTED_LIST
        return
    for path in sorted(folder.iterdir()):
        if path.is_dir() and not path.is_symlink() and not path.name.startswith("."):
            yield from _catalogues(path)
        suffixes = path.suffixes[-2:] if path.suffix in _PACKED else path.suffixes[-1:]
        if path.is_file() and path.name != MANIFEST and suffixes and suffixes[0] in _CATALOGUES:
            yield path


def _manifest(path: Path, tz: tzinfo) -> Mapping[str, tuple[datetime | None, int | None]] | None:
    """Time and total by file; None without a manifest. Raises ImportRefusedError."""
    if not path.exists():
        return None
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ImportRefusedError(f"{MANIFEST} cannot be read ({type(error).__name__}); write it as UTF-8 CSV") from None
    listed = {}
    for row in rows:
        name, at, total = (str(row.get(column) or "").strip() for column in ("file", "at", "total"))
        if not name or (total and not total.isdecimal()):
            raise ImportRefusedError(
                f"{MANIFEST} needs the columns file, at and (a number, or empty) total in every row"
            )
        listed[name] = (date_in(at, tz), int(total) if total else None)
    return listed


def date_in(name: str, tz: tzinfo) -> datetime | None:
    """The one time that a name tells, in UTC; None where it tells none, or more than one.

    The year comes first: 2024-03-01, 20240301, 2024-03-01T0000Z. A time without a zone is the portal's.
    """
    found = {_moment(match, tz) for match in _DATE.finditer(name)}
    return found.pop() if len(found) == 1 else None


def _moment(match: re.Match[str], tz: tzinfo) -> datetime | None:
    part = match.groupdict()
    try:
        day = datetime(int(part["year"]), int(part["month"]), int(part["day"]), tzinfo=tz)
        if part["hour"] is None:
            return datetime.combine(day, _NOON, tz).astimezone(UTC)
        zone = datetime.strptime(part["zone"], "%z").tzinfo if part["zone"] else tz
        clock = time(int(part["hour"]), int(part["minute"]), int(part["second"] or 0))
        return datetime.combine(day, clock, zone).astimezone(UTC)
    except ValueError:
        return None


def read_bytes(path: Path) -> SnapshotBytes:
    """The content of a file, unpacked; what of a packed file that ends early can still be read.

    Raises ImportRefusedError for a file that cannot be read at all, or has more than `file_mb`.
    """
    content, cut, limit = bytearray(), "", limits().file_mb << 20
    try:
        for chunk in _chunks(path):
            content += chunk
            if len(content) > limit:
                raise ImportRefusedError(f"it has more than {limits().file_mb} MB")
    except EOFError:
        cut = f"the packed file ends early, after {len(content):,} bytes of content"
    except (OSError, zlib.error, lzma.LZMAError, zstandard.ZstdError) as error:
        cut = f"the packed file is broken after {len(content):,} bytes of content ({type(error).__name__})"
    if not content:
        raise ImportRefusedError(cut or "it is empty")
    return SnapshotBytes(bytes(content), cut)


def _chunks(path: Path) -> Iterator[bytes]:
    """The unpacked content; raises EOFError at the end of a packed file that is cut off."""
    if path.suffix == ".zst":
        unpacker = zstandard.ZstdDecompressor().decompressobj()
        with path.open("rb") as file:
            while packed := file.read(_ZSTD_CHUNK):
                yield unpacker.decompress(packed)
        if not unpacker.eof:
            raise EOFError
        return
    with (
        gzip.open(path)
        if path.suffix == ".gz"
        else lzma.open(path)
        if path.suffix == ".xz"
        else path.open("rb") as file
    ):
        # What of a file that ends early can still be unpacked comes before the error.
        while chunk := file.read1(_CHUNK):
            yield chunk


def file_sha256(path: Path) -> str:
    """SHA-256 of a file as it lies there, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
