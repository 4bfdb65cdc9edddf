"""Dated snapshots: a folder with every table, its data dictionary and checksums; and the removal of old ones.

SHA256SUMS is written last: a folder without it is not complete.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import date, datetime, timedelta
from pathlib import Path

from alerts.exports.columns import dictionary
from alerts.exports.dcat.catalogue import write_catalogues
from alerts.exports.dictionary import MONTHS, NAME, PACKAGE, README, SUMS, package, readme, schema, schema_path
from alerts.exports.formats import FORMATS
from alerts.exports.policy import policy
from alerts.exports.source import Source
from alerts.exports.tables import TABLES, events
from alerts.publish.folder import Folder
from alerts.records.isolation import apart
from opendata_spiders.store.clock import SHANGHAI

DCAT = "dcat"
PARTS = (*TABLES, DCAT)
"""What a snapshot consists of."""
_DATED = re.compile(r"\d{4}-\d{2}-\d{2}")


def name_of(now: datetime) -> str:
    """Name of the snapshot of this day (China's calendar)."""
    return f"{now.astimezone(SHANGHAI):%Y-%m-%d}"


def write_snapshot(
    source: Source, folder: Folder, parts: Iterable[str] = PARTS, formats: Iterable[str] = tuple(FORMATS)
) -> None:
    """Write the snapshot into the folder; a part that fails is recorded and the others follow.

    Raises OSError if a file cannot be written, StoreError if a format needs a package that is not installed.
    """
    folder.root.mkdir(parents=True, exist_ok=True)
    folder.clear()
    (folder.root / SUMS).unlink(missing_ok=True)
    chosen, forms = set(parts), tuple(formats)
    files: list[tuple[str, str, str]] = []
    for table in (name for name in TABLES if name in chosen):
        with apart("export", table):
            files += write_table(source, folder, table, forms)
            if table == MONTHS:
                files += write_months(source, folder)
    if DCAT in chosen:
        with apart("export", DCAT):
            write_catalogues(source, folder)
    for table in {table for _, _, table in files}:
        folder.put(schema_path(table), schema(table))
    folder.put(PACKAGE, package(files, source.now))
    folder.put(README, readme(source.now))
    folder.put(SUMS, "".join(_sums(folder.root)))


def write_table(source: Source, folder: Folder, table: str, formats: Iterable[str]) -> list[tuple[str, str, str]]:
    """Write one table in these formats; the files as path, format and table. The rows are made once for each format."""
    written = []
    for form in formats:
        path = f"{table}.{FORMATS[form].suffix}"
        with folder.stream(path) as file:
            FORMATS[form].write(file, dictionary()[table], TABLES[table](source))
        written.append((path, form, table))
    return written


def write_months(source: Source, folder: Folder, below: str = "") -> list[tuple[str, str, str]]:
    """Write `events/2026-10.csv` of every month with an event; the files as path, format and table.

    A file of a month before the last one is written only where it is missing or one of its events was withdrawn since.
    `below`: what their paths begin with.
    """
    written = []
    for month in _months(source):
        path = f"{below}{MONTHS}/{month:%Y-%m}.csv"
        if not (folder.root / path).exists() or _may_differ(source, month):
            with folder.stream(path) as file:
                found = events.rows(source, since=_start(month), until=_start(_following(month)))
                FORMATS["csv"].write(file, dictionary()["events"], found)
        written.append((path, "csv", "events"))
    return written


def _months(source: Source) -> Iterator[date]:
    """The first day of each month from the first event to now."""
    first = source.store.db["events"].find_one(sort=[("at", 1)], projection={"at": 1})
    month = _first_day(first["at"]) if first else None
    while month is not None and month <= _first_day(source.now):
        yield month
        month = _following(month)


def _may_differ(source: Source, month: date) -> bool:
    """Whether a month's events may be others than when the file was written: it is recent, or one was withdrawn."""
    last = _months_before(_first_day(source.now), 1)
    if month >= last:
        return True
    lately = {"evidence.retracted": {"$exists": True}, "at": {"$gte": _start(last)}}
    taken = [one["evidence"]["retracted"] for one in source.store.db["events"].find(lately, {"evidence.retracted": 1})]
    within = {"_id": {"$in": taken}, "at": {"$gte": _start(month), "$lt": _start(_following(month))}}
    return source.store.db["events"].find_one(within, {"_id": 1}) is not None


def _first_day(at: datetime) -> date:
    """The first day of the month of a time, by China's calendar."""
    return at.astimezone(SHANGHAI).date().replace(day=1)


def _following(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)


def _start(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)


def _sums(root: Path) -> Iterator[str]:
    """A line of SHA256SUMS for each file of a snapshot."""
    for path in sorted(path for path in root.rglob("*") if path.is_file() and path.name != SUMS):
        with path.open("rb") as file:
            yield f"{hashlib.file_digest(file, 'sha256').hexdigest()}  {path.relative_to(root).as_posix()}\n"


def prune(root: Path, now: datetime) -> list[str]:
    """Remove the snapshots that the policy does not keep; their names. Raises OSError.

    Kept are those of the last `keep_days`, and the first of each of the last `keep_months`. Of a snapshot only
    the files are removed that its SHA256SUMS names; a folder without it, or with another data package, is left alone.
    """
    today = now.astimezone(SHANGHAI).date()
    whole = sorted(path for path in root.iterdir() if _DATED.fullmatch(path.name) and _ours(path))
    first: dict[str, Path] = {}
    for path in whole:
        first.setdefault(path.name[:7], path)
    oldest = f"{_months_before(today, policy().keep_months):%Y-%m}"
    last_kept = f"{today - timedelta(days=policy().keep_days):%Y-%m-%d}"
    gone = [
        path for path in whole if path.name < last_kept and (first[path.name[:7]] != path or path.name[:7] < oldest)
    ]
    for path in gone:
        _remove(path)
    return [path.name for path in gone]


def _months_before(day: date, months: int) -> date:
    number = day.year * 12 + day.month - 1 - months
    return date(number // 12, number % 12 + 1, 1)


def _ours(path: Path) -> bool:
    try:
        named = json.loads((path / PACKAGE).read_text("utf-8"))["name"]
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return bool(named == NAME) and (path / SUMS).is_file()


def _remove(snapshot: Path) -> None:
    lines = (snapshot / SUMS).read_text("utf-8").splitlines()
    paths = [snapshot / line.partition("  ")[2] for line in lines]
    inside = [path for path in paths if snapshot.resolve() in path.resolve().parents]
    for path in (*inside, snapshot / SUMS):
        path.unlink(missing_ok=True)
    for folder in sorted({path.parent for path in inside} | {snapshot}, reverse=True):
        with suppress(OSError):  # something else lies in it
            folder.rmdir()
