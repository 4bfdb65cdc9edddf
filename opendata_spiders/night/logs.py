"""The logs of nights on disk: one folder a night, old ones deleted."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

_NAME = "%Y%m%dT%H%M%SZ"


def folder(logs: Path, now: datetime) -> Path:
    """Where the logs of the night that begins at `now` (real time) go."""
    return logs / f"{now.astimezone(UTC):{_NAME}}"


def prune(logs: Path, now: datetime, days: int) -> int:
    """Delete the folders of nights that began more than so many days ago; return how many. Others are left alone.

    A folder that cannot be deleted (another night deletes it just now, or the rights are missing) is left for later.
    """
    old = [path for path in _nights(logs) if _began(path) < now - timedelta(days=days)]
    for path in old:
        shutil.rmtree(path, ignore_errors=True)
    return sum(not path.exists() for path in old)


def _nights(logs: Path) -> list[Path]:
    return [path for path in logs.glob("*T*Z") if path.is_dir() and not path.is_symlink() and _is_night(path.name)]


def _is_night(name: str) -> bool:
    try:
        return bool(datetime.strptime(name, _NAME))  # noqa: DTZ007 -- only whether it is one
    except ValueError:
        return False


def _began(path: Path) -> datetime:
    return datetime.strptime(path.name, _NAME).replace(tzinfo=UTC)
