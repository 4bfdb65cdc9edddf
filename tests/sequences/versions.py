"""Recorded catalogues: a folder of versions, one JSON-lines file each, or a file of histories, one snapshot a line."""

import itertools
import json
import lzma
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

SIDECAR = "sequence.json"
"""Optional, beside the versions: what the portal said of itself, and what is true (see docs/developers/sequences.md)."""
SUFFIXES = frozenset({".jsonl", ".ndjson", ".json"})
NO_DATE = datetime(2022, 1, 1, tzinfo=UTC)
"""When the first version was recorded, if neither its name nor any of its rows tells."""
_IN_NAME = re.compile(r"(?<!\d)(20\d\d)-?([01]\d)-?([0-3]\d)(?:[T_ -]?([0-2]\d)[:h-]?([0-5]\d))?(?!\d)")
_NOON = 12


class FolderError(ValueError):
    """Raised when a folder cannot be replayed; the message says what is wrong and what to do."""


@dataclass(frozen=True)
class Version:
    """One recorded state of the list, rows as they stood: doubled ones and all."""

    name: str
    at: datetime
    rows: Sequence[Mapping[str, Any]]
    total: int | None = None
    """What the portal printed as its total, where the sidecar tells."""
    size: int | None = None
    """How many datasets there truly were, where the sidecar tells because the total is wrong."""
    gone: frozenset[str] = frozenset()
    """Ids of which the portal said that they are gone, where the sidecar tells."""

    @cached_property
    def objects(self) -> Mapping[str, Mapping[str, Any]]:
        """The first row of each id."""
        return {row_id(row): row for row in reversed(self.rows) if row_id(row)}


@dataclass(frozen=True)
class Recording:
    """All versions of one catalogue."""

    versions: Sequence[Version]
    removed: Mapping[str, str] | None = None
    """True removals, id to the name of the first version whose run can state it; None where nobody knows."""

    @cached_property
    def last_listed(self) -> Mapping[str, int]:
        """Place of the last version that lists each id."""
        return {id_: place for place, version in enumerate(self.versions) for id_ in version.objects}


@dataclass(frozen=True)
class _Told:
    """The sidecar."""

    totals: Mapping[str, int] = field(default_factory=dict)
    sizes: Mapping[str, int] = field(default_factory=dict)
    gone: Mapping[str, Sequence[str]] = field(default_factory=dict)
    removed: Mapping[str, str] | None = None


def row_id(row: Mapping[str, Any]) -> str:
    """The dataset's id; '' where the row has none."""
    resource = row.get("resource")
    found = resource.get("id") if isinstance(resource, Mapping) else None
    return found if isinstance(found, str) else ""


def read_folder(folder: Path, *, limit: int | None = None, hours: float = 12) -> Recording:
    """Read a folder; `hours` lie between versions that carry no time of their own. Raises FolderError."""
    paths = sorted(path for path in folder.iterdir() if path.suffix in SUFFIXES and path.name != SIDECAR)[:limit]
    if not paths:
        raise FolderError(f"{folder} holds no version: put one JSON-lines file (*.jsonl) a version into it")
    rows = [_rows(path) for path in paths]
    told = _sidecar(folder / SIDECAR)
    times = _times([path.name for path in paths], rows, timedelta(hours=hours))
    versions = [
        Version(
            path.name,
            at,
            body,
            told.totals.get(path.name),
            told.sizes.get(path.name),
            frozenset(told.gone.get(path.name, ())),
        )
        for path, body, at in zip(paths, rows, times, strict=True)
    ]
    names = {path.name for path in paths}
    removed = None if told.removed is None else {i: name for i, name in told.removed.items() if name in names}
    return Recording(versions, removed)


