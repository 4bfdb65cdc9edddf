"""Logs of old nights are deleted, and nothing else."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from opendata_spiders.night.logs import folder, prune

NOW = datetime(2026, 11, 24, 18, 15, tzinfo=UTC)


def test_old_nights_go_and_everything_else_stays(tmp_path: Path) -> None:
    assert prune(tmp_path / "nowhere", NOW, 60) == 0
    nights = {days: folder(tmp_path, NOW - timedelta(days=days)) for days in (0, 59, 61, 400)}
    others = [tmp_path / name for name in ("notes", "20200101T250000Z", "T-Z", "20200101T000000Zx")]
    for path in (*nights.values(), *others):
        path.mkdir()
        (path / "guiyang.log").write_text("x")
    (tmp_path / "20200101T000001Z").symlink_to(tmp_path / "notes")
    assert prune(tmp_path, NOW, 60) == 2
    assert [days for days, path in nights.items() if path.exists()] == [0, 59]
    assert all((path / "guiyang.log").exists() for path in others)
