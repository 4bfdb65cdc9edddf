"""The logs of nights on disk: one folder a night, old ones deleted."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

_NAME = "%Y%m%dT%H%M%SZ"


def folder(logs: Path, now: datetime) -> Path:
    """Where the logs of the night that begins at `now` (real time) go."""
    return logs / f"{now.astimezone(UTC):{_NAME}}"


def prune(logs: Path, now: datetime, days: int) -> int:
    """Delete the folders of nights that began more than `days` days ago; return how many. Others stay.

    A folder that cannot be deleted (another night is deleting it, or rights are missing) is left for later.
    """
    oldest = now - timedelta(days=days)
    folders = [path for path in logs.glob("*T*Z") if path.is_dir() and not path.is_symlink()]
    old = [path for path in folders if (began := _began(path.name)) and began < oldest]
    for path in old:
        shutil.rmtree(path, ignore_errors=True)
    return sum(not path.exists() for path in old)


def _began(name: str) -> datetime | None:
    """When the night of a folder began; None for a folder of something else."""
    try:
        return datetime.strptime(name, _NAME).replace(tzinfo=UTC)
    except ValueError:
        return None