def read_histories(path: Path, *, limit: int | None = None) -> dict[str, Recording]:
    """Read a file of histories (`.jsonl`, or `.jsonl.xz`), by portal. Raises FolderError.

    A line is one snapshot of one portal: `{"portal": …, "at": date or time, "datasets": [[id, title, office, updated,
    licence, …], …]}`, the snapshots of a portal in the order of their times.
    """
    versions: dict[str, list[Version]] = {}
    unpacked = lzma.open if path.suffix == ".xz" else open
    with unpacked(path, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                portal, version = _snapshot(line, f"{path.name}, line {number}")
                versions.setdefault(portal, []).append(version)
    if not versions:
        raise FolderError(f"{path.name} holds no snapshot: write one JSON object a line into it")
    for portal, many in versions.items():
        if any(a.at >= b.at for a, b in itertools.pairwise(many)):
            raise FolderError(f"{path.name}: the snapshots of {portal} are not in the order of their times; sort them")
    return {portal: Recording(many[:limit]) for portal, many in versions.items()}


def _snapshot(line: str, where: str) -> tuple[str, Version]:
    try:
        told = json.loads(line)
        portal, at, rows = str(told["portal"]), moment(told["at"]), [_as_object(row) for row in told["datasets"]]
    except (ValueError, KeyError, TypeError) as error:
        raise FolderError(f"{where} is no snapshot ({error!r}); it needs portal, at and datasets") from None
    if at is None:
        raise FolderError(f"{where}: at is {told['at']!r}; write a date or a time as ISO 8601 has it")
    return portal, Version(told["at"], at, rows)


def _as_object(row: Sequence[Any]) -> Mapping[str, Any]:
    """A row of a history as an object of /api/catalog/v1: what only one history tells is left aside."""
    id_, title, office, updated = (*row, *[None] * 4)[:4]
    return {"resource": {"id": id_, "name": title, "attribution": office, "updatedAt": updated}}


def _rows(path: Path) -> list[Mapping[str, Any]]:
    rows: list[Mapping[str, Any]] = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        if line.strip():
            rows.append(_row(line, f"{path.name}, line {number}"))
    return rows


def _row(line: str, where: str) -> Mapping[str, Any]:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise FolderError(f"{where} is no JSON ({error}); each line must be one catalogue object") from None
    if not isinstance(row, dict) or not isinstance(row.get("resource"), dict):
        raise FolderError(f"{where} has no object 'resource'; each line must be one object of /api/catalog/v1")
    return row


def _sidecar(path: Path) -> _Told:
    if not path.exists():
        return _Told()
    try:
        told = json.loads(path.read_text("utf-8"))
        return _Told(told.get("totals", {}), told.get("sizes", {}), told.get("gone", {}), told.get("removed"))
    except (ValueError, AttributeError) as error:
        raise FolderError(f"{path.name} is no JSON object ({error}); correct it or take it away") from None


def _times(names: Sequence[str], rows: Sequence[Iterable[Mapping[str, Any]]], step: timedelta) -> list[datetime]:
    """From the names if each tells another, later one; else a step apart, but never before a version's newest date."""
    named = [_time_in(name) for name in names]
    found = [time for time in named if time is not None]
    if len(found) == len(names) and all(a < b for a, b in itertools.pairwise(found)):
        return found
    times: list[datetime] = []
    for body in rows:
        newest = _newest(body)
        earliest = times[-1] + step if times else newest or NO_DATE
        times.append(max(earliest, newest or earliest))
    return times


def _time_in(name: str) -> datetime | None:
    found = _IN_NAME.search(name)
    if found is None:
        return None
    year, month, day, hour, minute = (int(part) if part else None for part in found.groups())
    try:
        return datetime(year or 0, month or 0, day or 0, _NOON if hour is None else hour, minute or 0, tzinfo=UTC)
    except ValueError:
        return None


def _newest(rows: Iterable[Mapping[str, Any]]) -> datetime | None:
    now = datetime.now(UTC)
    dates = (moment(row["resource"].get("updatedAt")) for row in rows)
    return max((date for date in dates if date is not None and date <= now), default=None)


def moment(text: object) -> datetime | None:
    """An ISO 8601 time; None for everything else."""
    if not isinstance(text, str):
        return None
    try:
        date = datetime.fromisoformat(text)
    except ValueError:
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)
