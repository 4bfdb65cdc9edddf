"""The logs of nights on disk: one folder a night, old ones deleted."""

import shutil
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from opendata_spiders.policy import CrawlPolicy

_NAME = "%Y%m%dT%H%M%SZ"


def folder(logs: Path, now: datetime) -> Path:
    """Where the logs of the night that begins at `now` (real time) go."""
    return logs / f"{now.astimezone(UTC):{_NAME}}"


def prune(logs: Path, now: datetime, rules: CrawlPolicy) -> int:
    """Delete the folders of nights that are too old, and the oldest if all take too much room; return how many.

    Other folders stay. One that cannot be deleted (another night does it, or rights are missing) is left for later.
    """
    oldest, room = now - timedelta(days=rules.log_days), rules.log_mb << 20
    nights = [path for path in logs.glob("*T*Z") if _began(path.name) and path.is_dir() and not path.is_symlink()]
    old = []
    for path in sorted(nights, reverse=True):
        room -= _size(path)
        if room < 0 or (_began(path.name) or now) < oldest:
            old.append(path)
    for path in old:
        shutil.rmtree(path, ignore_errors=True)
    return sum(not path.exists() for path in old)


def _size(folder: Path) -> int:
    """Bytes in the files of a folder; one that goes meanwhile counts nothing."""
    total = 0
    for path in folder.iterdir():
        with suppress(OSError):
            total += path.stat().st_size
    return total


def _began(name: str) -> datetime | None:
    """When the night of a folder began; None for a folder of something else."""
    try:
        return datetime.strptime(name, _NAME).replace(tzinfo=UTC)
    except ValueError:
        return None
