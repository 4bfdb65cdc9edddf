"""Logs of old nights are deleted, and nothing else."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from opendata_spiders.night.logs import folder, prune
from opendata_spiders.policy import policy

NOW = datetime(2026, 11, 24, 18, 15, tzinfo=UTC)
RULES = replace(policy(), log_days=60, log_mb=1)


def test_old_nights_go_and_everything_else_stays(tmp_path: Path) -> None:
    assert prune(tmp_path / "nowhere", NOW, RULES) == 0
    nights = {days: folder(tmp_path, NOW - timedelta(days=days)) for days in (0, 59, 61, 400)}
    others = [tmp_path / name for name in ("notes", "20200101T250000Z", "T-Z", "20200101T000000Zx")]
    for path in (*nights.values(), *others):
        path.mkdir()
        (path / "guiyang.log").write_text("x")
    (tmp_path / "20200101T000001Z").symlink_to(tmp_path / "notes")
    assert prune(tmp_path, NOW, RULES) == 2
    assert [days for days, path in nights.items() if path.exists()] == [0, 59]
    assert all((path / "guiyang.log").exists() for path in others)


def test_the_oldest_nights_go_when_all_take_too_much_room(tmp_path: Path) -> None:
    nights = [folder(tmp_path, NOW - timedelta(days=days)) for days in range(4)]
    for path in nights:
        path.mkdir()
        (path / "guiyang.log").write_bytes(bytes(400_000))
    assert prune(tmp_path, NOW, RULES) == 2
    assert [path.exists() for path in nights] == [True, True, False, False]
